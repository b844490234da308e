// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/memory.h"

#include <gtest/gtest.h>

#include "sheaf/study/paper_cells.h"

namespace sheaf::study {
namespace {

// That both ways give the same bits is checked inside.
TEST(StudyMemory, PlannedCellsCopyNothingAndUnplannedOnesDo) {
  const auto cells = study_memory({.hidden = 24, .batch = 3, .repeat = 1, .isa = "auto"});
  ASSERT_EQ(cells.size(), paper_cells(24).size());
  for (const CellComparison& cell : cells) {
    EXPECT_EQ(cell.planned.report.copy_kernels, 0U) << cell.cell;
    EXPECT_EQ(cell.planned.copied_bytes, 0U) << cell.cell;
    if (cell.cell == "MVCell") continue;  // no two of its ops are a batch
    EXPECT_GT(cell.unplanned.report.copy_kernels, 0U) << cell.cell;
    EXPECT_GT(cell.unplanned.copied_bytes, 0U) << cell.cell;
    EXPECT_EQ(cell.planned.report.batches_found, cell.unplanned.report.batches_found) << cell.cell;
  }
}

}  // namespace
}  // namespace sheaf::study
