// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/placement/assignment.h"

#include <limits>
#include <vector>

namespace sheaf::sim::placement {

double least_assignment(std::span<const double> costs, std::uint32_t size) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  // Column `size` is that from which a path starts.
  std::vector<double> row_price(size);
  std::vector<double> column_price(size + 1);
  std::vector<std::uint32_t> row_of(size + 1, size);
  std::vector<std::uint32_t> before(size + 1);
  std::vector<double> slack;
  std::vector<bool> reached;
  for (std::uint32_t row = 0; row < size; ++row) {
    std::uint32_t column = size;
    row_of[column] = row;
    slack.assign(size, kInfinite);
    reached.assign(size + 1, false);
    while (row_of[column] != size) {
      reached[column] = true;
      const std::uint32_t at = row_of[column];
      double least = kInfinite;
      std::uint32_t next = size;
      for (std::uint32_t j = 0; j < size; ++j) {
        if (reached[j]) continue;
        const double reduced = costs[std::size_t{at} * size + j] - row_price[at] - column_price[j];
        if (reduced < slack[j]) {
          slack[j] = reduced;
          before[j] = column;
        }
        if (slack[j] < least) {
          least = slack[j];
          next = j;
        }
      }
      for (std::uint32_t j = 0; j <= size; ++j) {
        if (reached[j]) {
          row_price[row_of[j]] += least;
          column_price[j] -= least;
        } else if (j < size) {
          slack[j] -= least;
        }
      }
      column = next;
    }
    while (column != size) {
      row_of[column] = row_of[before[column]];
      column = before[column];
    }
    row_of[size] = size;
  }
  double sum = 0;
  for (std::uint32_t j = 0; j < size; ++j) sum += costs[std::size_t{row_of[j]} * size + j];
  return sum;
}

}  // namespace sheaf::sim::placement
