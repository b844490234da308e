// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/lower.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/memory_plan/compiled_network.h"
#include "tests/message_of.h"

namespace sheaf::memory_plan {
namespace {

using graph::CellBuilder;

CompiledCell good_cell() {
  CellBuilder cell("good");
  const auto x = cell.input("x", 12);
  const auto h = cell.input("h", 20);
  const auto gate = sigmoid(cell.affine(20, {{"W", x}, {"U", h}}, "b"));
  return lower(cell.output(gate * tanh(h)).build());
}

std::string refusal(const CompiledCell& cell) {
  return test::message_of<base::InternalError>([&] { cell.verify(); });
}

TEST(CompiledCell, VerifyAcceptsWhatLowerMakes) { EXPECT_NO_THROW(good_cell().verify()); }

TEST(CompiledCell, VerifyRefusesARegionBeforeItsProduct) {
  CompiledCell cell = good_cell();
  ASSERT_EQ(cell.steps.at(1).kind, Step::Kind::product);
  std::swap(cell.steps[1], cell.steps[2]);
  EXPECT_EQ(refusal(cell), "[compiled cell good] a step reads a place that nothing has written");
}

TEST(CompiledCell, VerifyRefusesAProductThatReadsAnUnwrittenBlock) {
  CompiledCell cell = good_cell();
  cell.products[0].ranges[0].from = {Place::Kind::block, 64};
  EXPECT_EQ(refusal(cell), "[compiled cell good] a step reads a place that nothing has written");
}

TEST(CompiledCell, VerifyRefusesAPortThatNothingWrites) {
  CompiledCell cell = good_cell();
  cell.output_widths.push_back(20);
  cell.output_rows.push_back(1);
  cell.output_tables.push_back(CompiledCell::kNoTable);
  EXPECT_EQ(refusal(cell), "[compiled cell good] a step reads a place that nothing has written");
}

TEST(CompiledCell, VerifyRefusesRangesThatDoNotAddUp) {
  CompiledCell cell = good_cell();
  ++cell.products[0].ranges[0].width;
  EXPECT_EQ(refusal(cell), "[compiled cell good] k-ranges do not add up to k");
}

TEST(CompiledCell, VerifyRefusesAPartBeyondTheProduct) {
  CompiledCell cell = good_cell();
  cell.products[0].parts[0].width = cell.products[0].n + 1;
  EXPECT_EQ(refusal(cell), "[compiled cell good] a part exceeds n");
}

TEST(CompiledCell, VerifyRefusesAnUnalignedPart) {
  CompiledCell cell = good_cell();
  cell.products[0].parts[0].column = 8;
  EXPECT_EQ(refusal(cell), "[compiled cell good] a part is unaligned");
}

TEST(CompiledCell, TextNamesEveryStep) {
  CellBuilder cell("lookup");
  const auto x = cell.lookup("table", 12);
  const auto h = cell.input("h", 20);
  const auto gate = sigmoid(cell.affine(20, {{"W", x}, {"U", h}}, "b"));
  EXPECT_EQ(lower(cell.output(gate * h).build()).to_string(),
            "compiled cell lookup\n"
            "  lookup -> block[0]\n"
            "  product 0: k = 32 ( block[0]:12 input[0]:20 ), n = 32, 1 parts -> product[0]\n"
            "  region 0\n"
            "    sigmoid product[0] -> tile[0] : 20\n"
            "    mul tile[0] input[0] -> output[0] : 20\n");
}

// A cell with two ports of these widths.
std::shared_ptr<const graph::Cell> cell_of(std::uint32_t first, std::uint32_t second) {
  CellBuilder cell("two");
  const auto a = cell.input("a", first);
  const auto b = cell.input("b", second);
  return std::make_shared<graph::Cell>(cell.output(tanh(a)).output(tanh(b)).build());
}

TEST(CompiledNetwork, TypesOfOneCellShareItsCode) {
  graph::Network network;
  const auto cell = cell_of(8, 8);
  network.add_type("one", cell);
  network.add_type("two", cell);
  network.add_type("other", cell_of(8, 8));
  const CompiledNetwork compiled = compile_network(network);
  EXPECT_EQ(compiled.types.at(0).cell, compiled.types.at(1).cell);
  EXPECT_NE(compiled.types.at(0).cell, compiled.types.at(2).cell);
}

TEST(CompiledNetwork, PortsOfOneNumberAndPaddedWidthShareAColumn) {
  graph::Network network;
  network.add_type("narrow", cell_of(5, 40));
  network.add_type("other", cell_of(16, 20));
  const CompiledNetwork compiled = compile_network(network);
  const auto& narrow = compiled.types.at(0).port_column;
  const auto& other = compiled.types.at(1).port_column;
  EXPECT_EQ(narrow.at(0), other.at(0));  // 5 and 16 columns: both rows of 16
  EXPECT_NE(narrow.at(1), other.at(1));  // 48 and 32
  EXPECT_EQ(compiled.stride(0, 0), 16U);
  EXPECT_EQ(compiled.stride(0, 1), 48U);
  EXPECT_EQ(compiled.stride(1, 1), 32U);
}

TEST(CompiledNetwork, PortsOfDifferentNumbersHaveDifferentColumns) {
  graph::Network network;
  network.add_type("same", cell_of(16, 16));
  const CompiledNetwork compiled = compile_network(network);
  EXPECT_NE(compiled.types.at(0).port_column.at(0), compiled.types.at(0).port_column.at(1));
  EXPECT_EQ(compiled.column_stride.size(), 2U);
}

}  // namespace
}  // namespace sheaf::memory_plan
