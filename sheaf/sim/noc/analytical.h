// SPDX-License-Identifier: Apache-2.0
//
// Mean latency of a mesh from closed formulas, in microseconds instead of seconds: every output
// and every input of every router is a queue. Inputs are walked over from the sinks backwards,
// since how long a packet holds a virtual channel depends on those that it waits for, and these
// wait for each other in no cycle. docs/noc.md has the formulas, how their constants were fitted
// and how far they are from the cycle-level model.
#pragma once

#include "sheaf/sim/noc/credit_timing.h"
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
  // What flits contend for at an output, at a mean rate of 1.
  struct Output {
    double load = 0;  // flits per cycle
    // Flits per cycle that its inputs send elsewhere, weighted by what they send to it.
    double crossing = 0;
    // Of two of its flits, the chance that they come by different inputs.
    double apart = 0;
  };
  struct Waits;  // at a rate

  [[nodiscard]] Output make_output(Node node, std::uint32_t output) const;
  [[nodiscard]] std::vector<std::uint32_t> from_the_sinks() const;

  [[nodiscard]] double channel_wait(double busy, double held) const;
  [[nodiscard]] double output_wait(const Output& output, double rate, double held) const;
  [[nodiscard]] double source_wait(double sent, double held) const;
  void pass_input(std::uint32_t channel, double rate, Waits& waits) const;
  [[nodiscard]] double latency_at(double rate) const;

  target::Mesh mesh_;
  double packet_flits_;
  Flows flows_;
  CreditTiming timing_;
  std::vector<Output> outputs_;        // [node][output]
  std::vector<std::uint32_t> behind_;  // [node][output]: the [node][input] that it leads to
  std::vector<std::uint32_t> inputs_;  // [node][input] that flits enter, sinks first
  double crossing_ = 0;                // what busy inputs take from an output
  double link_ = 0;                    // waits for a link, of those of a slotted queue
  double again_ = 0;                   // what an output's only flow waits for itself
  double power_ = 0;                   // how waits for a virtual channel grow with its load
  double spread_ = 0;                  // and how they shrink with the number of them
  double passed_by_ = 0;               // what a packet that waits costs those behind it
};

}  // namespace sheaf::sim::noc
