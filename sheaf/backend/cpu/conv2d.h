// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/backend/cpu/spatial.h"

namespace sheaf::backend::cpu {

// Of every instruction set: the work is done by its product kernel, `args.product`, over weights
// that spatial_pack.h has packed for it.
void conv2d(const SpatialArgs& args) noexcept;
void conv2d_grad_input(const SpatialArgs& args) noexcept;

}  // namespace sheaf::backend::cpu
