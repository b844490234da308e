// SPDX-License-Identifier: Apache-2.0
//
// What the layout makes of cells, planned and unplanned.
#include "sheaf/memory_plan/cell_layout.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/memory_plan/lower.h"
#include "tests/memory_plan/cells.h"

namespace sheaf::memory_plan {
namespace {

using ops::OpKind;

constexpr std::uint32_t kHidden = 32;

std::vector<RegionOp> ops_of(const CompiledCell& cell, OpKind kind) {
  std::vector<RegionOp> result;
  for (const Region& region : cell.regions) {
    for (const RegionOp& op : region.ops) {
      if (op.kind == kind) result.push_back(op);
    }
  }
  return result;
}

std::vector<std::uint32_t> widths_of(const CompiledCell& cell, OpKind kind) {
  std::vector<std::uint32_t> widths;
  for (const RegionOp& op : ops_of(cell, kind)) widths.push_back(op.width);
  return widths;
}

// The slots of a product's parts, in the order of the parts.
std::vector<graph::SlotId> weights_of(const Product& product, std::size_t term) {
  std::vector<graph::SlotId> slots;
  for (const ProductPart& part : product.parts) slots.push_back(part.terms[term].slot);
  return slots;
}

// Whether `slots` lie one after the other in the planned order of parameters.
bool lie_together(const CompiledCell& cell, const std::vector<graph::SlotId>& slots) {
  const auto& order = cell.parameter_order;
  return std::search(order.begin(), order.end(), slots.begin(), slots.end()) != order.end();
}

TEST(CellLayout, SigmoidsOfAnLstmAreOneWideOp) {
  const CompiledCell cell = lower(test::lstm_cell(kHidden));
  EXPECT_EQ(widths_of(cell, OpKind::sigmoid), std::vector<std::uint32_t>{3 * kHidden});
  EXPECT_EQ(cell.report.copy_kernels, 0U);
  // The product has the sigmoids beside each other and the tanh outside.
  const Place gates = ops_of(cell, OpKind::sigmoid)[0].a;
  EXPECT_EQ(gates.kind, Place::Kind::product);
  EXPECT_EQ(ops_of(cell, OpKind::sigmoid)[0].to, gates) << "written over what nobody reads again";
}

TEST(CellLayout, ParametersOfAProductLieInTheOrderOfItsParts) {
  const CompiledCell cell = lower(test::lstm_cell(kHidden));
  EXPECT_TRUE(lie_together(cell, weights_of(cell.products[0], 0)));
  EXPECT_TRUE(lie_together(cell, weights_of(cell.products[0], 1)));
  std::vector<graph::SlotId> biases;
  for (const ProductPart& part : cell.products[0].parts) biases.push_back(part.bias);
  EXPECT_TRUE(lie_together(cell, biases));
}

TEST(CellLayout, GatesOfThreeProductsAreOneWideOp) {
  const CompiledCell cell = lower(test::tree_lstm_cell(kHidden));
  ASSERT_EQ(cell.products.size(), 3U);
  EXPECT_EQ(cell.product_buffers.size(), 1U);
  EXPECT_EQ(cell.product_buffers[0].width, 5 * kHidden);
  EXPECT_EQ(widths_of(cell, OpKind::sigmoid), std::vector<std::uint32_t>{4 * kHidden});
}

TEST(CellLayout, CandidatesOfTwoChildrenAreOneWideOp) {
  const CompiledCell cell = lower(test::tree_gru_cell(kHidden));
  EXPECT_EQ(widths_of(cell, OpKind::sigmoid), std::vector<std::uint32_t>{4 * kHidden});
  EXPECT_EQ(widths_of(cell, OpKind::tanh), std::vector<std::uint32_t>{2 * kHidden});
  EXPECT_EQ(widths_of(cell, OpKind::one_minus), std::vector<std::uint32_t>{2 * kHidden});
  EXPECT_EQ(cell.report.copy_kernels, 0U);
}

// A width of half a panel: the product of three parts writes half a panel too much, which must not
// be what another product has left beside it.
TEST(CellLayout, PaddingOfAProductNeverFallsOnAResult) {
  for (const std::uint32_t hidden : {16U, 20U, 48U}) {
    const CompiledCell cell = lower(test::tree_lstm_cell(hidden));
    std::vector<bool> written(cell.product_buffers[0].width, false);
    for (const Product& product : cell.products) {
      ASSERT_LE(product.to.column + product.n, cell.product_buffers[product.to.index].width);
      if (product.to.index != 0) continue;
      for (std::uint32_t j = product.to.column; j < product.to.column + product.n; ++j) {
        EXPECT_FALSE(written[j]) << hidden;
      }
      for (const ProductPart& part : product.parts) {
        std::fill_n(written.begin() + product.to.column + part.column, part.width, true);
      }
    }
  }
}

TEST(CellLayout, CountsBatchesThatRunInPlaceAndThoseThatDoNot) {
  const CellReport report = lower(test::lstm_cell(kHidden)).report;
  // The product, the sigmoids, and the two multiplications, one of which reads the input c.
  EXPECT_EQ(report.batches_found, 3U);
  EXPECT_EQ(report.batches_in_place, 2U);
  EXPECT_EQ(report.batches_dropped, 1U);
  EXPECT_EQ(report.broadcast_operands, 2U);  // x and h feed all four gates
}

TEST(CellLayout, PlannedCellsCopyNothing) {
  for (const graph::Cell& cell :
       {test::lstm_cell(kHidden), test::gru_cell(kHidden), test::tree_lstm_cell(kHidden),
        test::tree_gru_cell(kHidden), test::shuffled_cell(kHidden)}) {
    const CompiledCell compiled = lower(cell);
    EXPECT_EQ(compiled.report.copy_kernels, 0U) << compiled.to_string();
    EXPECT_EQ(compiled.report.copied_bytes_per_node, 0U);
    EXPECT_EQ(compiled.report.copied_bytes_per_call, 0U);
    EXPECT_TRUE(ops_of(compiled, OpKind::copy).empty()) << compiled.to_string();
    EXPECT_TRUE(compiled.repacks.empty());
  }
}

TEST(CellLayout, UnplannedParametersInADifferentOrderAreCopied) {
  const CompiledCell cell = lower(test::shuffled_cell(kHidden), LayoutMode::unplanned);
  ASSERT_EQ(cell.repacks.size(), 1U);
  EXPECT_EQ(cell.repacks[0].pieces.size(), 2U);
  EXPECT_EQ(cell.report.copy_kernels, 1U);
  EXPECT_EQ(cell.report.copied_bytes_per_call, 2 * kHidden * kHidden * sizeof(float));
  EXPECT_EQ(cell.report.copied_bytes_per_node, 0U);
}

TEST(CellLayout, UnplannedParametersInTheRightOrderAreUsedWhereTheyLie) {
  const CompiledCell cell = lower(test::tidy_cell(kHidden), LayoutMode::unplanned);
  EXPECT_EQ(cell.report.copy_kernels, 0U);
  EXPECT_TRUE(cell.repacks.empty());
}

TEST(CellLayout, UnplannedOperandsThatLieApartAreCopied) {
  const CompiledCell cell = lower(test::lstm_cell(kHidden), LayoutMode::unplanned);
  // Three matrices and vectors of each gate, and the sigmoids' operands, between which the tanh's
  // lies; then i, f and g, c of the two multiplications.
  EXPECT_EQ(cell.repacks.size(), 1U);
  EXPECT_EQ(cell.report.copied_bytes_per_call, 4 * (2 * kHidden + 1) * kHidden * sizeof(float));
  EXPECT_GT(cell.report.copied_bytes_per_node, 3 * kHidden * sizeof(float));
  EXPECT_EQ(widths_of(cell, OpKind::sigmoid), std::vector<std::uint32_t>{3 * kHidden});
  EXPECT_GE(ops_of(cell, OpKind::copy).size(), 5U);
  EXPECT_EQ(cell.report.copy_kernels, 3U + (ops_of(cell, OpKind::copy).size() - 3) / 2 + 1);
}

TEST(CellLayout, TextNamesValuesAndParametersInTheirOrder) {
  const graph::Cell cell = test::tidy_cell(kHidden);
  const CellFacts facts(cell);
  const CellLayout layout =
      plan_cell_layout(cell, facts, find_cell_batches(cell, facts), LayoutMode::planned);
  EXPECT_EQ(layout.to_string(cell), "values: %0 %1 %3 %2 %4 %5\nparameters: W_a W_b\n");
}

}  // namespace
}  // namespace sheaf::memory_plan
