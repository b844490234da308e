// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/report/table.h"

namespace sheaf::study {
namespace {

using Json = nlohmann::ordered_json;
using runtime::Cost;
using runtime::kCostColumns;
using runtime::kCostNames;
using runtime::Ledger;

using Key = std::pair<std::string, std::string>;  // name, component

bool share_a_component(const Ledger& a, const Ledger& b) {
  std::set<std::string> of_a;
  for (const runtime::LedgerRow& row : a.rows) of_a.insert(row.component);
  return std::any_of(b.rows.begin(), b.rows.end(),
                     [&](const auto& row) { return of_a.contains(row.component); });
}

std::map<Key, Cost> costs_of(const Ledger& ledger, bool by_component) {
  std::map<Key, Cost> costs;
  for (const runtime::LedgerRow& row : ledger.rows) {
    costs[{row.name, by_component ? row.component : std::string()}] += row.cost;
  }
  return costs;
}

// What only one of them knows says nothing.
bool known(double a, double b) { return !std::isnan(a) && !std::isnan(b); }

// The sum of a column over the rows that know it.
double known_total(const Ledger& ledger, std::size_t column) {
  double total = 0;
  for (const runtime::LedgerRow& row : ledger.rows) {
    const double value = runtime::column(row.cost, column);
    if (!std::isnan(value)) total += value;
  }
  return total;
}

std::string number(double value) {
  if (std::isnan(value)) return "unknown";
  return value != 0 && (value < 0.01 || value >= 1e9) ? fmt::format("{:.3e}", value)
                                                      : fmt::format("{:.6g}", value);
}

std::string factor(double a, double b) {
  if (!known(a, b) || (a == 0 && b == 0)) return "";
  return a == 0 ? "only B" : b == 0 ? "only A" : fmt::format("{:.3f}", b / a);
}

std::string network_of(const LedgerFile& file) {
  const auto model = file.recipe.find("model");
  if (model != file.recipe.end() && model->is_string()) return model->get<std::string>();
  return file.ledger.rows[0].name + ", ...";
}

void require_a_row_in_common(const LedgerFile& a, const LedgerFile& b) {
  std::set<std::string> of_a;
  for (const runtime::LedgerRow& row : a.ledger.rows) of_a.insert(row.name);
  const auto& rows = b.ledger.rows;
  if (of_a.empty() || rows.empty() || std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
        return of_a.contains(row.name);
      })) {
    return;
  }
  throw base::DataError({.place = "compare",
                         .what = "ledgers of different networks, which have no row in common",
                         .got = network_of(a) + " and " + network_of(b),
                         .expected = "two runs of one network"});
}

}  // namespace

Comparison compare(const LedgerFile& a, const LedgerFile& b) {
  require_a_row_in_common(a, b);
  Comparison result{.a = a.ledger.total(), .b = b.ledger.total(), .differences = {}, .recipe = {}};
  const bool by_component = share_a_component(a.ledger, b.ledger);
  const auto of_a = costs_of(a.ledger, by_component);
  const auto of_b = costs_of(b.ledger, by_component);
  std::set<Key> keys;
  for (const auto& [key, cost] : of_a) keys.insert(key);
  for (const auto& [key, cost] : of_b) keys.insert(key);
  for (const Key& key : keys) {
    const auto in_a = of_a.find(key);
    const auto in_b = of_b.find(key);
    for (std::size_t c = 0; c < kCostColumns; ++c) {
      const double from = in_a == of_a.end() ? 0 : runtime::column(in_a->second, c);
      const double to = in_b == of_b.end() ? 0 : runtime::column(in_b->second, c);
      if (!known(from, to) || from == to) continue;
      const double most = std::max(known_total(a.ledger, c), known_total(b.ledger, c));
      result.differences.push_back({.name = key.first,
                                    .component = key.second,
                                    .column = kCostNames[c],
                                    .a = from,
                                    .b = to,
                                    .share = std::abs(to - from) / most});
    }
  }
  std::stable_sort(result.differences.begin(), result.differences.end(),
                   [](const auto& x, const auto& y) { return x.share > y.share; });
  std::set<std::string> members;
  for (const auto* recipe : {&a.recipe, &b.recipe}) {
    for (const auto& [key, value] : recipe->items()) members.insert(key);
  }
  for (const std::string& key : members) {
    const auto text = [&key](const Json& recipe) {
      const auto found = recipe.find(key);
      return found == recipe.end() ? std::string("nothing") : found->dump();
    };
    const std::string in_a = text(a.recipe);
    const std::string in_b = text(b.recipe);
    if (in_a != in_b) result.recipe.push_back(fmt::format("{}: {}, {}", key, in_a, in_b));
  }
  return result;
}

std::string to_text(const Comparison& comparison, const LedgerFile& a, const LedgerFile& b,
                    std::size_t most) {
  std::string text = fmt::format("A: {}\nB: {}\n", a.ledger.target, b.ledger.target);
  for (const std::string& line : comparison.recipe) text += fmt::format("  {}\n", line);
  report::Table totals{.head = {"total", "A", "B", "B / A"}, .rows = {}};
  for (std::size_t c = 0; c < kCostColumns; ++c) {
    const double from = runtime::column(comparison.a, c);
    const double to = runtime::column(comparison.b, c);
    totals.rows.push_back({std::string(kCostNames[c]), number(from), number(to), factor(from, to)});
  }
  text += "\n" + totals.to_string();
  if (comparison.differences.empty()) return text + "\nNo cost differs.\n";
  report::Table table{.head = {"what", "component", "cost", "A", "B", "B / A", "% of total"},
                      .rows = {}};
  for (const CostDifference& one : comparison.differences) {
    if (table.rows.size() == most) break;
    table.rows.push_back({one.name, one.component.empty() ? "all" : one.component,
                          std::string(one.column), number(one.a), number(one.b),
                          factor(one.a, one.b), fmt::format("{:.1f}", 100 * one.share)});
  }
  const CostDifference& first = comparison.differences.front();
  return text + "\n" + table.to_string() +
         fmt::format("\nThey differ most in {} of {}{}: {} in A, {} in B.\n", first.column,
                     first.name, first.component.empty() ? "" : ", " + first.component,
                     number(first.a), number(first.b));
}

Json to_json(const Comparison& comparison, std::size_t most) {
  const auto value = [](double cost) { return std::isfinite(cost) ? Json(cost) : Json(nullptr); };
  Json json;
  for (std::size_t c = 0; c < kCostColumns; ++c) {
    json["totals"][std::string(kCostNames[c])] = {{"a", value(runtime::column(comparison.a, c))},
                                                  {"b", value(runtime::column(comparison.b, c))}};
  }
  json["recipe"] = comparison.recipe;
  json["differences"] = Json::array();
  for (const CostDifference& one : comparison.differences) {
    if (json["differences"].size() == most) break;
    json["differences"].push_back({{"name", one.name},
                                   {"component", one.component},
                                   {"cost", one.column},
                                   {"a", one.a},
                                   {"b", one.b},
                                   {"ratio", value(one.ratio())},
                                   {"share", one.share}});
  }
  return json;
}

}  // namespace sheaf::study
