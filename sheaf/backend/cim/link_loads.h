// SPDX-License-Identifier: Apache-2.0
//
// What every router and link of a mesh carries in a run: the flits of traffic.h, spread over the
// ways that they take.
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/backend/cim/network_cost.h"

namespace sheaf::backend::cim {

// Row by row of the mesh, flits in one run.
struct LinkLoads {
  TileMesh mesh;
  std::uint32_t rows = 1;       // of routers that hold tiles in use
  std::vector<double> routers;  // that enter a router from another one, from its tiles, or, of sums
                                // that stay, from one of its tiles to the next
  std::vector<double> right;    // over the link to the next router of the row, both ways
  std::vector<double> down;     // over the link to the router below, both ways

  [[nodiscard]] double flit_hops() const;  // over links
};

// Values go from every crossbar of a layer that makes them to every one that reads them, first
// along the row and then along the column. Partial sums go from router to router of their layer in
// the order in which it fills them. Flits over links add up to the flit-hops of the network's cost,
// but for the hops of layers that have one router only, which stay inside it. Of a chip without
// crossbars: nothing.
[[nodiscard]] LinkLoads link_loads(const NetworkCost& cost, const target::Chip& chip);

}  // namespace sheaf::backend::cim
