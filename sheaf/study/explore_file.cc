// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/explore_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "sheaf/base/error.h"
#include "sheaf/base/json.h"
#include "sheaf/io/file.h"

namespace sheaf::study {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "sheaf-explore-1";

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

[[noreturn]] void refuse(const std::string& place, const std::string& got,
                         const std::string& expected, const std::string& hint = {}) {
  throw base::DataError(
      {.place = place, .what = "results", .got = got, .expected = expected, .hint = hint});
}

bool is_text_list(const nlohmann::json& json) {
  return json.is_array() && !json.empty() &&
         std::all_of(json.begin(), json.end(), [](const auto& item) { return item.is_string(); });
}

Axis axis_of(const nlohmann::json& json, const std::string& place) {
  const bool good = json.is_object() && json.contains("key") && json["key"].is_string() &&
                    json.contains("of_chip") && json["of_chip"].is_boolean() &&
                    json.contains("values") && is_text_list(json["values"]);
  if (!good) refuse(place, "an axis that is none", "key, of_chip and values");
  return {json["key"], place, json["of_chip"], json["values"]};
}

void read_header(std::string_view line, const std::string& place, Results& results) {
  const auto [json, problem] = base::parse_json(line);
  const auto text = [&, &json = json](const char* key) {
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
  };
  if (!problem.empty() || !json.is_object() || text("format") != kFormat) {
    refuse(place, "another file", "results of sheaf explore (" + std::string(kFormat) + ")");
  }
  results.space.name = text("name");
  results.digest = text("digest");
  if (!json.contains("axes") || !json["axes"].is_array()) refuse(place, "no axes", "a list");
  double designs = 1;
  for (const auto& axis : json["axes"]) {
    results.space.axes.push_back(axis_of(axis, place));
    designs *= static_cast<double>(results.space.axes.back().values.size());
  }
  if (designs > 1e12) refuse(place, "more than 10^12 designs", "fewer");
  if (!json.contains("objectives") || !is_text_list(json["objectives"])) {
    refuse(place, "no objectives", "a list of figures");
  }
  for (const std::string name : json["objectives"]) {
    results.space.objectives.push_back(figure_of(name, place));
  }
}

// A figure of a line: a number that is not negative, or null where it is not known.
double figure_in(const nlohmann::json& json, std::string_view name, const std::string& place) {
  const auto found = json.find(name);
  if (found != json.end() && found->is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (found != json.end() && found->is_number() && found->get<double>() >= 0) return *found;
  refuse(place, std::string(name) + " " + (found == json.end() ? "missing" : found->dump()),
         "a number from 0, or null");
}

DesignResult result_of(std::string_view line, const std::string& place, const ExploreSpace& space) {
  const std::uint64_t designs = space.designs();
  const auto [json, problem] = base::parse_json(line);
  if (!problem.empty()) refuse(place, problem, "a line of JSON");
  const bool numbered =
      json.is_object() && json.contains("design") && json["design"].is_number_unsigned();
  if (!numbered || json["design"].get<std::uint64_t>() >= designs) {
    refuse(place, "no design", "a number below " + std::to_string(designs));
  }
  DesignResult result;
  result.design = json["design"];
  if (!json.contains("values") || json["values"] != nlohmann::json(space.values(result.design))) {
    refuse(place, "values of another design than " + std::to_string(result.design),
           nlohmann::json(space.values(result.design)).dump());
  }
  if (json.contains("reason") && json["reason"].is_string()) {
    result.reason = json["reason"];
    return result;
  }
  for (std::size_t i = 0; i < kFigures; ++i) {
    result.figures[i] = figure_in(json, kFigureNames[i], place);
  }
  return result;
}

bool same(const DesignResult& a, const DesignResult& b) {
  const auto equal = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  return a.reason == b.reason &&
         std::equal(a.figures.begin(), a.figures.end(), b.figures.begin(), equal);
}

// Sorts; equal results of one design become one.
void join(std::vector<DesignResult>& designs, const std::string& place) {
  const auto before = [](const DesignResult& a, const DesignResult& b) {
    return a.design < b.design;
  };
  std::stable_sort(designs.begin(), designs.end(), before);
  const auto last = std::unique(
      designs.begin(), designs.end(), [&](const DesignResult& a, const DesignResult& b) {
        if (a.design != b.design) return false;
        if (same(a, b)) return true;
        refuse(place, "two results of design " + std::to_string(a.design), "one");
      });
  designs.erase(last, designs.end());
}

}  // namespace

std::string header_line(const ExploreSpace& space, const std::string& digest) {
  Json json;
  json["format"] = kFormat;
  json["name"] = space.name;
  json["digest"] = digest;
  json["designs"] = space.designs();
  for (const Axis& axis : space.axes) {
    json["axes"].push_back({{"key", axis.key}, {"of_chip", axis.of_chip}, {"values", axis.values}});
  }
  for (const Figure figure : space.objectives) {
    json["objectives"].push_back(kFigureNames[static_cast<std::size_t>(figure)]);
  }
  return dumped(json);
}

Json result_json(const ExploreSpace& space, const DesignResult& result) {
  Json json;
  json["design"] = result.design;
  json["values"] = space.values(result.design);
  if (!result.reason.empty()) {
    json["reason"] = result.reason;
  } else {
    // What is not known becomes null.
    for (std::size_t i = 0; i < kFigures; ++i) {
      json[std::string(kFigureNames[i])] = result.figures[i];
    }
  }
  return json;
}

std::string result_line(const ExploreSpace& space, const DesignResult& result) {
  return dumped(result_json(space, result));
}

Results parse_results(std::string_view text, const std::string& file) {
  Results results;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) break;
    const std::string place = file + ":" + std::to_string(++number);
    if (number == 1) {
      read_header(text.substr(0, end), place, results);
    } else {
      results.designs.push_back(result_of(text.substr(0, end), place, results.space));
    }
    results.whole_bytes += end + 1;
    text.remove_prefix(end + 1);
  }
  if (number == 0) refuse(file, "an empty file", "results of sheaf explore");
  join(results.designs, file);
  return results;
}

Results merge_results(std::span<const std::string> files) {
  Results all;
  for (const std::string& file : files) {
    Results one = parse_results(io::read_file(file), file);
    if (all.digest.empty()) {
      all = std::move(one);
      continue;
    }
    if (one.digest != all.digest) {
      refuse(file, "another space than that of " + files[0], "parts of the same");
    }
    all.designs.insert(all.designs.end(), one.designs.begin(), one.designs.end());
  }
  join(all.designs, files.size() == 1 ? files[0] : files[0] + " and others");
  return all;
}

ResultsFile::ResultsFile(std::string path, const Explorer& explorer)
    : path_(std::move(path)), space_(explorer.space()) {
  const bool there = std::filesystem::exists(path_);
  const std::string text = there ? io::read_file(path_) : "";
  // Stopped before its first line was complete, or never begun.
  const bool begun = text.find('\n') != std::string::npos;
  if (begun) {
    Results results = parse_results(text, path_);
    if (results.digest != explorer.digest()) {
      refuse(path_, "those of another space, chip or model", "those of this one",
             "name another file with --out, or remove it");
    }
    before_ = std::move(results.designs);
    std::filesystem::resize_file(path_, results.whole_bytes);
  } else if (!text.empty() && !std::string_view(text).starts_with("{\"format\":\"sheaf-explore")) {
    refuse(path_, "another file", "results of sheaf explore");
  }
  out_.open(path_, std::ios::binary | (begun ? std::ios::app : std::ios::trunc));
  if (!begun) out_ << header_line(space_, explorer.digest());
  if (!out_.flush()) throw base::IoError({.place = path_, .what = "cannot write"});
}

void ResultsFile::append(std::span<const DesignResult> results) {
  std::string lines;
  for (const DesignResult& result : results) lines += result_line(space_, result);
  out_ << lines;
  if (!out_.flush()) throw base::IoError({.place = path_, .what = "cannot write"});
}

}  // namespace sheaf::study
