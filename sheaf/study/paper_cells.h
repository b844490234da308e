// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sheaf/graph/cell.h"

namespace sheaf::study {

struct PaperCell {
  std::string name;  // as ED-Batch, table 2, calls it
  graph::Cell cell;
};

// The cells of ED-Batch, table 2, from primitives, parameters in the order in which the equations
// of docs/models.md need them. What a model looks up is an input here.
[[nodiscard]] std::vector<PaperCell> paper_cells(std::uint32_t hidden);

}  // namespace sheaf::study
