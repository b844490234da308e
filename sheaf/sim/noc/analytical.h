// SPDX-License-Identifier: Apache-2.0
//
// Mean latency of a mesh from closed formulas, in microseconds instead of seconds: every output
// and every virtual channel of every router is a queue. docs/noc.md has the formulas, how their
// constants were fitted and how far they are from the cycle-level model.
#pragma once

#include "sheaf/sim/noc/flows.h"
#include "sheaf/sim/noc/saturation.h"

namespace sheaf::sim::noc {

struct Estimate {
  // Infinite when an output would have to pass more than it can.
  double mean_latency_cycles = 0;
  double zero_load_latency_cycles = 0;
  double mean_links = 0;
  // The mean latency has reached kSaturationFactor times that of an empty network.
  bool saturated = false;
  Channel busiest;          // the output that waits longest for one flit
  double busiest_load = 0;  // its flits per cycle
  double dynamic_pj_per_flit = 0;
};

class AnalyticalModel {
 public:
  // Throws UsageError when the mesh cannot be simulated, a packet has no flits, or there is no
  // traffic. O(nodes^2).
  AnalyticalModel(const target::Mesh& mesh, const RoutingTable& table, const Traffic& traffic,
                  std::uint32_t packet_flits);

  // At a mean rate in flits per node and cycle, 0 to 1. O(nodes).
  [[nodiscard]] Estimate at(double rate) const;

  // The rate at which the mean latency is kSaturationFactor times that of an empty network.
  [[nodiscard]] Saturation saturation() const;

  [[nodiscard]] const Flows& flows() const noexcept { return flows_; }

 private:
  // What was fitted for packets of this length.
  struct Fit {
    double crossing = 0;       // what busy inputs take from an output
    double blocking = 0;       // how waits grow by those behind them
    double sharing = 0;        // waits for a virtual channel: factor
    double sharing_power = 0;  // and how they grow with its load
  };

  [[nodiscard]] double output_wait(Node node, std::uint32_t output, double rate) const;
  [[nodiscard]] double channel_wait(double entering, double output_wait) const;
  [[nodiscard]] double router_wait(Node node, double rate) const;
  [[nodiscard]] double latency_at(double rate) const;

  target::Mesh mesh_;
  double packet_flits_;
  Flows flows_;
  std::vector<double> entering_;  // by [node][input], at a mean rate of 1
  Fit fit_;
};

}  // namespace sheaf::sim::noc
