// SPDX-License-Identifier: Apache-2.0
//
// The traffic of traffic.h as messages between routers: what a mesh that is simulated cycle by
// cycle is given.
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/backend/cim/network_cost.h"

namespace sheaf::backend::cim {

struct Message {
  std::uint32_t source = 0;  // routers: row * columns + column
  std::vector<std::uint32_t> destinations;
  double flits = 0;  // that each of them gets, of one run
};

struct Messages {
  std::uint32_t columns = 1;
  std::uint32_t rows = 1;                    // of routers that hold tiles in use
  std::vector<std::vector<Message>> layers;  // into each layer
};

// Unicast: from every router of a layer that makes numbers to every one that reads them, in
// proportion to the crossbars there, so that flits times links are the flit-hops of the cost.
// `multicast`: a number leaves its router once for all routers that need it, which are neighbours
// in the order of filling, as many as traffic.h counts readers, and get alike. Partial sums go from
// router to router; those between tiles of one router stay in it and are no message. Of a chip
// without crossbars: none.
[[nodiscard]] Messages messages_of(const LayerShapes& shapes, const NetworkCost& cost,
                                   const target::Chip& chip, bool multicast);

}  // namespace sheaf::backend::cim
