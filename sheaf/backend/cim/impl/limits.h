// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/backend/cim/network_cost.h"

namespace sheaf::backend::cim {

// Links of larger meshes are not counted: hundreds of thousands of routers would take longer than
// everything else together.
inline constexpr std::uint64_t kMostCountedRouters = 4096;

// The limits of every layer, and of the network as if all its layers worked at a time: the busiest
// link and the busiest tile may serve several of them. Cycles, bytes and traffic of the layers are
// there already.
void set_limits(const Hardware& hardware, const TileMesh& mesh, NetworkCost& cost);

// What the fullest tile has to keep. Layers that work at a time keep the lines of the picture that
// their window covers (line_buffer_values()), each spread over the tiles that hold its rows; of
// layers that take turns, one keeps all that it reads and returns, spread over all tiles in use.
void set_memory_need(const LayerShapes& shapes, const Hardware& hardware, bool in_turn,
                     NetworkCost& cost);

}  // namespace sheaf::backend::cim
