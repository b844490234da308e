// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/memory_plan/compiled_cell.h"

namespace sheaf::memory_plan {

// Lowers a cell, once per model. Affine ops that read the same values in the same order become one
// product, what lies between products becomes regions; every value gets its place; dead ops are
// dropped. The result is verified.
[[nodiscard]] CompiledCell lower(const graph::Cell& cell);

}  // namespace sheaf::memory_plan
