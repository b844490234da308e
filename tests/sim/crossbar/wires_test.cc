// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/crossbar/wires.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "tests/message_of.h"
#include "tests/sim/crossbar/nodal.h"

namespace sheaf::test {
namespace {

using sim::crossbar::effective_conductance;
using sim::crossbar::solve_wires;
using sim::crossbar::WireGrid;

std::vector<double> random_conductances(std::size_t count, base::Rng& rng) {
  std::vector<double> g(count);
  for (double& s : g) s = double{rng.uniform(0, 1)} < 0.3 ? 0 : double{rng.uniform(1e-6F, 1e-3F)};
  return g;
}

std::vector<double> random_voltages(std::size_t count, base::Rng& rng) {
  std::vector<double> v(count);
  for (double& volt : v) volt = double{rng.uniform(-0.5F, 0.5F)};
  return v;
}

// The example in badcrossbar's README: the current through the device in the first row and the
// fourth column under its third inputs.
TEST(Wires, AgreesWithBadcrossbarsReadme) {
  std::vector<double> g;
  for (const double ohm :
       {345., 903., 755., 257., 646., 652., 401., 508., 166., 454., 442., 874., 190., 244., 635.}) {
    g.push_back(1 / ohm);
  }
  const WireGrid grid{3, 5, g, 0.5, 0.5};
  const auto solution = solve_wires(grid, std::vector<double>{2.6, 1.1, 3.3});
  EXPECT_NEAR(g[3] * (solution.word_v[3] - solution.bit_v[3]), 0.009856197822795886, 1e-14);
}

TEST(Wires, EqualADenseNodalSolve) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    base::Rng rng(seed);
    const std::uint32_t rows = 1 + rng.below(8);
    const std::uint32_t columns = 1 + rng.below(8);
    const double word = std::pow(10, double{rng.uniform(-2, 4)});
    const double bit = std::pow(10, double{rng.uniform(-2, 4)});
    const auto g = random_conductances(std::size_t{rows} * columns, rng);
    const auto v = random_voltages(rows, rng);
    const auto ours = solve_wires({rows, columns, g, word, bit}, v);
    const NodalSolution nodal = solve_nodes(g, v, word, bit);
    for (std::size_t c = 0; c < columns; ++c) {
      EXPECT_NEAR(ours.column_a[c], nodal.column_a[c], 1e-13) << seed;
    }
    for (std::size_t i = 0; i < g.size(); ++i) {
      EXPECT_NEAR(g[i] * (ours.word_v[i] - ours.bit_v[i]), nodal.device_a[i], 1e-13) << seed;
    }
  }
}

// Of one kind of wire only: what a dense solve gives as the other's resistance vanishes.
TEST(Wires, OneKindOfWireMayHaveNoResistance) {
  base::Rng rng(3);
  const auto g = random_conductances(20, rng);
  const auto v = random_voltages(5, rng);
  const auto word = solve_wires({5, 4, g, 3, 0}, v);
  const auto bit = solve_wires({5, 4, g, 0, 3}, v);
  const NodalSolution nodal_word = solve_nodes(g, v, 3, 1e-6);
  const NodalSolution nodal_bit = solve_nodes(g, v, 1e-6, 3);
  for (std::size_t c = 0; c < 4; ++c) {
    EXPECT_NEAR(word.column_a[c], nodal_word.column_a[c], 1e-9);
    EXPECT_NEAR(bit.column_a[c], nodal_bit.column_a[c], 1e-9);
  }
}

TEST(Wires, WithoutResistanceAreAProduct) {
  base::Rng rng(4);
  const auto g = random_conductances(20, rng);
  EXPECT_EQ(effective_conductance({5, 4, g, 0, 0}), g);
}

TEST(Wires, TheEffectiveMatrixMultipliesAsTheNetwork) {
  base::Rng rng(5);
  const std::uint32_t rows = 19;
  const std::uint32_t columns = 7;
  const auto g = random_conductances(std::size_t{rows} * columns, rng);
  const auto v = random_voltages(rows, rng);
  const WireGrid grid{rows, columns, g, 20, 30};
  const auto matrix = effective_conductance(grid);
  const auto solution = solve_wires(grid, v);
  for (std::size_t c = 0; c < columns; ++c) {
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) sum += v[r] * matrix[r * columns + c];
    EXPECT_NEAR(sum, solution.column_a[c], 1e-13);
  }
  base::ThreadPool pool(2);
  EXPECT_EQ(effective_conductance(grid, &pool), matrix);
}

std::string message(const WireGrid& grid, const std::vector<double>& v) {
  return test::message_of<base::UsageError>([&] { static_cast<void>(solve_wires(grid, v)); });
}

TEST(Wires, RefuseWhatIsOutOfRange) {
  const std::vector<double> g = {1e-3, 1e-3};
  EXPECT_EQ(message({1, 2, g, -1, 0}, {1}),
            "[word_wire_ohm] out of range: got -1.000000, expected a finite number, 0 or more");
  EXPECT_EQ(message({2, 2, g, 1, 1}, {1, 1}),
            "[conductance_s] wrong number of values: got 2, expected 4, above 0");
  EXPECT_EQ(message({1, 2, g, 1, 1}, {1, 1}), "[row_v] wrong number of values: got 2, expected 1");
}

}  // namespace
}  // namespace sheaf::test
