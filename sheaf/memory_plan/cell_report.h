// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sheaf::memory_plan {

// What the layout of a cell comes to. Batches are those of two ops or more; a copy kernel is one
// operand of one batch that is copied because it does not lie side by side.
struct CellReport {
  std::uint32_t batches_found = 0;
  std::uint32_t batches_in_place = 0;       // run as one op, or in part, on operands where they lie
  std::uint32_t batches_dropped = 0;        // do not: their ops run one by one (planned) or copy
  std::uint32_t broadcast_operands = 0;     // one value for several ops of a batch
  std::uint32_t copy_kernels = 0;           // gathers of values and re-packings of parameters
  std::uint64_t copied_bytes_per_node = 0;  // of values
  std::uint64_t copied_bytes_per_call = 0;  // of parameters, whatever the number of nodes
};

}  // namespace sheaf::memory_plan
