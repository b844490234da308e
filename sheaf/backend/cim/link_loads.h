// SPDX-License-Identifier: Apache-2.0
//
// What every router and link of a mesh carries in a run: the flits of traffic.h, spread over the
// ways that they take.
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/backend/cim/network_cost.h"

namespace sheaf::backend::cim {

// Row by row of the mesh, flits in one run. A link is two, one in each direction.
struct LinkLoads {
  TileMesh mesh;
  std::uint32_t rows = 1;       // of routers that hold tiles in use
  std::vector<double> routers;  // that enter a router from another one, from its tiles, or, of sums
                                // that stay, from one of its tiles to the next
  std::vector<double> right;    // to the next router of the row
  std::vector<double> left;     // from it
  std::vector<double> down;     // to the router below
  std::vector<double> up;       // from it
  std::vector<double> sent;     // by the port of one of a router's tiles, to other routers
  std::vector<double> received;
  std::vector<double> busiest_of_layer;  // busiest link or port of what each layer receives

  [[nodiscard]] double flit_hops() const;  // over links
  [[nodiscard]] double busiest() const;    // link, or port of a tile
};

// Values go from every crossbar of a layer that makes them to every one that reads them, first
// along the row and then along the column. Partial sums go from router to router of their layer in
// the order in which it fills them. Flits over links add up to the flit-hops of the network's cost,
// but for the hops of layers that have one router only, which stay inside it. Of a chip without
// crossbars: nothing.
[[nodiscard]] LinkLoads link_loads(const NetworkCost& cost, const target::Chip& chip);
// The same of a chip that is known already, on a mesh that may have an order of its own.
[[nodiscard]] LinkLoads link_loads(const NetworkCost& cost, const Hardware& hardware,
                                   const TileMesh& mesh);

}  // namespace sheaf::backend::cim
