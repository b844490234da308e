// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/crossbar/wires.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "sheaf/base/error.h"

namespace sheaf::sim::crossbar {
namespace {

constexpr std::size_t kLanes = 8;  // right-hand sides at a time
constexpr std::uint32_t kMostIterations = 10000;

void require_number(const char* name, double value) {
  if (std::isfinite(value) && value >= 0) return;
  throw base::UsageError({.place = name,
                          .what = "out of range",
                          .got = std::to_string(value),
                          .expected = "a finite number, 0 or more"});
}

void check_grid(const WireGrid& grid) {
  const std::size_t cells = std::size_t{grid.rows} * grid.columns;
  if (cells == 0 || grid.conductance_s.size() != cells) {
    throw base::UsageError({.place = "conductance_s",
                            .what = "wrong number of values",
                            .got = std::to_string(grid.conductance_s.size()),
                            .expected = std::to_string(cells) + ", above 0"});
  }
  require_number("word_wire_ohm", grid.word_wire_ohm);
  require_number("bit_wire_ohm", grid.bit_wire_ohm);
  for (const double g : grid.conductance_s) require_number("conductance_s", g);
}

// Solves for `Lanes` vectors of voltages at a time; the arithmetic of one does not depend on its
// neighbours. Fields are [row][column][lane].
template <std::size_t Lanes>
class Solver {
 public:
  using Field = std::vector<double>;
  using PerLane = std::array<double, Lanes>;

  explicit Solver(const WireGrid& grid)
      : n_(grid.columns),
        g_(grid.conductance_s),
        word_s_(grid.word_wire_ohm > 0 ? 1 / grid.word_wire_ohm : 0),
        bit_s_(grid.bit_wire_ohm > 0 ? 1 / grid.bit_wire_ohm : 0),
        word_inverse_(g_.size()),
        bit_inverse_(g_.size()) {
    for (std::size_t i = 0; i < g_.size(); ++i) {
      const std::size_t r = i / n_;
      const std::size_t c = i % n_;
      const double word_before = c > 0 ? word_s_ * word_s_ * word_inverse_[i - 1] : 0;
      const double bit_before = r > 0 ? bit_s_ * bit_s_ * bit_inverse_[i - n_] : 0;
      if (word_s_ > 0) word_inverse_[i] = 1 / (word_diagonal(i) - word_before);
      if (bit_s_ > 0) bit_inverse_[i] = 1 / (bit_diagonal(i) - bit_before);
    }
  }

  // Rows' voltages [row][lane] -> voltages of all nodes; returns the iterations.
  std::uint32_t solve(std::span<const double> row_v, Field& word, Field& bit) const {
    word.assign(g_.size() * Lanes, 0);
    bit.assign(g_.size() * Lanes, 0);
    std::uint32_t iterations = 0;
    if (bit_s_ > 0) iterations = solve_bits(row_v, bit);
    words_for(row_v, bit, word);
    return iterations;
  }

  // Currents into 0 V, [column][lane].
  void currents(const Field& word, const Field& bit, std::span<double> out) const {
    std::fill(out.begin(), out.end(), 0);
    for (std::size_t i = 0; i < g_.size(); ++i) {
      for (std::size_t k = 0; k < Lanes; ++k) {
        out[i % n_ * Lanes + k] += g_[i] * (word[i * Lanes + k] - bit[i * Lanes + k]);
      }
    }
  }

 private:
  // Of a node: the pieces of wire that meet there, and its cell. A word line is open at its right
  // end, a bit line at its top.
  [[nodiscard]] double word_diagonal(std::size_t i) const {
    return word_s_ * (i % n_ + 1 < n_ ? 2 : 1) + g_[i];
  }
  [[nodiscard]] double bit_diagonal(std::size_t i) const {
    return bit_s_ * (i >= n_ ? 2 : 1) + g_[i];
  }

  // x := T^-1 x for every line, T tridiagonal with `wire_s` off its diagonal; `stride` from cell to
  // cell of a line, `before` says whether a cell has one before it.
  template <typename Before>
  void solve_lines(const Field& inverse, double wire_s, std::size_t stride, Before before,
                   Field& x) const {
    for (std::size_t i = 0; i < g_.size(); ++i) {
      const double carried = before(i) ? wire_s : 0;
      const double* from = &x[(before(i) ? i - stride : i) * Lanes];
      for (std::size_t k = 0; k < Lanes; ++k) {
        x[i * Lanes + k] = (x[i * Lanes + k] + carried * from[k]) * inverse[i];
      }
    }
    for (std::size_t i = g_.size(); i-- > stride;) {
      if (!before(i)) continue;
      const double factor = wire_s * inverse[i - stride];
      for (std::size_t k = 0; k < Lanes; ++k) {
        x[(i - stride) * Lanes + k] += factor * x[i * Lanes + k];
      }
    }
  }
  void solve_word_lines(Field& x) const {
    solve_lines(
        word_inverse_, word_s_, 1, [this](std::size_t i) { return i % n_ > 0; }, x);
  }
  void solve_bit_lines(Field& x) const {
    solve_lines(
        bit_inverse_, bit_s_, n_, [this](std::size_t i) { return i >= n_; }, x);
  }

  // Voltages of the word lines, given those of the bit lines.
  void words_for(std::span<const double> row_v, const Field& bit, Field& word) const {
    for (std::size_t i = 0; i < g_.size(); ++i) {
      for (std::size_t k = 0; k < Lanes; ++k) {
        const double v = row_v[i / n_ * Lanes + k];
        const double driven = i % n_ == 0 ? word_s_ * v : 0;
        word[i * Lanes + k] = word_s_ > 0 ? driven + g_[i] * bit[i * Lanes + k] : v;
      }
    }
    if (word_s_ > 0) solve_word_lines(word);
  }

  // out := (A_bit - D A_word^-1 D) x, D the cells; `scratch` is overwritten.
  void apply(const Field& x, Field& out, Field& scratch) const {
    if (word_s_ > 0) {
      for (std::size_t i = 0; i < x.size(); ++i) scratch[i] = g_[i / Lanes] * x[i];
      solve_word_lines(scratch);
    } else {
      std::fill(scratch.begin(), scratch.end(), 0);
    }
    for (std::size_t i = 0; i < g_.size(); ++i) {
      const double diagonal = bit_diagonal(i);
      const double up_s = i >= n_ ? bit_s_ : 0;
      const double down_s = i + n_ < g_.size() ? bit_s_ : 0;
      const double* here = &x[i * Lanes];
      const double* up = &x[(i >= n_ ? i - n_ : i) * Lanes];
      const double* down = &x[(i + n_ < g_.size() ? i + n_ : i) * Lanes];
      for (std::size_t k = 0; k < Lanes; ++k) {
        out[i * Lanes + k] =
            diagonal * here[k] - up_s * up[k] - down_s * down[k] - g_[i] * scratch[i * Lanes + k];
      }
    }
  }

  [[nodiscard]] PerLane dot(const Field& a, const Field& b) const {
    PerLane sum{};
    for (std::size_t i = 0; i < a.size(); i += Lanes) {
      for (std::size_t k = 0; k < Lanes; ++k) sum[k] += a[i + k] * b[i + k];
    }
    return sum;
  }

  // A lane that has converged stands still, so that it ends where it would alone.
  std::uint32_t solve_bits(std::span<const double> row_v, Field& x) const {
    Field residual(x.size());
    Field scratch(x.size());
    words_for(row_v, x, residual);  // at 0 V on all bit lines
    for (std::size_t i = 0; i < x.size(); ++i) residual[i] *= g_[i / Lanes];
    Field z = residual;
    solve_bit_lines(z);
    Field direction = z;
    Field product(x.size());
    PerLane rho = dot(residual, z);
    PerLane goal{};
    for (std::size_t k = 0; k < Lanes; ++k) goal[k] = rho[k] * kWireTolerance * kWireTolerance;
    for (std::uint32_t iteration = 0; iteration < kMostIterations; ++iteration) {
      PerLane alpha{};
      bool going_on = false;
      for (std::size_t k = 0; k < Lanes; ++k) going_on = going_on || rho[k] > goal[k];
      if (!going_on) return iteration;
      apply(direction, product, scratch);
      const PerLane curvature = dot(direction, product);
      for (std::size_t k = 0; k < Lanes; ++k) {
        if (rho[k] > goal[k]) alpha[k] = rho[k] / curvature[k];
      }
      for (std::size_t i = 0; i < x.size(); i += Lanes) {
        for (std::size_t k = 0; k < Lanes; ++k) {
          x[i + k] += alpha[k] * direction[i + k];
          residual[i + k] -= alpha[k] * product[i + k];
          z[i + k] = residual[i + k];
        }
      }
      solve_bit_lines(z);
      const PerLane next = dot(residual, z);
      PerLane beta{};
      for (std::size_t k = 0; k < Lanes; ++k) {
        if (rho[k] <= goal[k]) continue;
        beta[k] = next[k] / rho[k];
        rho[k] = next[k];
      }
      for (std::size_t i = 0; i < x.size(); i += Lanes) {
        for (std::size_t k = 0; k < Lanes; ++k) {
          direction[i + k] = z[i + k] + beta[k] * direction[i + k];
        }
      }
    }
    throw base::InternalError({.place = "wires", .what = "the iteration does not converge"});
  }

  std::size_t n_;
  std::span<const double> g_;
  double word_s_;  // of a piece of wire; 0: no drop
  double bit_s_;
  Field word_inverse_;  // pivots of the lines' elimination
  Field bit_inverse_;
};

}  // namespace

WireSolution solve_wires(const WireGrid& grid, std::span<const double> row_v) {
  check_grid(grid);
  if (row_v.size() != grid.rows) {
    throw base::UsageError({.place = "row_v",
                            .what = "wrong number of values",
                            .got = std::to_string(row_v.size()),
                            .expected = std::to_string(grid.rows)});
  }
  const Solver<1> solver(grid);
  WireSolution solution;
  solution.column_a.resize(grid.columns);
  solution.iterations = solver.solve(row_v, solution.word_v, solution.bit_v);
  solver.currents(solution.word_v, solution.bit_v, solution.column_a);
  return solution;
}

std::vector<double> effective_conductance(const WireGrid& grid, base::ThreadPool* pool) {
  check_grid(grid);
  std::vector<double> result(grid.conductance_s.begin(), grid.conductance_s.end());
  if (grid.word_wire_ohm == 0 && grid.bit_wire_ohm == 0) return result;
  const Solver<kLanes> solver(grid);
  const auto solve = [&](std::size_t part) {
    std::vector<double> row_v(std::size_t{grid.rows} * kLanes);
    std::vector<double> currents(std::size_t{grid.columns} * kLanes);
    std::vector<double> word;
    std::vector<double> bit;
    const std::size_t first = part * kLanes;
    const std::size_t rows = std::min(kLanes, grid.rows - first);
    for (std::size_t k = 0; k < rows; ++k) row_v[(first + k) * kLanes + k] = 1;
    solver.solve(row_v, word, bit);
    solver.currents(word, bit, currents);
    for (std::size_t k = 0; k < rows; ++k) {
      for (std::size_t c = 0; c < grid.columns; ++c) {
        result[(first + k) * grid.columns + c] = currents[c * kLanes + k];
      }
    }
  };
  const std::size_t parts = (grid.rows + kLanes - 1) / kLanes;
  if (pool != nullptr) {
    pool->parallel_for(parts, [&](std::size_t part, std::uint32_t) { solve(part); });
  } else {
    for (std::size_t part = 0; part < parts; ++part) solve(part);
  }
  return result;
}

}  // namespace sheaf::sim::crossbar
