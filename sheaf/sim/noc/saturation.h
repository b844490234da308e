// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/sim/noc/simulate.h"

namespace sheaf::sim::noc {

struct Saturation {
  // The rate at which the mean latency is kSaturationFactor times that of an empty network,
  // between two simulated rates by interpolation. 1, or what the fullest node can send, when it
  // never is.
  double rate = 0;
  bool reached = false;   // false: the mesh takes whatever the nodes can send
  double ideal_rate = 0;  // at which the busiest link or sink passes a flit in every cycle
  std::uint32_t simulations = 0;
};

// Halves the range of rates until it is narrower than `tolerance` times the rate. Throws as
// simulate() does. The rate of `traffic` does not matter.
[[nodiscard]] Saturation find_saturation(const target::Mesh& mesh, const RoutingTable& table,
                                         const Traffic& traffic, const SimulationOptions& options,
                                         double tolerance = 0.01);

}  // namespace sheaf::sim::noc
