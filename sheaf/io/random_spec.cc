// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/random_spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::io {
namespace {

constexpr std::uint32_t kMostSize = 1U << 20U;

struct Key {
  const char* name;
  const char* value;  // default
};

struct Kind {
  const char* name;
  std::vector<Key> keys;
};

// The sizes are those of the benchmark data (docs/models.md).
const std::array<Kind, 6>& kinds() {
  static const std::array<Kind, 6> kKinds = {
      {{"trees", {{"vocabulary", "1000"}, {"leaves", "19"}, {"shape", "random"}}},
       {"lattices",
        {{"vocabulary", "1000"}, {"positions", "44"}, {"words", "0.54"}, {"span", "2-4"}}},
       {"sentences",
        {{"vocabulary", "1000"},
         {"length", "23"},
         {"tags", "9"},
         {"spelt", "0"},
         {"characters", "60"}}},
       {"pairs", {{"vocabulary", "1000"}, {"target", "256"}, {"length", "12"}}},
       {"dependencies",
        {{"vocabulary", "1000"}, {"length", "12"}, {"relations", "40"}, {"shape", "random"}}},
       {"dags", {{"vocabulary", "20"}, {"nodes", "30"}, {"degree", "2"}, {"window", "10"}}}}};
  return kKinds;
}

constexpr std::array<Key, 2> kCommonKeys = {{{"n", "256"}, {"seed", "1"}}};

[[noreturn]] void refuse(std::string what, std::string got, std::string expected,
                         std::string hint = {}) {
  throw base::UsageError(
      {"--data", std::move(what), std::move(got), std::move(expected), std::move(hint)});
}

const Kind& find_kind(const std::string& name) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) {
    if (name == kind.name) return kind;
    names.emplace_back(kind.name);
  }
  refuse("unknown kind of random data", "'" + name + "'", "", base::suggest(name, names));
}

// The whole of `text` as a number.
template <typename T>
bool parse(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

RandomSpec::RandomSpec(std::string_view text) {
  kind_ = text.substr(0, text.find(','));
  text.remove_prefix(kind_.size());
  std::vector<std::string> names;
  const auto add = [&](const Key& key) {
    names.emplace_back(key.name);
    values_[key.name] = key.value;
  };
  std::for_each(kCommonKeys.begin(), kCommonKeys.end(), add);
  const Kind& kind = find_kind(kind_);
  std::for_each(kind.keys.begin(), kind.keys.end(), add);
  std::set<std::string> given;
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(item.size());
    const std::size_t equals = item.find('=');
    const std::string key(item.substr(0, equals));
    if (std::find(names.begin(), names.end(), key) == names.end()) {
      refuse("unknown key of random " + kind_, "'" + key + "'", "", base::suggest(key, names));
    }
    if (equals == std::string_view::npos) refuse(key, "no value", key + "=VALUE");
    if (!given.insert(key).second) refuse(key, "two values", "one");
    values_[key] = item.substr(equals + 1);
  }
}

std::uint64_t RandomSpec::seed() const {
  const std::string& text = values_.at("seed");
  std::uint64_t seed = 0;
  if (!parse(text, seed)) refuse("seed", "'" + text + "'", "an integer from 0 on");
  return seed;
}

std::uint32_t RandomSpec::count(const std::string& key) const {
  const std::string& text = values_.at(key);
  std::uint32_t count = 0;
  if (!parse(text, count) || count == 0 || count > kMostSize) {
    refuse(key, "'" + text + "'", "1 to " + std::to_string(kMostSize));
  }
  return count;
}

SizeRange RandomSpec::range(const std::string& key, std::uint32_t least) const {
  const std::string& text = values_.at(key);
  const std::size_t dash = text.find('-');
  SizeRange range;
  bool fits = parse(std::string_view(text).substr(0, dash), range.least);
  if (dash != std::string::npos) {
    fits = fits && parse(std::string_view(text).substr(dash + 1), range.most) &&
           range.least >= least && range.least <= range.most && range.most <= kMostSize;
  } else {
    fits = fits && range.least > 0 && range.least <= kMostSize / 2;
    if (fits) range = {1, 2 * range.least - 1};
  }
  if (!fits) {
    refuse(key, "'" + text + "'",
           "a mean, or MIN-MAX from " + std::to_string(least) + " to " + std::to_string(kMostSize));
  }
  return range;
}

double RandomSpec::share(const std::string& key) const {
  const std::string& text = values_.at(key);
  double share = 0;
  if (!parse(text, share) || !(share >= 0 && share <= 1)) {
    refuse(key, "'" + text + "'", "a share, 0 to 1");
  }
  return share;
}

std::string RandomSpec::choice(const std::string& key, std::span<const std::string> names) const {
  const std::string& text = values_.at(key);
  if (std::find(names.begin(), names.end(), text) == names.end()) {
    refuse("unknown " + key + " of random " + kind_, "'" + text + "'", "",
           base::suggest(text, names));
  }
  return text;
}

std::string random_data_help() {
  std::string text;
  for (const Kind& kind : kinds()) {
    text += std::string("random:") + kind.name;
    for (const Key& key : kCommonKeys) text += std::string(",") + key.name + "=" + key.value;
    for (const Key& key : kind.keys) text += std::string(",") + key.name + "=" + key.value;
    text += "\n";
  }
  return text;
}

}  // namespace sheaf::io
