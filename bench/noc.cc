// SPDX-License-Identifier: Apache-2.0
//
// How fast the mesh is simulated, cycle by cycle, on one core: flits that cross a link per second
// of thread CPU time, under three patterns at a tenth of a flit per node and cycle and, uniform, at
// the rate where it saturates. Medians and the slowest tenth over the rounds.
//
//   sheaf_noc [--json]
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "sheaf/base/clock.h"
#include "sheaf/base/stats.h"
#include "sheaf/sim/noc/simulate.h"

namespace sheaf::bench {
namespace {

constexpr int kRounds = 7;

void measure(std::uint32_t side, const std::string& pattern, double rate, bool json) {
  target::Mesh mesh;
  mesh.columns = side;
  mesh.rows = side;
  const sim::noc::Topology topology(side, side);
  const auto table = sim::noc::RoutingTable::xy(topology);
  const auto traffic = sim::noc::Traffic::pattern(topology, pattern, rate);
  const sim::noc::SimulationOptions options{
      .packet_flits = 4, .warmup_cycles = 500, .measured_cycles = 4000};
  const base::ThreadCpuClock clock;
  std::vector<double> hops;
  std::vector<double> cycles;
  std::uint64_t seen = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t start = clock.now_ns();
    const sim::noc::Simulation result = sim::noc::simulate(mesh, table, traffic, options);
    const double ms = 1e-6 * static_cast<double>(clock.now_ns() - start);
    seen = result.total.link_traversals;
    hops.push_back(1e-3 * static_cast<double>(seen) / ms);
    cycles.push_back(static_cast<double>(result.cycles) / ms);
  }
  std::printf(json ? "{\"side\":%u,\"pattern\":\"%s\",\"rate\":%g,\"flit_hops\":%llu,"
                     "\"mhops_per_s\":%.3f,\"p10\":%.3f,\"kcycles_per_s\":%.2f}\n"
                   : "%2u a side  %-10s %4g flits/node/cycle %10llu flit-hops  %7.2f M "
                     "flit-hops/s  (p10 %.2f)  %8.1f k cycles/s\n",
              side, pattern.c_str(), rate, static_cast<unsigned long long>(seen),
              base::median(hops), base::quantile(hops, 0.1), base::median(cycles));
}

}  // namespace
}  // namespace sheaf::bench

int main(int argc, char** argv) {
  const bool json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
  for (const std::uint32_t side : {8U, 16U}) {
    for (const char* pattern : {"uniform", "transpose", "neighbor"}) {
      sheaf::bench::measure(side, pattern, 0.1, json);
    }
  }
  sheaf::bench::measure(8, "uniform", 0.35, json);
  return 0;
}
