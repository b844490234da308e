// SPDX-License-Identifier: Apache-2.0
//
// The figures of `sheaf study memory` as text and JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sheaf/study/memory.h"

namespace sheaf::study {

// A row per cell, in the columns of ED-Batch's table 2. Plain text, or Markdown.
[[nodiscard]] std::string memory_text(const std::vector<CellComparison>& cells, bool markdown);

[[nodiscard]] nlohmann::ordered_json memory_json(const MemoryOptions& options,
                                                 const std::vector<CellComparison>& cells);

}  // namespace sheaf::study
