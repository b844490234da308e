// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/graph/cell.h"
#include "tests/message_of.h"

namespace sheaf::graph {
namespace {

using ops::OpKind;

TEST(QuantisedCell, ProductTakesWeightsThenScalesThenThoseOfTheOperands) {
  CellBuilder cell("cell");
  const Value x = cell.quantise(cell.input("x", 3), 8, "x.scale");
  const Value h = cell.quantise(cell.input("h", 5), 8, "h.scale");
  const Value y = cell.quantised_affine(4, {{"W", "W.scale", x}, {"U", "U.scale", h}}, 6, "b");
  const Cell built = cell.output(y).build();
  EXPECT_EQ(y.width(), 4U);
  EXPECT_EQ(built.to_string(),
            "cell cell\n"
            "  %0 = input x : 3\n"
            "  %1 = quantise %0 @x.scale : 3\n"
            "  %2 = input h : 5\n"
            "  %3 = quantise %2 @h.scale : 5\n"
            "  %4 = quantised_affine %1 %3 @W @U @W.scale @U.scale @x.scale @h.scale @b : 4\n"
            "  return %4\n");
  EXPECT_EQ(built.ops()[4].bits, (tensor::Bits{8, 6}));
  EXPECT_EQ(built.slots()[2].shape, (tensor::Shape{4, 3}));  // W
  EXPECT_EQ(built.slots()[3].shape, (tensor::Shape{4, 5}));  // U
  EXPECT_EQ(built.flops(), 2U * 4 * 8);
}

TEST(QuantisedCell, ConvolutionHasTheShapesOfAConvolution) {
  CellBuilder cell("cell");
  const ops::Window window{8, 8, 3, 3, 1, 1};
  const Value x = cell.quantise(cell.data_lookup("pixels", 128), 8, "x.scale");
  const Value y = cell.quantised_conv2d({"W", "W.scale", x}, 6, window, 8);
  const Cell built = cell.output(y).build();
  EXPECT_EQ(y.rows(), 64U);
  EXPECT_EQ(y.width(), 6U);
  EXPECT_EQ(built.slots()[2].shape, (tensor::Shape{6, 18}));
  EXPECT_EQ(built.flops(), 2U * 64 * 18 * 6);
}

TEST(QuantisedCell, IsRepeatedAsItIs) {
  CellBuilder first("cell");
  const Value q = first.quantise(first.input("x", 3), 4, "x.scale");
  const Cell cell = first.output(first.quantised_affine(4, {{"W", "W.scale", q}}, 6, "b")).build();
  CellBuilder second("cell");
  std::vector<Value> values;
  for (ValueId v = 0; v < cell.ops().size(); ++v) {
    std::vector<Value> operands;
    for (const ValueId operand : cell.ops()[v].operands) operands.push_back(values[operand]);
    values.push_back(second.repeat(cell, v, operands));
  }
  const Cell again = second.output(values.back()).build();
  EXPECT_EQ(again.to_string(), cell.to_string());
  EXPECT_EQ(again.ops()[2].bits, (tensor::Bits{4, 6}));
  EXPECT_EQ(again.ops()[1].scalar, 7);
}

template <class Write>
std::string refusal(const Write& write) {
  return test::message_of<base::UsageError>(write);
}

TEST(QuantisedCell, MessageNamesBitsThatThereAreNot) {
  CellBuilder cell("cell");
  const Value x = cell.input("x", 3);
  EXPECT_EQ(refusal([&] { (void)cell.quantise(x, 17, "s"); }),
            "[op quantise] bits of an input: got 17, expected 2 to 16");
  const Value q = cell.quantise(x, 8, "s");
  EXPECT_EQ(refusal([&] {
              (void)cell.quantised_affine(4, {{"W", "t", q}}, 1);
            }),
            "[op quantise] bits of a weight: got 1, expected 2 to 16");
}

TEST(QuantisedCell, MessageNamesAnOperandThatIsNotQuantised) {
  CellBuilder cell("cell");
  const Value x = cell.input("x", 3);
  EXPECT_EQ(refusal([&] {
              (void)cell.quantised_affine(4, {{"W", "t", x}}, 8);
            }),
            "[cell cell] what W multiplies: got input, expected quantised values of equally many "
            "bits");
}

TEST(QuantisedCell, MessageNamesAnOperandOfOtherBits) {
  CellBuilder cell("cell");
  const Value x = cell.input("x", 3);
  const Value a = cell.quantise(x, 8, "s");
  const Value b = cell.quantise(x, 7, "s");
  EXPECT_EQ(refusal([&] {
              (void)cell.quantised_affine(4, {{"W", "t", a}, {"U", "u", b}}, 8);
            }),
            "[cell cell] what U multiplies: got quantise, expected quantised values of equally "
            "many bits");
}

}  // namespace
}  // namespace sheaf::graph
