// SPDX-License-Identifier: Apache-2.0
//
// A cell in two: what needs nothing but a node's payload, and all else.
#pragma once

#include <cstdint>
#include <memory>

#include "sheaf/memory_plan/compiled_cell.h"

namespace sheaf::memory_plan {

// `prefix` may run at any time, for the nodes of many batches at once: it has neither inputs nor
// outputs, and writes what `rest` needs of it into one row of `early_floats` floats per node, the
// early values, which the plan finds a place for. `rest` runs where the cell would have run.
//
// A product whose leading ranges are the prefix's becomes two: one over these, from the bias on,
// whose sums are early values, and one that goes on from these over the other ranges. Every
// element's chain of multiply-adds is cut between two of its links, so that the bits are those of
// the whole cell.
struct SplitCell {
  CompiledCell prefix;
  CompiledCell rest;
  std::uint32_t early_floats = 0;  // a multiple of kRowAlignment
  std::uint64_t weight_bytes = 0;  // that the products of the prefix read
};

// Null when no product has a leading range that depends on the payload alone, when all of the cell
// does, and for cells compiled unplanned, whose products are packed again on every call. Ranges
// that are not leading stay in the rest: to take them first would change bits. What works on
// matrices stays there, too, and no product of encoded weights is cut.
[[nodiscard]] std::shared_ptr<const SplitCell> split_cell(const CompiledCell& cell);

}  // namespace sheaf::memory_plan
