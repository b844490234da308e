// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sheaf/backend/cpu/pack.h"

namespace sheaf::backend::cpu {

// The weights of a spatial step, as its kernel reads them; empty where it has none.
// Convolution: panels [n / panel_width][k][panel_width], k over the taps and the channels of each.
// Its gradient by the picture: the same with the taps in reverse and the outputs in the place of
// the channels. Depthwise: [taps][channels, padded], for the gradient in reverse.
// Throws UsageError when a parameter is not dense.
[[nodiscard]] PackedProduct pack_spatial(const memory_plan::Spatial& step,
                                         const graph::Binding& binding,
                                         const graph::ParameterStore& parameters,
                                         std::uint32_t panel_width);

}  // namespace sheaf::backend::cpu
