// SPDX-License-Identifier: Apache-2.0
#include "sheaf/graph/cell.h"

#include <gtest/gtest.h>

namespace sheaf::graph {
namespace {

// One LSTM step: four gates over x and h.
Cell lstm_cell(std::uint32_t in, std::uint32_t hidden) {
  CellBuilder cell("lstm");
  const auto x = cell.input("x", in);
  const auto h = cell.input("h", hidden);
  const auto c = cell.input("c", hidden);
  const auto f = sigmoid(cell.affine(hidden, {{"U_f", x}, {"W_f", h}}, "b_f"));
  const auto i = sigmoid(cell.affine(hidden, {{"U_i", x}, {"W_i", h}}, "b_i"));
  const auto o = sigmoid(cell.affine(hidden, {{"U_o", x}, {"W_o", h}}, "b_o"));
  const auto g = tanh(cell.affine(hidden, {{"U_g", x}, {"W_g", h}}, "b_g"));
  const auto next = i * g + f * c;
  return cell.output(o * tanh(next)).output(next).build();
}

TEST(Cell, FlopsOfAnLstmAreTwoPerWeight) {
  EXPECT_EQ(lstm_cell(64, 64).flops(), 16U * 64 * 64);
  EXPECT_EQ(lstm_cell(100, 64).flops(), 4U * 2 * (100 + 64) * 64);
}

TEST(Cell, FlopsOfElementWiseOpsLookUpsAndViterbiAreNone) {
  CellBuilder cell("free");
  const auto x = cell.lookup("table", 4);
  const auto previous = cell.input("previous", 8);
  const auto step = cell.viterbi_step(previous, log_softmax(x - one_minus(x)), "T");
  EXPECT_EQ(cell.output(step).build().flops(), 0U);
}

TEST(Cell, HoldsInputsOutputsAndSlotsInTheOrderOfTheirDeclaration) {
  const Cell cell = lstm_cell(3, 5);
  EXPECT_EQ(cell.name(), "lstm");
  ASSERT_EQ(cell.inputs().size(), 3U);
  EXPECT_EQ(cell.inputs()[0].name, "x");
  EXPECT_EQ(cell.inputs()[0].width, 3U);
  EXPECT_EQ(cell.inputs()[2].name, "c");
  EXPECT_EQ(cell.inputs()[2].width, 5U);
  EXPECT_FALSE(cell.inputs()[2].repeated);
  ASSERT_EQ(cell.outputs().size(), 2U);
  EXPECT_EQ(cell.output_width(0), 5U);
  EXPECT_EQ(cell.output_width(1), 5U);
  ASSERT_EQ(cell.slots().size(), 12U);
  EXPECT_EQ(cell.slots()[0].name, "U_f");
  EXPECT_EQ(cell.slots()[0].shape, (tensor::Shape{5, 3}));
  EXPECT_EQ(cell.slots()[1].shape, (tensor::Shape{5, 5}));
  EXPECT_EQ(cell.slots()[2].name, "b_f");
  EXPECT_EQ(cell.slots()[2].shape, (tensor::Shape{1, 5}));
}

TEST(Cell, AffineHasOneSlotPerOperandAndThenItsBias) {
  CellBuilder cell("two");
  const auto x = cell.input("x", 3);
  const auto with_bias = cell.affine(5, {{"W", x}, {"U", x}}, "b");
  const auto without = cell.affine(5, {{"W", x}});
  const Cell built = cell.output(with_bias).output(without).build();
  EXPECT_EQ(built.ops()[with_bias.id()].operands, (std::vector<ValueId>{0, 0}));
  EXPECT_EQ(built.ops()[with_bias.id()].slots, (std::vector<SlotId>{0, 1, 2}));
  EXPECT_EQ(built.ops()[without.id()].slots, (std::vector<SlotId>{0}));
}

TEST(Cell, SlotsOfOneNameAndShapeAreOneSlot) {
  CellBuilder cell("shared");
  const auto x = cell.input("x", 4);
  const auto a = cell.affine(4, {{"F_1", x}}, "b_f");
  const auto b = cell.affine(4, {{"F_2", x}}, "b_f");
  EXPECT_EQ(cell.output(a + b).build().slots().size(), 3U);
}

TEST(Cell, CountsFixedAndRepeatedInputs) {
  CellBuilder cell("arc");
  const auto x = cell.input("x", 4);
  const auto h = cell.repeated_input("h", 4);
  const auto c = cell.repeated_input("c", 4);
  const Cell built = cell.output(x + h + c).build();
  EXPECT_EQ(built.fixed_inputs(), 1U);
  EXPECT_EQ(built.repeated_inputs(), 2U);
  EXPECT_TRUE(built.inputs()[2].repeated);
  EXPECT_NO_THROW(built.verify());
}

TEST(Cell, ValuesKnowTheirWidths) {
  CellBuilder cell("widths");
  const auto x = cell.input("x", 3);
  const auto e = cell.lookup("table", 5);
  EXPECT_EQ(concat(x, e).width(), 8U);
  EXPECT_EQ(cell.affine(7, {{"W", x}, {"U", e}}).width(), 7U);
  EXPECT_EQ(cell.viterbi_step(cell.input("p", 6), x, "T").width(), 6U);
  EXPECT_EQ(cell.constant(2, 9).width(), 9U);
  EXPECT_EQ(cell.width(e.id()), 5U);
}

TEST(Cell, OpsKeepTheirConstantTheirInputAndTheirTable) {
  CellBuilder cell("sources");
  const auto x = cell.input("x", 3);
  const auto y = cell.repeated_input("y", 3);
  const auto e = cell.lookup("table", 3);
  const auto k = cell.constant(2.5F, 3);
  const Cell built = cell.output(x + y + e + k).build();
  EXPECT_EQ(built.ops()[x.id()].input, 0U);
  EXPECT_EQ(built.ops()[y.id()].input, 1U);
  EXPECT_EQ(built.ops()[k.id()].scalar, 2.5F);
  EXPECT_EQ(built.slots()[0].shape, (tensor::Shape{0, 3}));
}

TEST(Cell, BuilderMayGoOnAfterACellWasBuilt) {
  CellBuilder cell("growing");
  const auto x = cell.input("x", 3);
  const Cell first = cell.output(x).build();
  cell.output(sigmoid(x));
  EXPECT_EQ(first.outputs().size(), 1U);
  EXPECT_EQ(cell.build().outputs().size(), 2U);
}

TEST(Cell, TextShowsEveryOp) {
  CellBuilder cell("gate");
  const auto e = cell.lookup("table", 4);
  const auto x = cell.input("x", 4);
  const auto h = cell.repeated_input("h", 2);
  const auto a = cell.affine(4, {{"W", e}, {"U", h}}, "b");
  EXPECT_EQ(cell.output(x * one_minus(a)).output(a).build().to_string(),
            "cell gate\n"
            "  %0 = lookup @table : 4\n"
            "  %1 = input x : 4\n"
            "  %2 = input h... : 2\n"
            "  %3 = affine %0 %2 @W @U @b : 4\n"
            "  %4 = one_minus %3 : 4\n"
            "  %5 = mul %1 %4 : 4\n"
            "  return %5 %3\n");
}

}  // namespace
}  // namespace sheaf::graph
