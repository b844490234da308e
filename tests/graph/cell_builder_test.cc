// SPDX-License-Identifier: Apache-2.0
//
// What CellBuilder refuses.
#include <gtest/gtest.h>

#include <string>

#include "sheaf/base/error.h"
#include "sheaf/graph/cell.h"
#include "tests/message_of.h"

namespace sheaf::graph {
namespace {

template <typename Act>
std::string refusal(Act&& act) {
  return test::message_of<base::UsageError>(std::forward<Act>(act));
}

TEST(CellBuilder, MessageNamesAWidthOfZeroForEverySource) {
  const std::string tail = ": got 0, expected a positive number of columns";
  CellBuilder cell("gru");
  EXPECT_EQ(refusal([&] { cell.input("x", 0); }), "[cell gru] width of input" + tail);
  EXPECT_EQ(refusal([&] { cell.lookup("table", 0); }), "[cell gru] width of lookup" + tail);
  EXPECT_EQ(refusal([&] { cell.parameter("v", 0); }), "[cell gru] width of parameter" + tail);
  EXPECT_EQ(refusal([&] { cell.constant(1, 0); }), "[cell gru] width of constant" + tail);
  EXPECT_EQ(refusal([&] { cell.repeated_input("h", 0); }), "[cell gru] width of input" + tail);
}

TEST(CellBuilder, MessageNamesAnAffineOfWidthZero) {
  CellBuilder cell("gru");
  const auto x = cell.input("x", 4);
  EXPECT_EQ(refusal([&] {
              cell.affine(0, {{"W", x}});
            }),
            "[cell gru] width of affine: got 0, expected a positive number of columns");
}

TEST(CellBuilder, MessageNamesOperandsOfDifferentCells) {
  CellBuilder one("one");
  CellBuilder two("two");
  const auto a = one.input("a", 4);
  const auto b = two.input("b", 4);
  EXPECT_EQ(refusal([&] { (void)(a + b); }), "[op add] operands belong to different cells");
  EXPECT_EQ(refusal([&] { (void)(a - b); }), "[op sub] operands belong to different cells");
  EXPECT_EQ(refusal([&] { (void)(a * b); }), "[op mul] operands belong to different cells");
  EXPECT_EQ(refusal([&] { (void)concat(a, b); }), "[op concat] operands belong to different cells");
}

// Value 0 of `two` is 4 wide, value 0 of `one` 8: taken by its id alone, the operand would be
// another value than the one that was meant.
class ForeignValue : public ::testing::Test {
 protected:
  CellBuilder one_{"one"};
  CellBuilder two_{"two"};
  Value foreign_ = one_.input("x", 8);
  Value own_ = two_.input("y", 4);
};

TEST_F(ForeignValue, IsRefusedByAffine) {
  EXPECT_EQ(refusal([&] {
              two_.affine(4, {{"W", foreign_}});
            }),
            "[cell two] a value of another cell");
}

TEST_F(ForeignValue, IsRefusedByViterbiStep) {
  const auto own_emissions = two_.input("emissions", 2);  // value 1, as wide as `own_` asks for
  const auto emissions = one_.input("emissions", 5);      // value 1 of the other cell
  EXPECT_EQ(refusal([&] { two_.viterbi_step(own_, emissions, "transitions"); }),
            "[cell two] a value of another cell");
  EXPECT_EQ(refusal([&] { two_.viterbi_step(foreign_, own_emissions, "transitions"); }),
            "[cell two] a value of another cell");
}

TEST_F(ForeignValue, IsRefusedAsOutput) {
  EXPECT_EQ(refusal([&] { two_.output(foreign_); }), "[cell two] a value of another cell");
}

TEST(CellBuilder, MessageNamesASlotUsedWithTwoShapes) {
  CellBuilder cell("gru");
  const auto x = cell.input("x", 4);
  cell.affine(8, {{"W", x}});
  EXPECT_EQ(refusal([&] {
              cell.affine(6, {{"W", x}});
            }),
            "[cell gru] slot 'W' is used with two shapes: got 6 x 4, expected 8 x 4");
  EXPECT_EQ(refusal([&] {
              cell.affine(8, {{"U", x}}, "W");
            }),
            "[cell gru] slot 'W' is used with two shapes: got 1 x 8, expected 8 x 4");
  EXPECT_EQ(refusal([&] { cell.parameter("W", 4); }),
            "[cell gru] slot 'W' is used with two shapes: got 1 x 4, expected 8 x 4");
  EXPECT_EQ(refusal([&] { cell.lookup("W", 4); }),
            "[cell gru] slot 'W' is used with two shapes: got 0 x 4, expected 8 x 4");
}

TEST(CellBuilder, MessageNamesAViterbiSlotUsedWithTwoShapes) {
  CellBuilder cell("crf");
  const auto emissions = cell.input("emissions", 3);
  const auto previous = cell.input("previous", 6);
  cell.parameter("T", 3);
  EXPECT_EQ(refusal([&] { cell.viterbi_step(previous, emissions, "T"); }),
            "[cell crf] slot 'T' is used with two shapes: got 3 x 3, expected 1 x 3");
}

TEST(CellBuilder, MessageNamesAFixedInputAfterARepeatedOne) {
  CellBuilder cell("lattice_arc");
  cell.input("x", 4);
  cell.repeated_input("h", 4);
  EXPECT_EQ(refusal([&] { cell.input("y", 4); }),
            "[cell lattice_arc] input 'y' comes after a repeated input; declare repeated inputs "
            "last");
}

TEST(CellBuilder, MessageNamesACellWithoutOutput) {
  CellBuilder cell("gru");
  cell.input("x", 4);
  EXPECT_EQ(refusal([&] { (void)cell.build(); }), "[cell gru] has no output");
}

TEST(CellBuilder, MessageNamesOperandWidthsThatDoNotFit) {
  CellBuilder cell("gru");
  const auto narrow = cell.input("x", 4);
  const auto wide = cell.input("y", 8);
  EXPECT_EQ(refusal([&] { (void)(narrow + wide); }),
            "[op add] operand widths do not fit: got 8, expected 4");
  EXPECT_EQ(refusal([&] { cell.viterbi_step(wide, wide, "T"); }),
            "[op viterbi_step] operand widths do not fit: got 8, expected 16");
}

TEST(CellBuilder, MessageNamesAnAffineOfNoTerms) {
  CellBuilder cell("gru");
  EXPECT_EQ(refusal([&] { cell.affine(4, {}, "b"); }),
            "[op affine] operand widths do not fit: got 0 operands, expected one or more");
}

TEST(CellBuilder, MatricesKeepTheirColumnsAndMatvecGivesARow) {
  CellBuilder cell("matrices");
  const auto m = cell.matrix_input("m", 4, 3);
  const auto table = cell.matrix_lookup("table", 4, 3);
  const auto v = cell.input("v", 3);
  EXPECT_EQ(concat(m, table).rows(), 3U);
  EXPECT_EQ(concat(m, table).width(), 8U);
  EXPECT_EQ(cell.affine(5, {{"W", concat(m, table)}}, "b").rows(), 3U);
  EXPECT_EQ(matvec(m, v).rows(), 1U);
  EXPECT_EQ(matvec(m, v).width(), 4U);
  const Cell built = cell.output(m + table).output(matvec(m, v)).build();
  EXPECT_EQ(built.output_rows(0), 3U);
  EXPECT_EQ(built.output_rows(1), 1U);
  EXPECT_EQ(built.inputs()[0].rows, 3U);
  EXPECT_EQ(built.slots()[0].shape, (tensor::Shape{0, 12}));
  EXPECT_NE(built.to_string().find("%0 = input m : 4 x 3\n"), std::string::npos);
}

TEST(CellBuilder, FlopsOfMatricesAreThoseOfTheirColumns) {
  CellBuilder cell("matrices");
  const auto m = cell.matrix_input("m", 4, 3);
  const auto v = cell.input("v", 3);
  cell.output(cell.affine(5, {{"W", m}}, "b")).output(matvec(m, v));
  EXPECT_EQ(cell.build().flops(), 2U * 3 * 4 * 5 + 2U * 3 * 4);
}

TEST(CellBuilder, MessageNamesAMatrixBesideARow) {
  CellBuilder cell("matrices");
  const auto m = cell.matrix_input("m", 4, 3);
  const auto v = cell.input("v", 4);
  EXPECT_EQ(refusal([&] { (void)(m + v); }), "[op add] operand rows do not fit: got 1, expected 3");
  EXPECT_EQ(refusal([&] { (void)matvec(m, v); }),
            "[op matvec] operand widths do not fit: got 4, expected 3");
}

TEST(CellBuilder, MessageNamesAMatrixOfNoColumnsOrTooMany) {
  CellBuilder cell("matrices");
  EXPECT_EQ(refusal([&] { cell.matrix_input("m", 4, 0); }),
            "[cell matrices] matrix of input: got 4 x 0, expected 1 to 134217728 values");
  EXPECT_EQ(refusal([&] { cell.matrix_lookup("t", 1U << 16U, 1U << 16U); }),
            "[cell matrices] matrix of lookup: got 65536 x 65536, expected 1 to 134217728 values");
}

TEST(CellBuilder, VerifyRefusesAnOpWithoutItsSlot) {
  CellBuilder cell("crf");
  const auto previous = cell.input("previous", 4);
  const auto emissions = cell.input("emissions", 2);
  cell.output(CellBuilder::apply(ops::OpKind::viterbi_step, {previous, emissions}));
  EXPECT_EQ(test::message_of<base::InternalError>([&] { (void)cell.build(); }),
            "[cell crf] an op has not the parameter slots that it takes");
}

TEST(CellBuilder, MayBeUsedAfterARefusal) {
  CellBuilder cell("gru");
  const auto x = cell.input("x", 4);
  const auto y = cell.input("y", 8);
  EXPECT_THROW((void)(x + y), base::UsageError);
  EXPECT_EQ(cell.output(concat(x, y)).build().output_width(0), 12U);
}

}  // namespace
}  // namespace sheaf::graph
