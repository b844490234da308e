// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sheaf::memory_plan {

// Whether memory is laid out, inside cells and between them. The bits of all values are the same.
enum class LayoutMode : std::uint8_t {
  planned,    // operands are read in place where their rows follow each other, matrices always; the
              // PQ tree lays out what is inside a cell
  unplanned,  // every operand is gathered, parameters lie in the order of their declaration, and
              // what a batch of ops does not find side by side is copied first: for comparison
};

}  // namespace sheaf::memory_plan
