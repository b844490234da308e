// SPDX-License-Identifier: Apache-2.0
//
// Draws a bar chart: reads {"title", "y_label", "series": [...], "groups": {name: [value or null]}}
// from standard input, writes SVG to standard output.
#include <iostream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "sheaf/report/bar_chart.h"

int main() {
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  try {
    const auto json = nlohmann::ordered_json::parse(text);
    sheaf::report::BarChart chart{.title = json.at("title"),
                                  .y_label = json.at("y_label"),
                                  .series = json.at("series"),
                                  .groups = {}};
    for (const auto& [name, values] : json.at("groups").items()) {
      chart.groups.push_back({name, {}});
      for (const auto& value : values) {
        chart.groups.back().values.push_back(
            value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>());
      }
    }
    std::cout << chart.to_svg();
  } catch (const std::exception& error) {
    std::cerr << "sheaf_chart: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
