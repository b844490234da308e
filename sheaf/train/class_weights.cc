// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/class_weights.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::train {
namespace {

constexpr std::string_view kBlanks = " \t\r";

[[noreturn]] void refuse(const std::string& place, const char* what, std::string got,
                         const char* expected, std::string hint = {}) {
  throw base::DataError({place, what, std::move(got), expected, std::move(hint)});
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

// The last word of a line is the number.
std::pair<std::string_view, float> parse_line(std::string_view line, const std::string& place) {
  constexpr const char* kExpected = "a label, a blank and a number that is not negative";
  const std::size_t blank = line.find_last_of(kBlanks);
  if (blank == std::string_view::npos) refuse(place, "weight of a class", quoted(line), kExpected);
  const std::string_view number = line.substr(blank + 1);
  float weight = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), weight);
  const bool whole = error == std::errc() && end == number.data() + number.size();
  if (!whole || !std::isfinite(weight) || weight < 0) {
    refuse(place, "weight of a class", quoted(line), kExpected);
  }
  return {line.substr(0, line.find_last_not_of(kBlanks, blank) + 1), weight};
}

}  // namespace

std::vector<float> parse_class_weights(std::string_view text, const std::string& path,
                                       const nn::Vocabulary& labels) {
  std::map<std::string_view, std::uint32_t> rows;
  for (std::uint32_t row = 0; row < labels.size(); ++row) rows.emplace(labels[row], row);
  std::vector<std::optional<float>> weights(labels.size());
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find_last_not_of(kBlanks) + 1);
    if (line.empty()) continue;
    const std::string place = path + ":" + std::to_string(number);
    const auto [label, weight] = parse_line(line, place);
    const auto it = rows.find(label);
    if (it == rows.end()) {
      refuse(place, "class", quoted(label), "a label of the training data",
             base::suggest(label, labels));
    }
    if (weights[it->second]) refuse(place, "class", quoted(label) + " again", "each once");
    weights[it->second] = weight;
  }
  std::vector<float> values;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    if (!weights[row]) refuse(path, "weight of a class", "none", quoted(labels[row]).c_str());
    values.push_back(*weights[row]);
  }
  return values;
}

std::vector<float> balanced_weights(const nn::Model& model, std::span<const nn::Instance> instances,
                                    std::uint32_t classes) {
  std::vector<std::uint64_t> counts(classes);
  std::uint64_t all = 0;
  std::vector<std::uint32_t> gold;
  for (const nn::Instance& instance : instances) {
    gold.clear();
    model.targets(instance, gold);
    for (const std::uint32_t label : gold) {
      if (label == nn::kNoLabel) continue;
      base::check(label < classes, "class weights", "a gold label is beyond the classes");
      ++counts[label];
      ++all;
    }
  }
  const auto present = classes - std::count(counts.begin(), counts.end(), 0U);
  std::vector<float> weights;
  for (const std::uint64_t count : counts) {
    const double among = static_cast<double>(present) * static_cast<double>(count);
    weights.push_back(count == 0 ? 0 : static_cast<float>(static_cast<double>(all) / among));
  }
  return weights;
}

}  // namespace sheaf::train
