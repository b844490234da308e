// SPDX-License-Identifier: Apache-2.0
//
// Against BookSim 2 (commit 28f43299): the tables of docs/noc.md.
#include "sheaf/sim/noc/simulate.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::sim::noc {
namespace {

using test::message_of;

struct Golden {
  double rate;
  double latency;
};

struct Case {
  std::uint32_t packet_flits;
  std::uint32_t buffer_flits;
  bool look_ahead;
  std::vector<Golden> rows;  // up to 85 % of the rate of saturation
};

const std::vector<Case>& uniform_tables() {
  static const std::vector<Case> kCases = {
      {1,
       8,
       false,
       {{0.05, 33.47},
        {0.1, 33.87},
        {0.15, 34.40},
        {0.2, 35.13},
        {0.25, 36.19},
        {0.3, 37.97},
        {0.33, 39.73},
        {0.35, 41.59}}},
      {4,
       8,
       false,
       {{0.05, 36.77},
        {0.1, 37.53},
        {0.15, 38.46},
        {0.2, 39.86},
        {0.25, 41.98},
        {0.3, 45.88},
        {0.33, 49.37}}},
      {1, 4, false, {{0.1, 33.87}, {0.2, 35.15}, {0.3, 37.98}}},
      {4, 4, false, {{0.1, 37.73}, {0.2, 40.17}, {0.25, 42.31}, {0.3, 46.20}}},
      {1, 8, true, {{0.2, 27.88}, {0.3, 29.50}, {0.35, 31.68}}},
      {4, 8, true, {{0.2, 34.22}, {0.3, 40.65}}},
  };
  return kCases;
}

Simulation run(const target::Mesh& mesh, const std::string& pattern, double rate,
               const SimulationOptions& options) {
  const Topology topology(mesh.columns, mesh.rows);
  return simulate(mesh, RoutingTable::xy(topology), Traffic::pattern(topology, pattern, rate),
                  options);
}

target::Mesh mesh_of(const Case& golden) {
  return {.router = {.buffer_flits = golden.buffer_flits, .look_ahead = golden.look_ahead}};
}

TEST(Simulate, ShortRunsOfTheTablesAreWithinThreePercentOfBookSim) {
  for (const Case& golden : uniform_tables()) {
    const Golden& row = golden.rows[golden.rows.size() / 2];
    const Simulation result =
        run(mesh_of(golden), "uniform", row.rate,
            {.packet_flits = golden.packet_flits, .warmup_cycles = 300, .measured_cycles = 1000});
    EXPECT_NEAR(result.mean_latency_cycles, row.latency, 0.03 * row.latency)
        << golden.packet_flits << " flits, buffer " << golden.buffer_flits << ", rate " << row.rate;
  }
}

TEST(Simulate, RealTablesAreWithinTwoPercentOfBookSimUpTo85PercentOfSaturation) {
  for (const Case& golden : uniform_tables()) {
    for (const Golden& row : golden.rows) {
      const Simulation result = run(
          mesh_of(golden), "uniform", row.rate,
          {.packet_flits = golden.packet_flits, .warmup_cycles = 1000, .measured_cycles = 5000});
      EXPECT_NEAR(result.mean_latency_cycles, row.latency, 0.02 * row.latency)
          << golden.packet_flits << " flits, buffer " << golden.buffer_flits << ", rate "
          << row.rate;
      EXPECT_NEAR(result.accepted_flits_per_node_cycle, row.rate, 0.02 * row.rate + 1e-3);
      EXPECT_FALSE(result.saturated);
    }
  }
}

TEST(Simulate, RealThroughputUnderOverloadIsThatOfBookSim) {
  // Accepted at 0.6 offered: 0.398 for single flits, 0.397 for packets of four.
  for (const auto& [flits, accepted] : {std::pair(1U, 0.398), std::pair(4U, 0.397)}) {
    const Simulation result =
        run({}, "uniform", 0.6,
            {.packet_flits = flits, .warmup_cycles = 3000, .measured_cycles = 3000});
    EXPECT_NEAR(result.accepted_flits_per_node_cycle, accepted, 0.03 * accepted);
    EXPECT_TRUE(result.saturated);
    EXPECT_GT(result.packets, 0U);
    EXPECT_GT(result.unfinished, 0U);  // more is offered than is taken
  }
}

TEST(Simulate, ZeroLoadIsTheClosedForm) {
  const Simulation result =
      run({}, "transpose", 0.002, {.warmup_cycles = 0, .measured_cycles = 4000});
  EXPECT_NEAR(result.mean_latency_cycles, result.zero_load_latency_cycles, 0.15);
  EXPECT_EQ(result.min_latency_cycles, 7U);  // the diagonal, to itself
  EXPECT_DOUBLE_EQ(zero_load_latency({}, 5.25, 1), 33.25);
  EXPECT_DOUBLE_EQ(zero_load_latency({}, 5.25, 4), 36.25);
  EXPECT_DOUBLE_EQ(zero_load_latency({.look_ahead = true}, 5.25, 1), 27);
  EXPECT_DOUBLE_EQ(zero_load_latency({.buffer_flits = 4}, 5.25, 4), 36.25);
}

TEST(Simulate, TheSameSeedGivesTheSameRunAndAnotherOneAnother) {
  const SimulationOptions options{.warmup_cycles = 50, .measured_cycles = 300};
  SimulationOptions other = options;
  other.seed = 2;
  const target::Mesh mesh{.columns = 4, .rows = 4};
  const Simulation a = run(mesh, "hotspot", 0.2, options);
  const Simulation b = run(mesh, "hotspot", 0.2, options);
  const Simulation c = run(mesh, "hotspot", 0.2, other);
  EXPECT_EQ(a.mean_latency_cycles, b.mean_latency_cycles);
  EXPECT_EQ(a.total.link_traversals, b.total.link_traversals);
  EXPECT_NE(a.total.link_traversals, c.total.link_traversals);
}

TEST(Simulate, NoLinkCarriesMoreThanAFlitPerCycle) {
  const Simulation result = run({.columns = 4, .rows = 4}, "bitcomp", 1.0,
                                {.warmup_cycles = 200, .measured_cycles = 300});
  for (const double load : result.link_load) EXPECT_LE(load, 1.0);
  // Half of all flits cross the middle, over 4 links each way.
  EXPECT_LE(result.accepted_flits_per_node_cycle * 16, 16 * 1.0 / 2 + 1);
  EXPECT_TRUE(result.saturated);
}

TEST(Simulate, NoTrafficHasNoLatency) {
  const Simulation result = run({}, "uniform", 0, {.warmup_cycles = 0, .measured_cycles = 10});
  EXPECT_EQ(result.packets, 0U);
  EXPECT_EQ(result.mean_latency_cycles, 0);
  EXPECT_FALSE(result.saturated);
}

TEST(Simulate, RefusesPacketsWithoutFlits) {
  EXPECT_EQ(message_of<base::UsageError>(
                [] { static_cast<void>(run({}, "uniform", 0.1, {.packet_flits = 0})); }),
            "[--packet] wrong length of a packet: got 0, expected 1 to 65535 flits");
}

TEST(Simulate, RefusesToMeasureNothing) {
  EXPECT_EQ(message_of<base::UsageError>(
                [] { static_cast<void>(run({}, "uniform", 0.1, {.measured_cycles = 0})); }),
            "[--cycles] nothing to measure: got 0, expected a cycle at least");
}

TEST(Simulate, RefusesANodeThatSendsMoreThanItsLinkTakes) {
  const target::Mesh mesh{.columns = 2, .rows = 1};
  const Topology topology(2, 1);
  const Traffic traffic = Traffic::matrix(std::vector<double>{0, 1.5, 0, 0}, 2);
  EXPECT_EQ(message_of<base::UsageError>([&] {
              static_cast<void>(simulate(mesh, RoutingTable::xy(topology), traffic, {}));
            }),
            "[--rate] node 0 would send more than a flit per cycle: got 1.500000, expected at most "
            "1");
}

TEST(Simulate, GivesUpWhenMorePacketsWaitThanMay) {
  target::Mesh mesh;
  mesh.columns = mesh.rows = 4;
  const Topology topology(4, 4);
  const auto table = RoutingTable::xy(topology);
  SimulationOptions options;
  options.most_under_way = 500;
  const std::string message = test::message_of<base::ResourceError>(
      [&] { (void)simulate(mesh, table, Traffic::pattern(topology, "uniform", 1), options); });
  EXPECT_TRUE(message.starts_with("[--rate] packets that are under way")) << message;
  EXPECT_TRUE(
      message.ends_with("expected at most 500; a rate below saturation (--saturation), or "
                        "fewer cycles"))
      << message;
}

TEST(Simulate, SaysHowFarItIs) {
  target::Mesh mesh;
  mesh.columns = mesh.rows = 2;
  const Topology topology(2, 2);
  SimulationOptions options;
  options.warmup_cycles = 1000;
  options.measured_cycles = 1000;
  std::vector<std::uint64_t> told;
  options.progress = [&](std::uint64_t done, std::uint64_t all) {
    EXPECT_EQ(all, 2000U);
    told.push_back(done);
  };
  (void)simulate(mesh, RoutingTable::xy(topology), Traffic::pattern(topology, "uniform", 0.1),
                 options);
  ASSERT_GE(told.size(), 7U);
  EXPECT_EQ(told[0], 256U);
  EXPECT_EQ(told[6], 1792U);
}

}  // namespace
}  // namespace sheaf::sim::noc
