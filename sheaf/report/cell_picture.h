// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sheaf/graph/cell.h"

namespace sheaf::report {

// The memory of a cell before and after planning, in four rows of boxes: parameters and values in
// the order of their declaration, and in the planned order. What one batch of ops makes, or
// multiplies by, has one colour.
[[nodiscard]] std::string cell_to_svg(const graph::Cell& cell);

// The same for terminals: batches, the planned order, and what is copied with and without the plan.
[[nodiscard]] std::string cell_to_text(const graph::Cell& cell);

}  // namespace sheaf::report
