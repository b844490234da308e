// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/saturation.h"

#include <algorithm>

#include "sheaf/sim/noc/flows.h"

namespace sheaf::sim::noc {

Saturation find_saturation(const target::Mesh& mesh, const RoutingTable& table,
                           const Traffic& traffic, const SimulationOptions& options,
                           double tolerance) {
  const Flows flows = flows_of(table, traffic);
  const double limit =
      kSaturationFactor * zero_load_latency(mesh.router, flows.mean_links, options.packet_flits);
  Saturation result{.ideal_rate = flows.ideal_saturation()};
  const double fullest = *std::max_element(flows.injected.begin(), flows.injected.end());
  double low = 0;
  double low_latency = limit / kSaturationFactor;
  double high = std::min({1.0, 1 / fullest, 1.5 * result.ideal_rate});
  double high_latency = 0;  // 0: unknown, or without bound
  const auto try_rate = [&](double rate) {
    const Simulation run = simulate(mesh, table, traffic.at_rate(rate), options);
    ++result.simulations;
    const bool saturated = run.unfinished > 0 || run.mean_latency_cycles >= limit;
    (saturated ? high : low) = rate;
    (saturated ? high_latency : low_latency) = run.unfinished > 0 ? 0 : run.mean_latency_cycles;
    return saturated;
  };
  result.reached = try_rate(high);
  result.rate = high;
  if (!result.reached) return result;
  while (high - low > tolerance * high) try_rate((low + high) / 2);
  const double share =
      high_latency > 0 ? (limit - low_latency) / (high_latency - low_latency) : 0.5;
  result.rate = low + (high - low) * share;
  return result;
}

}  // namespace sheaf::sim::noc
