// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/cost_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sheaf/base/error.h"

namespace sheaf::batching {
namespace {

// A smaller batch must be this much cheaper per row before a larger one is cut: what is measured
// differs by as much from one time to the next.
constexpr double kClearlyCheaper = 0.95;

constexpr graph::TypeId kNoType = std::numeric_limits<graph::TypeId>::max();

}  // namespace

double CostCurve::row_ns() const {
  const std::size_t n = rows.size();
  if (n == 1) return ns[0];
  return std::max(0.0, (ns[n - 1] - ns[n - 2]) / (rows[n - 1] - rows[n - 2]));
}

double CostCurve::at(std::uint32_t n) const {
  const auto above = std::lower_bound(rows.begin(), rows.end(), n);
  if (above == rows.end()) return ns.back() + row_ns() * (n - rows.back());
  const auto i = static_cast<std::size_t>(above - rows.begin());
  if (*above == n) return ns[i];
  const double share = static_cast<double>(n - rows[i - 1]) / (rows[i] - rows[i - 1]);
  return ns[i - 1] + share * (ns[i] - ns[i - 1]);
}

std::uint32_t CostTable::best_rows(graph::TypeId type) const {
  const CostCurve& curve = types[type].batch;
  const auto per_row = [&](std::size_t i) { return (curve.ns[i] + batch_ns) / curve.rows[i]; };
  std::size_t best = curve.rows.size() - 1;
  const double largest = per_row(best);
  for (std::size_t i = best; i-- > 0;) {
    if (per_row(i) < per_row(best) && per_row(i) < kClearlyCheaper * largest) best = i;
  }
  return best + 1 == curve.rows.size() ? std::numeric_limits<std::uint32_t>::max()
                                       : curve.rows[best];
}

double CostTable::ns(std::span<const Batch> batches) const {
  double sum = 0;
  graph::TypeId before = kNoType;
  for (const Batch& batch : batches) {
    sum += ns(batch.type, batch.size(), before);
    before = batch.type;
  }
  return sum;
}

void CostTable::verify() const {
  const auto holds = [](bool condition, const char* what) {
    base::check(condition, "cost table", what);
  };
  const auto is_time = [](double ns) { return std::isfinite(ns) && ns >= 0; };
  holds(is_time(batch_ns) && is_time(greedy_node_ns), "a time is negative or not finite");
  for (const TypeCost& cost : types) {
    const CostCurve& curve = cost.batch;
    holds(!curve.rows.empty() && curve.rows.size() == curve.ns.size() && curve.rows[0] == 1,
          "a curve does not begin at 1 row");
    holds(std::adjacent_find(curve.rows.begin(), curve.rows.end(), std::greater_equal<>()) ==
              curve.rows.end(),
          "the rows of a curve do not grow");
    holds(std::all_of(curve.ns.begin(), curve.ns.end(), is_time) && is_time(cost.switch_ns),
          "a time is negative or not finite");
  }
}

}  // namespace sheaf::batching
