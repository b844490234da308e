// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/crossbar/nodal.h"

#include <cmath>
#include <utility>

namespace sheaf::test {
namespace {

// Gaussian elimination with partial pivoting.
std::vector<double> solve(std::vector<std::vector<double>> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t pivot = i;
    for (std::size_t r = i + 1; r < n; ++r) {
      if (std::abs(a[r][i]) > std::abs(a[pivot][i])) pivot = r;
    }
    std::swap(a[i], a[pivot]);
    std::swap(b[i], b[pivot]);
    for (std::size_t r = i + 1; r < n; ++r) {
      const double factor = a[r][i] / a[i][i];
      if (factor == 0) continue;
      for (std::size_t c = i; c < n; ++c) a[r][c] -= factor * a[i][c];
      b[r] -= factor * b[i];
    }
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t c = i + 1; c < n; ++c) b[i] -= a[i][c] * b[c];
    b[i] /= a[i][i];
  }
  return b;
}

}  // namespace

NodalSolution solve_nodes(const std::vector<double>& conductance_s,
                          const std::vector<double>& row_v, double word_wire_ohm,
                          double bit_wire_ohm) {
  const std::size_t rows = row_v.size();
  const std::size_t columns = conductance_s.size() / rows;
  const std::size_t cells = rows * columns;
  std::vector<std::vector<double>> a(2 * cells, std::vector<double>(2 * cells));
  std::vector<double> b(2 * cells);
  const auto connect = [&](std::size_t x, std::size_t y, double s) {
    a[x][x] += s;
    a[y][y] += s;
    a[x][y] -= s;
    a[y][x] -= s;
  };
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t word = r * columns + c;
      const std::size_t bit = cells + word;
      connect(word, bit, conductance_s[word]);
      if (c == 0) {
        a[word][word] += 1 / word_wire_ohm;
        b[word] += row_v[r] / word_wire_ohm;
      } else {
        connect(word - 1, word, 1 / word_wire_ohm);
      }
      if (r + 1 == rows) {
        a[bit][bit] += 1 / bit_wire_ohm;
      } else {
        connect(bit, bit + columns, 1 / bit_wire_ohm);
      }
    }
  }
  const std::vector<double> v = solve(std::move(a), std::move(b));
  NodalSolution solution;
  for (std::size_t i = 0; i < cells; ++i) {
    solution.device_a.push_back(conductance_s[i] * (v[i] - v[cells + i]));
  }
  for (std::size_t c = 0; c < columns; ++c) {
    solution.column_a.push_back(v[2 * cells - columns + c] / bit_wire_ohm);
  }
  return solution;
}

}  // namespace sheaf::test
