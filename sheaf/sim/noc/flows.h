// SPDX-License-Identifier: Apache-2.0
//
// What stationary traffic asks of every link, before anything queues.
#pragma once

#include <vector>

#include "sheaf/sim/noc/routing.h"
#include "sheaf/sim/noc/traffic.h"

namespace sheaf::sim::noc {

struct Flows {
  // Flits per cycle that enter a router by `input` and leave it by `output`, at a mean rate of one
  // flit per node and cycle: [(node * kPorts + input) * kPorts + output].
  std::vector<double> through;
  std::vector<double> injected;  // flits per cycle by node, at the same rate
  double mean_links = 0;         // of a flit
  double most_loaded = 0;        // flits per cycle of the busiest output, ejection included
  Channel busiest;

  [[nodiscard]] double at(Node node, std::uint32_t input, std::uint32_t output) const noexcept {
    return through[(std::size_t{node} * kPorts + input) * kPorts + output];
  }
  // No network carries more: the rate at which the busiest port passes a flit in every cycle.
  [[nodiscard]] double ideal_saturation() const noexcept { return 1 / most_loaded; }
};

// Throws UsageError when there is no traffic. O(nodes^2).
[[nodiscard]] Flows flows_of(const RoutingTable& table, const Traffic& traffic);

}  // namespace sheaf::sim::noc
