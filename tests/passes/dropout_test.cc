// SPDX-License-Identifier: Apache-2.0
#include "sheaf/passes/dropout.h"

#include <gtest/gtest.h>

#include "tests/memory_plan/cell_evaluator.h"

namespace sheaf {
namespace {

constexpr std::uint32_t kWidth = 400;

// Returns what it reads and what it looks up, as they are.
graph::Cell reader(bool looks_up) {
  graph::CellBuilder cell("reader");
  if (looks_up) {
    cell.output(cell.lookup("table", kWidth));
  } else {
    const auto a = cell.input("a", kWidth);
    const auto b = cell.input("b", kWidth);
    cell.output(a).output(b);
  }
  return cell.build();
}

std::vector<test::Row> outputs(const graph::Cell& cell, std::uint32_t payload) {
  graph::ParameterStore parameters;
  graph::Binding binding;
  for (const graph::ParameterSlot& slot : cell.slots()) {
    const tensor::Shape shape{slot.shape.rows == 0 ? 10 : slot.shape.rows, slot.shape.cols};
    binding.push_back(parameters.declare(slot.name, shape));
    tensor::Tensor value(shape);
    for (float& v : value.values()) v = 1;
    parameters.assign(binding.back(), std::move(value));
  }
  const std::vector<test::Row> inputs(cell.inputs().size(), test::Row(kWidth, 1.0));
  return test::evaluate(cell, binding, parameters, inputs, payload).ports;
}

TEST(Dropout, MasksSoManyAndScalesTheRest) {
  const auto rows = outputs(passes::with_dropout(reader(false), passes::Drop::inputs, 0.25F), 3);
  for (const test::Row& row : rows) {
    int dropped = 0;
    for (const double value : row) {
      EXPECT_TRUE(value == 0 || std::abs(value - 4.0 / 3) < 1e-6) << value;
      dropped += value == 0 ? 1 : 0;
    }
    EXPECT_NEAR(dropped, kWidth / 4, 40);
  }
  EXPECT_NE(rows[0], rows[1]) << "two inputs have one mask";
}

TEST(Dropout, MaskIsThePayloads) {
  const graph::Cell cell = passes::with_dropout(reader(true), passes::Drop::lookups, 0.5F);
  EXPECT_EQ(outputs(cell, 4), outputs(cell, 4));
  EXPECT_NE(outputs(cell, 4), outputs(cell, 5));
}

TEST(Dropout, LeavesAloneWhatIsNotNamed) {
  EXPECT_EQ(passes::with_dropout(reader(true), passes::Drop::inputs, 0.5F).to_string(),
            reader(true).to_string());
  EXPECT_EQ(passes::with_dropout(reader(false), passes::Drop::lookups, 0.5F).to_string(),
            reader(false).to_string());
  EXPECT_EQ(passes::with_dropout(reader(false), passes::Drop::inputs, 0).to_string(),
            reader(false).to_string());
}

}  // namespace
}  // namespace sheaf
