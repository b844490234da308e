// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/analytical.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::sim::noc {
namespace {

AnalyticalModel model(const target::Mesh& mesh, const std::string& pattern, std::uint32_t flits) {
  const Topology topology(mesh.columns, mesh.rows);
  return AnalyticalModel(mesh, RoutingTable::xy(topology), Traffic::pattern(topology, pattern, 0.1),
                         flits);
}

struct Row {
  target::MeshRouter router;
  std::string pattern;
  std::uint32_t flits;
  double rate;
  double latency;
};

// BookSim's tables of docs/noc.md up to 85 % of saturation; other patterns and routers by the
// cycle-level model at about 85 %.
TEST(AnalyticalModel, IsWithinSevenPercentUpTo85PercentOfSaturation) {
  const target::MeshRouter plain;
  const target::MeshRouter small{.buffer_flits = 4};
  const target::MeshRouter fast{.look_ahead = true};
  const target::MeshRouter two{.vcs = 2};
  for (const Row& row : std::vector<Row>{
           {plain, "uniform", 1, 0.05, 33.47},   {plain, "uniform", 1, 0.1, 33.87},
           {plain, "uniform", 1, 0.2, 35.13},    {plain, "uniform", 1, 0.3, 37.97},
           {plain, "uniform", 1, 0.35, 41.59},   {plain, "uniform", 4, 0.05, 36.77},
           {plain, "uniform", 4, 0.2, 39.86},    {plain, "uniform", 4, 0.3, 45.88},
           {plain, "uniform", 4, 0.33, 49.37},   {small, "uniform", 1, 0.3, 37.98},
           {small, "uniform", 4, 0.3, 46.20},    {fast, "uniform", 1, 0.35, 31.68},
           {fast, "uniform", 4, 0.3, 40.65},     {plain, "transpose", 1, 0.1210, 36.27},
           {plain, "transpose", 4, 0.121, 40.7}, {plain, "hotspot", 1, 0.1801, 35.49},
           {plain, "hotspot", 4, 0.1851, 43.5},  {plain, "bitcomp", 1, 0.2083, 55.92},
           {plain, "bitcomp", 4, 0.2034, 67.2},  {plain, "neighbor", 1, 0.8467, 27.25},
           {plain, "neighbor", 4, 0.833, 34.98}, {two, "uniform", 1, 0.254, 41.64}}) {
    const Estimate estimate = model({.router = row.router}, row.pattern, row.flits).at(row.rate);
    EXPECT_NEAR(estimate.mean_latency_cycles, row.latency, 0.07 * row.latency)
        << row.pattern << " " << row.flits << " " << row.rate;
    EXPECT_FALSE(estimate.saturated);
  }
}

struct Few {
  target::Mesh mesh;
  std::string pattern;
  std::uint32_t flits;
  double rate;
  double latency;
};

// By the cycle-level model, at 85 % of saturation: cases that nothing was fitted to.
TEST(AnalyticalModel, IsWithinSevenPercentWithFewAndShortVirtualChannels) {
  const auto mesh = [](std::uint32_t columns, std::uint32_t rows, std::uint32_t vcs,
                       std::uint32_t buffer_flits, bool look_ahead = false) {
    return target::Mesh{
        .columns = columns,
        .rows = rows,
        .router = {.vcs = vcs, .buffer_flits = buffer_flits, .look_ahead = look_ahead}};
  };
  for (const Few& row : std::vector<Few>{{mesh(10, 4, 6, 3), "neighbor", 3, 0.8430, 32.69},
                                         {mesh(10, 4, 1, 12), "neighbor", 1, 0.2812, 29.07},
                                         {mesh(3, 7, 1, 2), "neighbor", 8, 0.2008, 79.29},
                                         {mesh(6, 6, 3, 3), "hotspot", 5, 0.1852, 39.65},
                                         {mesh(9, 9, 1, 4, true), "transpose", 3, 0.0626, 38.88},
                                         {mesh(3, 7, 3, 1), "uniform", 12, 0.1075, 179.24},
                                         {mesh(7, 7, 3, 2), "uniform", 1, 0.2498, 34.91}}) {
    const Estimate estimate = model(row.mesh, row.pattern, row.flits).at(row.rate);
    EXPECT_NEAR(estimate.mean_latency_cycles, row.latency, 0.07 * row.latency)
        << row.pattern << " " << row.flits << " " << row.rate;
  }
}

// One sender on a link that nobody else uses: it saturates where its source does.
TEST(AnalyticalModel, AFlowAloneWaitsAtItsSourceOnly) {
  const Topology topology(3, 1);
  const AnalyticalModel alone({.columns = 3, .rows = 1}, RoutingTable::xy(topology),
                              Traffic::matrix(std::vector<double>{0, 0, 0.3, 0, 0, 0, 0, 0, 0}, 3),
                              4);
  // Packets of 4 cycles, one in 4 / 0.6 cycles: 0.6 (4 - 1) / (2 (1 - 0.6)) cycles.
  EXPECT_NEAR(alone.at(0.2).mean_latency_cycles, 5 * 3 + 2 + 3 + 2.25, 0.5);
}

TEST(AnalyticalModel, WithoutTrafficIsTheZeroLoadLatency) {
  EXPECT_DOUBLE_EQ(model({}, "uniform", 4).at(0).mean_latency_cycles, 36.25);
  EXPECT_DOUBLE_EQ(model({}, "uniform", 1).at(0).mean_links, 5.25);
}

TEST(AnalyticalModel, LatencyGrowsWithTheRateUntilItIsInfinite) {
  const AnalyticalModel uniform = model({}, "uniform", 2);
  double before = 0;
  for (int i = 0; i <= 100; ++i) {
    const double latency = uniform.at(i / 100.0).mean_latency_cycles;
    EXPECT_GE(latency, before);
    before = latency;
  }
  EXPECT_TRUE(std::isinf(before));
  EXPECT_TRUE(uniform.at(1).saturated);
}

TEST(AnalyticalModel, SaturatesBelowTheIdealRate) {
  for (const char* pattern : {"uniform", "transpose", "hotspot", "bitcomp"}) {
    const Saturation saturation = model({}, pattern, 1).saturation();
    EXPECT_TRUE(saturation.reached);
    EXPECT_LE(saturation.rate, saturation.ideal_rate);
    EXPECT_GE(saturation.rate, 0.7 * saturation.ideal_rate);
  }
}

TEST(Flows, MatchTheDistancesAndTheBisection) {
  const Topology topology(8, 8);
  const Flows flows =
      flows_of(RoutingTable::xy(topology), Traffic::pattern(topology, "uniform", 0.3));
  EXPECT_NEAR(flows.mean_links, 5.25, 1e-12);
  EXPECT_NEAR(flows.most_loaded, 2.0, 1e-12);  // the middle links
  EXPECT_NEAR(flows.ideal_saturation(), 0.5, 1e-12);
}

TEST(Flows, OfDetoursAreThoseOfTheTable) {
  const RoutingTable table = RoutingTable::parse(Topology(2, 2), "0 1 north\n2 1 east\n", "t");
  const Flows flows = flows_of(table, Traffic::matrix(std::vector<double>{0, 1, 0, 0,  //
                                                                          0, 0, 0, 0,  //
                                                                          0, 0, 0, 0,  //
                                                                          0, 0, 0, 0},
                                                      4));
  EXPECT_DOUBLE_EQ(flows.mean_links, 3.0);
  EXPECT_DOUBLE_EQ(flows.at(2, kSouth, kEast), 4.0);
}

TEST(Flows, RefuseNoTraffic) {
  const Topology topology(2, 2);
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              static_cast<void>(
                  flows_of(RoutingTable::xy(topology), Traffic::pattern(topology, "uniform", 0)));
            }),
            "[--rate] no traffic: got a rate of 0, expected a rate above 0");
}

}  // namespace
}  // namespace sheaf::sim::noc
