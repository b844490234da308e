// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/backend/cim/network_cost.h"
#include "sheaf/sim/pe_array/pe_array.h"

namespace sheaf::backend::cim {

// A layer as sim/pe_array takes it. Weights of form pow2_basis are rebuilt, all others are stored
// as they are.
[[nodiscard]] sim::pe_array::Work work_of(const LayerShape& layer);

// A network on a digital array, layer after layer.
[[nodiscard]] NetworkCost array_cost(const LayerShapes& shapes, const target::Chip& chip);

}  // namespace sheaf::backend::cim
