// SPDX-License-Identifier: Apache-2.0
//
// What laying out memory inside cells is worth: ED-Batch's table 2 (kernels that copy, bytes
// copied, latency) and table 4 (compile time).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sheaf/memory_plan/cell_report.h"

namespace sheaf::study {

struct MemoryOptions {
  std::uint32_t hidden = 64;  // the paper's table: 64, and 8 nodes
  std::uint32_t batch = 8;
  std::uint32_t repeat = 31;  // rounds; every time is their median
  std::string isa = "auto";
};

// A cell compiled one way. Inputs lie in place both times: what is compared is inside the cell.
struct CellMemory {
  memory_plan::CellReport report;
  std::uint64_t copied_bytes = 0;  // of one batch
  double latency_us = 0;           // of one batch, thread CPU time
  double compile_ms = 0;           // lowering, without the packing of weights
};

struct CellComparison {
  std::string cell;
  CellMemory unplanned, planned;
};

// Every cell of paper_cells(), both ways, on one thread, calls of the two taking turns. Throws
// InternalError when the two do not give the same bits.
[[nodiscard]] std::vector<CellComparison> study_memory(const MemoryOptions& options);

}  // namespace sheaf::study
