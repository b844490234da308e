// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/split_cell.h"

#include <gtest/gtest.h>

#include "sheaf/memory_plan/lower.h"
#include "tests/memory_plan/cells.h"

namespace sheaf::memory_plan {
namespace {

using graph::CellBuilder;

constexpr std::uint32_t kWidth = 20;    // padded to 32
constexpr std::uint32_t kColumns = 64;  // of two parts

std::shared_ptr<const SplitCell> split_of(const graph::Cell& cell,
                                          LayoutMode mode = LayoutMode::planned) {
  return split_cell(lower(cell, mode));
}

// Two gates over a row of a table and a state.
graph::Cell gates_cell() {
  CellBuilder cell("gates");
  const auto x = cell.lookup("table", kWidth);
  const auto h = cell.input("h", kWidth);
  const auto a = sigmoid(cell.affine(kWidth, {{"W_a", x}, {"U_a", h}}, "b_a"));
  const auto b = sigmoid(cell.affine(kWidth, {{"W_b", x}, {"U_b", h}}, "b_b"));
  return cell.output(a * b).build();
}

TEST(SplitCell, AProductIsCutBehindItsLookUps) {
  const auto split = split_of(gates_cell());
  ASSERT_NE(split, nullptr);
  EXPECT_EQ(split->early_floats, kColumns);
  const Place early{Place::Kind::early, 0, 0, kColumns};

  const Product& before = split->prefix.products.at(0);
  EXPECT_EQ(before.k, kWidth);
  EXPECT_EQ(before.n, kColumns);
  EXPECT_EQ(before.initial, Place{});
  EXPECT_EQ(before.to, early);
  EXPECT_TRUE(split->prefix.inputs.empty());
  EXPECT_TRUE(split->prefix.output_widths.empty());

  const Product& after = split->rest.products.at(0);
  EXPECT_EQ(after.k, kWidth);
  EXPECT_EQ(after.initial, early);
  ASSERT_EQ(after.ranges.size(), 1U);
  EXPECT_EQ(after.ranges[0].from.kind, Place::Kind::input);
  EXPECT_EQ(after.parts.at(1).terms.at(0).first_k, 0U);
  EXPECT_TRUE(split->rest.lookups.empty());
}

TEST(SplitCell, TheStepsAreThoseOfTheCell) {
  const CompiledCell whole = lower(gates_cell(), LayoutMode::planned);
  const auto split = split_cell(whole);
  ASSERT_NE(split, nullptr);
  EXPECT_EQ(split->prefix.steps.size(), 2U);  // look-up, product
  EXPECT_EQ(split->rest.steps.size(), 2U);    // product, region
  EXPECT_EQ(split->rest.regions.at(0).ops.size(), whole.regions.at(0).ops.size());
}

// As in the encoder: x = tanh(E row + b), which only products read.
TEST(SplitCell, WhatOnlyThePrefixReadsIsNotStored) {
  CellBuilder cell("deep");
  const auto row = cell.lookup("table", kWidth);
  const auto x = tanh(cell.affine(kWidth, {{"E", row}}, "b_x"));
  const auto h = cell.input("h", kWidth);
  const auto split =
      split_of(cell.output(tanh(cell.affine(kWidth, {{"W", x}, {"U", h}}, "b"))).build());
  ASSERT_NE(split, nullptr);
  EXPECT_EQ(split->early_floats, 32U);
  EXPECT_EQ(split->prefix.products.size(), 2U);
  EXPECT_EQ(split->prefix.regions.size(), 1U);
  EXPECT_EQ(split->rest.products.size(), 1U);
}

TEST(SplitCell, WhatTheRestReadsIsStoredAndLookUpsAreMadeAgain) {
  CellBuilder cell("gated");
  const auto row = cell.lookup("table", kWidth);
  const auto x = tanh(cell.affine(kWidth, {{"E", row}}, "b_x"));
  const auto h = cell.input("h", kWidth);
  const auto y = tanh(cell.affine(kWidth, {{"W", x}, {"U", h}}, "b"));
  const auto split = split_of(cell.output(y * x + row).build());
  ASSERT_NE(split, nullptr);
  EXPECT_EQ(split->early_floats, 2U * 32U);  // sums, and x
  EXPECT_EQ(split->prefix.lookups.size(), 1U);
  EXPECT_EQ(split->rest.lookups.size(), 1U);
  bool reads_x = false;
  for (const RegionOp& op : split->rest.regions.at(0).ops) {
    reads_x = reads_x || op.a.kind == Place::Kind::early || op.b.kind == Place::Kind::early;
  }
  EXPECT_TRUE(reads_x);
}

TEST(SplitCell, AWeightOfAConcatenationIsCutByColumns) {
  CellBuilder cell("joined");
  const auto x = cell.lookup("table", 12);
  const auto h = cell.input("h", kWidth);
  const auto split =
      split_of(cell.output(tanh(cell.affine(kWidth, {{"W", concat(x, h)}}, "b"))).build());
  ASSERT_NE(split, nullptr);
  const ProductPart::Term before = split->prefix.products.at(0).parts.at(0).terms.at(0);
  EXPECT_EQ(before.width, 12U);
  EXPECT_EQ(before.weight_column, 0U);
  const ProductPart::Term after = split->rest.products.at(0).parts.at(0).terms.at(0);
  EXPECT_EQ(after.first_k, 0U);
  EXPECT_EQ(after.width, kWidth);
  EXPECT_EQ(after.weight_column, 12U);
}

TEST(SplitCell, RangesThatDoNotLeadStay) {
  CellBuilder cell("state_first");
  const auto h = cell.input("h", kWidth);
  const auto x = cell.lookup("table", kWidth);
  EXPECT_EQ(split_of(cell.output(tanh(cell.affine(kWidth, {{"U", h}, {"W", x}}, "b"))).build()),
            nullptr);
}

TEST(SplitCell, ACellWithoutLookUpsIsNotSplit) {
  EXPECT_EQ(split_of(test::lstm_cell(kWidth)), nullptr);
  EXPECT_EQ(split_of(test::gru_cell(kWidth)), nullptr);
}

TEST(SplitCell, ACellOfLookUpsOnlyIsNotSplit) {
  CellBuilder cell("leaf");
  const auto x = cell.lookup("table", kWidth);
  EXPECT_EQ(split_of(cell.output(tanh(cell.affine(kWidth, {{"W", x}}, "b"))).build()), nullptr);
}

TEST(SplitCell, ACellWhoseProductsArePackedOnEveryCallIsNotSplit) {
  ASSERT_FALSE(lower(gates_cell(), LayoutMode::unplanned).repacks.empty());
  EXPECT_EQ(split_of(gates_cell(), LayoutMode::unplanned), nullptr);
}

}  // namespace
}  // namespace sheaf::memory_plan
