// SPDX-License-Identifier: Apache-2.0
//
// The traffic of a network on a chip through the mesh, cycle by cycle: what `sheaf noc --hw CHIP
// --model NAME` says, beside the closed forms that `sheaf simulate` adds up.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sheaf/sim/noc/analytical.h"
#include "sheaf/sim/noc/simulate.h"
#include "sheaf/sim/noc/transfers.h"
#include "sheaf/study/simulate.h"

namespace sheaf::study {

struct MappedTrafficOptions {
  sim::noc::SimulationOptions simulation;  // of steady traffic; packets of bursts too
  sim::noc::Delivery delivery = sim::noc::Delivery::kUnicast;  // of bursts
  // Of a layer's flits for one input; a burst of more is a share of them.
  std::uint64_t most_flits = 100'000;
};

// "unicast", "multicast"; throws UsageError for another one.
[[nodiscard]] sim::noc::Delivery parse_delivery(const std::string& name);

// All that a layer gets for one input, sent at once through an empty mesh.
struct LayerBurst {
  std::string layer;
  double flits = 0;      // for one input, by the closed form
  double flit_hops = 0;  // the same
  double share = 1;      // of the flits that was simulated
  sim::noc::Burst burst;
};

// All layers at once, each input's flits spread over the time from one input to the next.
struct SteadyTraffic {
  double rate = 0;                  // flits per node and cycle
  double busiest_source = 0;        // flits per cycle that one router would send
  sim::noc::Simulation simulation;  // of a mesh that can take them: up to 1 at every source
  sim::noc::Estimate estimate;      // the closed form of it
};

struct MappedTraffic {
  std::string network;
  std::string chip;
  bool own_mesh = false;  // the chip describes its routers; else the defaults of target/mesh.h
  target::Mesh mesh;      // as large as the network needs
  MappedTrafficOptions options;
  double interval_ns = 0;
  std::vector<LayerBurst> bursts;  // of layers that get flits
  std::optional<SteadyTraffic> steady;
};

// Routed XY. Throws UnsupportedError for a chip without crossbars, UsageError for more than
// kMostMappedRouters.
[[nodiscard]] MappedTraffic map_traffic(const ChipStudy& study,
                                        const MappedTrafficOptions& options);
inline constexpr std::uint32_t kMostMappedRouters = 1024;

[[nodiscard]] std::string to_text(const MappedTraffic& traffic);
[[nodiscard]] nlohmann::ordered_json to_json(const MappedTraffic& traffic);

}  // namespace sheaf::study
