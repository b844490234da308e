// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/explore_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sheaf/base/error.h"
#include "sheaf/report/table.h"
#include "sheaf/study/pareto.h"

namespace sheaf::study {
namespace {

std::string name_of(Figure figure) {
  return std::string(kFigureNames[static_cast<std::size_t>(figure)]);
}

// "energy (uJ)" of energy_uj.
std::string label_of(Figure figure) {
  const std::string name = name_of(figure);
  const auto last = name.rfind('_');
  static const std::map<std::string, std::string> kUnits = {
      {"_uj", "uJ"}, {"_us", "us"}, {"_mm2", "mm2"}, {"_w", "W"}};
  const auto unit = last == std::string::npos ? kUnits.end() : kUnits.find(name.substr(last));
  if (unit == kUnits.end() || name.starts_with("gops") || name.starts_with("edp")) return name;
  return name.substr(0, last) + ", " + unit->second;
}

std::size_t model_axis(const ExploreSpace& space) {
  for (std::size_t i = 0; i < space.axes.size(); ++i) {
    if (space.axes[i].key == "model" && !space.axes[i].of_chip) return i;
  }
  throw base::DataError({.place = "results", .what = "axes", .got = "none of models"});
}

// What tells designs apart: of every axis with more than one value, but models'.
std::string design_name(const ExploreSpace& space, std::uint64_t design) {
  const std::vector<std::string> values = space.values(design);
  std::string name = "design " + std::to_string(design);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (space.axes[i].values.size() > 1) name += ", " + space.axes[i].key + "=" + values[i];
  }
  return name;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

Front front_of(const Results& results, std::size_t axis, std::size_t model) {
  const ExploreSpace& space = results.space;
  std::vector<double> points;
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < results.designs.size(); ++i) {
    const DesignResult& result = results.designs[i];
    if (!result.reason.empty() || space.choices(result.design)[axis] != model) continue;
    indices.push_back(i);
    for (const Figure figure : space.objectives) {
      const double value = of(result.figures, figure);
      points.push_back(more_is_better(figure) ? -value : value);
    }
  }
  Front front{space.axes[axis].values[model], {}};
  for (const std::size_t i : pareto_front(points, space.objectives.size())) {
    front.members.push_back(indices[i]);
  }
  return front;
}

void set_reasons(Exploration& exploration) {
  std::map<std::string, std::uint64_t> counts;
  for (const DesignResult& result : exploration.results.designs) {
    if (result.reason.empty()) {
      ++exploration.possible;
    } else {
      ++counts[result.reason];
    }
  }
  exploration.reasons.assign(counts.begin(), counts.end());
  std::stable_sort(exploration.reasons.begin(), exploration.reasons.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
}

report::Table front_table(const Exploration& exploration, const Front& front, std::size_t most) {
  const ExploreSpace& space = exploration.results.space;
  std::vector<std::size_t> axes;
  for (std::size_t a = 0; a < space.axes.size(); ++a) {
    if (space.axes[a].values.size() > 1 && space.axes[a].key != "model") axes.push_back(a);
  }
  report::Table table;
  table.head.emplace_back("design");
  for (const std::size_t a : axes) table.head.push_back(space.axes[a].key);
  for (const Figure figure : space.objectives) table.head.push_back(name_of(figure));
  for (std::size_t i = 0; i < std::min(most, front.members.size()); ++i) {
    const DesignResult& result = exploration.results.designs[front.members[i]];
    const std::vector<std::string> values = space.values(result.design);
    std::vector<std::string>& row = table.rows.emplace_back();
    row.push_back(std::to_string(result.design));
    for (const std::size_t a : axes) row.push_back(values[a]);
    for (const Figure figure : space.objectives) {
      row.push_back(fmt::format("{:.4g}", of(result.figures, figure)));
    }
  }
  return table;
}

// Designs whose converters saturate look cheap.
std::string missing_bits_text(const Exploration& exploration, const Front& front) {
  const auto& objectives = exploration.results.space.objectives;
  if (std::find(objectives.begin(), objectives.end(), Figure::missing_bits) != objectives.end()) {
    return "";
  }
  const auto lacking =
      std::count_if(front.members.begin(), front.members.end(), [&](std::size_t i) {
        return of(exploration.results.designs[i].figures, Figure::missing_bits) > 0;
      });
  if (lacking == 0) return "";
  return fmt::format(
      "converters of {} of them are too coarse for their columns (objective missing_bits)\n",
      lacking);
}

}  // namespace

Exploration explored(Results results) {
  Exploration exploration{std::move(results), 0, {}, {}};
  set_reasons(exploration);
  const std::size_t axis = model_axis(exploration.results.space);
  for (std::size_t m = 0; m < exploration.results.space.axes[axis].values.size(); ++m) {
    exploration.fronts.push_back(front_of(exploration.results, axis, m));
  }
  return exploration;
}

std::string exploration_text(const Exploration& exploration, std::size_t most) {
  constexpr std::size_t kMostReasons = 8;
  const ExploreSpace& space = exploration.results.space;
  const std::uint64_t done = exploration.results.designs.size();
  std::string text = fmt::format("{} of {} designs, {} of them possible\n", done, space.designs(),
                                 exploration.possible);
  for (std::size_t i = 0; i < std::min(kMostReasons, exploration.reasons.size()); ++i) {
    text +=
        fmt::format("  {:>8}  {}\n", exploration.reasons[i].second, exploration.reasons[i].first);
  }
  if (exploration.reasons.size() > kMostReasons) {
    text += fmt::format("  and {} other reasons\n", exploration.reasons.size() - kMostReasons);
  }
  for (const Front& front : exploration.fronts) {
    text +=
        fmt::format("\n{}: {} designs that no other beats in", front.model, front.members.size());
    for (const Figure figure : space.objectives) {
      text += (figure == space.objectives.front() ? " " : ", ") + name_of(figure);
    }
    text += "\n" + front_table(exploration, front, most).to_string();
    if (front.members.size() > most) {
      text += fmt::format("and {} more\n", front.members.size() - most);
    }
    text += missing_bits_text(exploration, front);
  }
  return text;
}

nlohmann::ordered_json exploration_json(const Exploration& exploration) {
  const ExploreSpace& space = exploration.results.space;
  nlohmann::ordered_json json;
  json["name"] = space.name;
  json["digest"] = exploration.results.digest;
  json["designs"] = space.designs();
  json["done"] = exploration.results.designs.size();
  json["possible"] = exploration.possible;
  json["reasons"] = nlohmann::ordered_json::array();
  for (const auto& [reason, count] : exploration.reasons) {
    json["reasons"].push_back({{"reason", reason}, {"designs", count}});
  }
  for (const Figure figure : space.objectives) json["objectives"].push_back(name_of(figure));
  for (const Front& front : exploration.fronts) {
    nlohmann::ordered_json members = nlohmann::ordered_json::array();
    for (const std::size_t i : front.members) {
      members.push_back(result_json(space, exploration.results.designs[i]));
    }
    json["fronts"].push_back({{"model", front.model}, {"designs", members}});
  }
  return json;
}

std::string front_csv(const Exploration& exploration) {
  const ExploreSpace& space = exploration.results.space;
  std::string text = "design";
  for (const Axis& axis : space.axes) text += "," + csv_cell(axis.key);
  for (const std::string_view figure : kFigureNames) text += "," + std::string(figure);
  text += "\n";
  for (const Front& front : exploration.fronts) {
    for (const std::size_t i : front.members) {
      const DesignResult& result = exploration.results.designs[i];
      text += std::to_string(result.design);
      for (const std::string& value : space.values(result.design)) text += "," + csv_cell(value);
      for (const double figure : result.figures) {
        text += std::isnan(figure) ? "," : fmt::format(",{}", figure);
      }
      text += "\n";
    }
  }
  return text;
}

report::ScatterChart front_chart(const Exploration& exploration) {
  const ExploreSpace& space = exploration.results.space;
  if (space.objectives.size() < 2) {
    throw base::UsageError({.place = "--plot",
                            .what = "objectives",
                            .got = "one",
                            .expected = "two or more",
                            .hint = "name them in the space's file or with --objectives"});
  }
  const Figure x = space.objectives[0];
  const Figure y = space.objectives[1];
  report::ScatterChart chart;
  chart.title = space.name.empty() ? "Designs" : space.name;
  chart.note = fmt::format("{} designs, {} of them possible; large points: not beaten in",
                           exploration.results.designs.size(), exploration.possible);
  for (const Figure figure : space.objectives) {
    chart.note += (figure == x ? " " : ", ") + name_of(figure);
  }
  chart.x_label = label_of(x);
  chart.y_label = label_of(y);
  const std::size_t axis = model_axis(space);
  for (const Front& front : exploration.fronts) chart.series.push_back({front.model, {}, false});
  std::vector<bool> marked(exploration.results.designs.size());
  const auto add = [&](std::size_t i, std::size_t series) {
    const DesignResult& result = exploration.results.designs[i];
    chart.series[series].points.push_back({design_name(space, result.design), of(result.figures, x),
                                           of(result.figures, y), marked[i]});
  };
  for (std::size_t f = 0; f < exploration.fronts.size(); ++f) {
    chart.series[f].joined = space.objectives.size() == 2;
    for (const std::size_t i : exploration.fronts[f].members) {
      marked[i] = true;
      add(i, f);
    }
  }
  for (std::size_t i = 0; i < marked.size(); ++i) {
    const DesignResult& result = exploration.results.designs[i];
    if (!marked[i] && result.reason.empty()) add(i, space.choices(result.design)[axis]);
  }
  return chart;
}

}  // namespace sheaf::study
