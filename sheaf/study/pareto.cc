// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/pareto.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sheaf::study {
namespace {

using Point = std::span<const double>;

bool known(Point point) {
  return std::none_of(point.begin(), point.end(), [](double x) { return std::isnan(x); });
}

// Of two that differ.
bool nowhere_worse(Point a, Point b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) { return x <= y; });
}

}  // namespace

std::vector<std::size_t> pareto_front(std::span<const double> points, std::size_t width) {
  if (width == 0) return {};
  const auto point = [&](std::size_t i) { return points.subspan(i * width, width); };
  std::vector<std::size_t> order(points.size() / width);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t i) { return !known(point(i)); });
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::lexicographical_compare(point(a).begin(), point(a).end(), point(b).begin(),
                                        point(b).end());
  });
  // Whoever is better than a point comes before it, and so does one on the front that is.
  std::vector<std::size_t> front;
  for (const std::size_t i : order) {
    const bool beaten = std::any_of(front.begin(), front.end(), [&](std::size_t f) {
      return nowhere_worse(point(f), point(i)) &&
             !std::equal(point(f).begin(), point(f).end(), point(i).begin());
    });
    if (!beaten) front.push_back(i);
  }
  return front;
}

}  // namespace sheaf::study
