// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sheaf::memory_plan {

// Whether the prefix of a cell, what needs a node's payload only (split_cell.h), runs for many
// batches at once. The bits of all values are the same.
enum class Hoist : std::uint8_t {
  automatic,  // where it pays (hoisting.h)
  on,         // wherever two batches share a prefix batch
  off,
};

}  // namespace sheaf::memory_plan
