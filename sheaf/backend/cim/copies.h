// SPDX-License-Identifier: Apache-2.0
//
// How many crossbars each layer gets, of so many.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/backend/cim/strategy.h"

namespace sheaf::backend::cim {

// Cycles of a layer in one run: its calls one after the other, positions shared among replicas.
[[nodiscard]] std::uint64_t cycles_of(const LayerShape& layer, const LayerMapping& mapping);

// Crossbars that one copy of every layer takes.
[[nodiscard]] std::uint64_t least_crossbars(const Strategy& strategy, const LayerShapes& shapes,
                                            const Hardware& hardware);

// A mapping per layer, within `crossbars` in all. Layers that work at a time (inter_layer,
// whole_layer): so that the slowest of them is as fast as can be, exactly. Layers that take turns
// (intra_layer): so that the sum of their cycles is small, by Lagrange's condition, shares in
// proportion to sqrt(cycles x crossbars), then the best single steps while they fit. Throws
// ResourceError when one copy of every layer does not fit. Where the chip copies nothing, or only
// within the tiles that a layer has anyway, that is all.
[[nodiscard]] std::vector<LayerMapping> share_crossbars(const Strategy& strategy,
                                                        const LayerShapes& shapes,
                                                        const Hardware& hardware,
                                                        std::uint64_t crossbars);

}  // namespace sheaf::backend::cim
