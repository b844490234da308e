// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "sheaf/memory_plan/compiled_cell.h"
#include "sheaf/memory_plan/layout_mode.h"
#include "sheaf/tensor/encoding.h"

namespace sheaf::memory_plan {

// Lowers a cell, once per model. Affine ops that read the same values in the same order become one
// product, what lies between products becomes regions; every value gets its place; dead ops are
// dropped. Planned: batches of element-wise ops whose operands lie side by side are one wide op.
// Unplanned: every batch is one op, and what does not lie side by side is copied first, by copies
// in regions and by repacks. The result is verified; its values have the same bits in both modes.
//
// `slots` says how the parameters of the cell's slots are stored; empty: all are dense. Affine ops
// join only where their weights have the same encodings. Terms of different encodings become
// products one after the other: the dense one first, which has the bias, then those that add.
[[nodiscard]] CompiledCell lower(const graph::Cell& cell, LayoutMode mode = LayoutMode::planned,
                                 std::span<const tensor::Encoding> slots = {});

}  // namespace sheaf::memory_plan
