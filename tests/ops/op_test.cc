// SPDX-License-Identifier: Apache-2.0
#include "sheaf/ops/op.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::ops {
namespace {

using Widths = std::vector<std::uint32_t>;
using Shapes = std::vector<tensor::Shape>;

// Of operands that are one row each.
std::uint32_t infer_width(OpKind kind, const Widths& operands, const OpAttributes& attributes) {
  Shapes shapes;
  for (const std::uint32_t width : operands) shapes.push_back({1, width});
  const tensor::Shape result = infer_shape(kind, shapes, attributes);
  EXPECT_EQ(result.rows, 1U);
  return result.cols;
}

std::string refusal(OpKind kind, const Widths& operands) {
  return test::message_of<base::UsageError>([&] { (void)infer_width(kind, operands, {}); });
}

std::string refusal_of(OpKind kind, const Shapes& operands) {
  return test::message_of<base::UsageError>([&] { (void)infer_shape(kind, operands, {}); });
}

// The whole vocabulary, in the order of OpKind: what an op is called, how it is executed, how many
// operands and parameters it takes.
const std::vector<OpSchema> kExpected = {
    {OpKind::input, "input", OpClass::source, 0, 0, 0},
    {OpKind::lookup, "lookup", OpClass::source, 0, 1, 1},
    {OpKind::parameter, "parameter", OpClass::source, 0, 1, 1},
    {OpKind::constant, "constant", OpClass::source, 0, 0, 0},
    {OpKind::affine, "affine", OpClass::product, -1, 1, -1},
    {OpKind::concat, "concat", OpClass::elementwise, -1, 0, 0},
    {OpKind::copy, "copy", OpClass::elementwise, 1, 0, 0},
    {OpKind::add, "add", OpClass::elementwise, 2, 0, 0},
    {OpKind::sub, "sub", OpClass::elementwise, 2, 0, 0},
    {OpKind::mul, "mul", OpClass::elementwise, 2, 0, 0},
    {OpKind::one_minus, "one_minus", OpClass::elementwise, 1, 0, 0},
    {OpKind::sigmoid, "sigmoid", OpClass::elementwise, 1, 0, 0},
    {OpKind::tanh, "tanh", OpClass::elementwise, 1, 0, 0},
    {OpKind::log_softmax, "log_softmax", OpClass::row, 1, 0, 0},
    {OpKind::matvec, "matvec", OpClass::product, 2, 0, 0},
    {OpKind::viterbi_step, "viterbi_step", OpClass::row, 2, 1, 1},
    {OpKind::slice, "slice", OpClass::row, 1, 0, 0},
    {OpKind::scale, "scale", OpClass::elementwise, 1, 0, 0},
    {OpKind::row_sum, "row_sum", OpClass::row, 1, 0, 0},
    {OpKind::broadcast, "broadcast", OpClass::row, 1, 0, 0},
    {OpKind::pick, "pick", OpClass::row, 1, 0, 0},
    {OpKind::one_hot, "one_hot", OpClass::row, 1, 0, 0},
    {OpKind::dropout_mask, "dropout_mask", OpClass::row, 0, 1, 1},
    {OpKind::sigmoid_grad, "sigmoid_grad", OpClass::elementwise, 2, 0, 0},
    {OpKind::tanh_grad, "tanh_grad", OpClass::elementwise, 2, 0, 0},
    {OpKind::log_softmax_grad, "log_softmax_grad", OpClass::row, 2, 0, 0},
    {OpKind::relu, "relu", OpClass::elementwise, 1, 0, 0},
    {OpKind::relu_grad, "relu_grad", OpClass::elementwise, 2, 0, 0},
    {OpKind::reciprocal_sqrt, "reciprocal_sqrt", OpClass::elementwise, 1, 0, 0},
    {OpKind::conv2d, "conv2d", OpClass::spatial, 1, 1, 2},
    {OpKind::conv2d_grad_input, "conv2d_grad_input", OpClass::spatial, 1, 1, 1},
    {OpKind::depthwise_conv2d, "depthwise_conv2d", OpClass::spatial, 1, 1, 2},
    {OpKind::depthwise_conv2d_grad_input, "depthwise_conv2d_grad_input", OpClass::spatial, 1, 1, 1},
    {OpKind::max_pool, "max_pool", OpClass::spatial, 1, 0, 0},
    {OpKind::max_pool_grad, "max_pool_grad", OpClass::spatial, 2, 0, 0},
    {OpKind::average_pool, "average_pool", OpClass::spatial, 1, 0, 0},
    {OpKind::average_pool_grad, "average_pool_grad", OpClass::spatial, 1, 0, 0},
    {OpKind::reshape, "reshape", OpClass::spatial, 1, 0, 0},
    {OpKind::sum_rows, "sum_rows", OpClass::spatial, 1, 0, 0},
    {OpKind::repeat_row, "repeat_row", OpClass::spatial, 1, 0, 0},
    {OpKind::add_row, "add_row", OpClass::spatial, 2, 0, 0},
    {OpKind::mul_row, "mul_row", OpClass::spatial, 2, 0, 0},
    {OpKind::quantise, "quantise", OpClass::row, 1, 1, 1},
    {OpKind::quantised_affine, "quantised_affine", OpClass::product, -1, 3, -1},
    {OpKind::quantised_conv2d, "quantised_conv2d", OpClass::spatial, 1, 3, 4},
};

TEST(Ops, ListHoldsEveryOpInTheOrderOfItsEnum) {
  ASSERT_EQ(all_ops().size(), kExpected.size());
  EXPECT_EQ(kOpKinds, kExpected.size());
  for (std::size_t i = 0; i < kExpected.size(); ++i) {
    const OpSchema& op = all_ops()[i];
    EXPECT_EQ(static_cast<std::size_t>(op.kind), i) << op.name;
    EXPECT_EQ(op.kind, kExpected[i].kind) << op.name;
    EXPECT_EQ(op.name, kExpected[i].name);
    EXPECT_EQ(op.op_class, kExpected[i].op_class) << op.name;
    EXPECT_EQ(op.operands, kExpected[i].operands) << op.name;
    EXPECT_EQ(op.min_parameters, kExpected[i].min_parameters) << op.name;
    EXPECT_EQ(op.max_parameters, kExpected[i].max_parameters) << op.name;
  }
}

TEST(Ops, SchemaIsFoundByKind) {
  for (const OpSchema& op : all_ops()) EXPECT_EQ(&schema(op.kind), &op) << op.name;
}

TEST(InferWidth, SourcesAndAffineHaveTheWidthAskedFor) {
  for (const OpKind kind : {OpKind::input, OpKind::lookup, OpKind::parameter, OpKind::constant}) {
    EXPECT_EQ(infer_width(kind, {}, {.width = 12}), 12U) << schema(kind).name;
  }
  EXPECT_EQ(infer_width(OpKind::affine, Widths{3}, {.width = 12}), 12U);
  EXPECT_EQ(infer_width(OpKind::affine, Widths{3, 5, 8}, {.width = 12}), 12U);
}

TEST(InferShape, ProductsOfIntegersHaveTheShapesOfProducts) {
  EXPECT_EQ(infer_shape(OpKind::quantise, Shapes{{3, 7}}, {}), (tensor::Shape{3, 7}));
  EXPECT_EQ(infer_shape(OpKind::quantised_affine, Shapes{{3, 7}, {3, 2}}, {.width = 5}),
            (tensor::Shape{3, 5}));
  const OpAttributes slides{.width = 6, .window = {8, 8, 3, 3, 2, 1}};
  EXPECT_EQ(infer_shape(OpKind::quantised_conv2d, Shapes{{64, 2}}, slides), (tensor::Shape{16, 6}));
  EXPECT_EQ(infer_shape(OpKind::quantised_conv2d, Shapes{{1, 128}}, slides),
            (tensor::Shape{16, 6}));
}

TEST(InferWidth, ConcatIsAsWideAsItsOperandsTogether) {
  EXPECT_EQ(infer_width(OpKind::concat, Widths{3}, {}), 3U);
  EXPECT_EQ(infer_width(OpKind::concat, Widths{3, 5, 8}, {}), 16U);
}

TEST(InferWidth, ElementWiseOpsAndLogSoftmaxKeepTheWidth) {
  for (const OpKind kind : {OpKind::add, OpKind::sub, OpKind::mul}) {
    EXPECT_EQ(infer_width(kind, Widths{7, 7}, {}), 7U) << schema(kind).name;
  }
  for (const OpKind kind :
       {OpKind::copy, OpKind::one_minus, OpKind::sigmoid, OpKind::tanh, OpKind::log_softmax}) {
    EXPECT_EQ(infer_width(kind, Widths{7}, {}), 7U) << schema(kind).name;
  }
}

TEST(InferWidth, ViterbiStepIsScoresAndBackPointers) {
  EXPECT_EQ(infer_width(OpKind::viterbi_step, Widths{114, 57}, {}), 114U);
}

TEST(InferShape, SourcesHaveTheRowsAskedFor) {
  EXPECT_EQ(infer_shape(OpKind::lookup, {}, {.width = 12, .rows = 3}), (tensor::Shape{3, 12}));
}

TEST(InferShape, OpsKeepTheRowsOfTheirOperands) {
  const Shapes two = {{3, 7}, {3, 7}};
  const Shapes one = {{3, 7}};
  EXPECT_EQ(infer_shape(OpKind::add, two, {}), (tensor::Shape{3, 7}));
  EXPECT_EQ(infer_shape(OpKind::tanh, one, {}), (tensor::Shape{3, 7}));
  EXPECT_EQ(infer_shape(OpKind::concat, two, {}), (tensor::Shape{3, 14}));
  EXPECT_EQ(infer_shape(OpKind::affine, two, {.width = 5}), (tensor::Shape{3, 5}));
}

TEST(InferShape, MatvecOfAMatrixAndARowIsARow) {
  EXPECT_EQ(infer_shape(OpKind::matvec, Shapes{{3, 7}, {1, 3}}, {}), (tensor::Shape{1, 7}));
}

TEST(InferShape, MessageNamesOperandsOfDifferentRows) {
  EXPECT_EQ(refusal_of(OpKind::add, Shapes{{3, 7}, {1, 7}}),
            "[op add] operand rows do not fit: got 1, expected 3");
  EXPECT_EQ(refusal_of(OpKind::concat, Shapes{{1, 7}, {3, 7}}),
            "[op concat] operand rows do not fit: got 3, expected 1");
  EXPECT_EQ(refusal_of(OpKind::affine, Shapes{{2, 7}, {3, 7}}),
            "[op affine] operand rows do not fit: got 3, expected 2");
}

TEST(InferShape, MessageNamesAVectorThatDoesNotFitItsMatrix) {
  EXPECT_EQ(refusal_of(OpKind::matvec, Shapes{{3, 7}, {1, 7}}),
            "[op matvec] operand widths do not fit: got 7, expected 3");
  EXPECT_EQ(refusal_of(OpKind::matvec, Shapes{{3, 7}, {2, 3}}),
            "[op matvec] operand rows do not fit: got 2, expected 1");
}

TEST(InferWidth, MessageNamesOperandsOfDifferentWidths) {
  EXPECT_EQ(refusal(OpKind::add, {4, 5}), "[op add] operand widths do not fit: got 5, expected 4");
  EXPECT_EQ(refusal(OpKind::sub, {4, 3}), "[op sub] operand widths do not fit: got 3, expected 4");
  EXPECT_EQ(refusal(OpKind::mul, {1, 4}), "[op mul] operand widths do not fit: got 4, expected 1");
}

TEST(InferWidth, MessageNamesEmissionsThatDoNotFitTheScores) {
  EXPECT_EQ(refusal(OpKind::viterbi_step, {57, 57}),
            "[op viterbi_step] operand widths do not fit: got 57, expected 114");
  EXPECT_EQ(refusal(OpKind::viterbi_step, {115, 57}),
            "[op viterbi_step] operand widths do not fit: got 115, expected 114");
}

TEST(InferWidth, MessageAsksForOneOperandOrMore) {
  EXPECT_EQ(refusal(OpKind::affine, {}),
            "[op affine] operand widths do not fit: got 0 operands, expected one or more");
  EXPECT_EQ(refusal(OpKind::concat, {}),
            "[op concat] operand widths do not fit: got 0 operands, expected one or more");
}

TEST(InferWidth, MessageNamesTheNumberOfOperandsOfEveryOp) {
  for (const OpSchema& op : all_ops()) {
    if (op.operands < 0) continue;
    const std::string head = "[op " + std::string(op.name) + "] operand widths do not fit: got ";
    const std::string tail = " operands, expected " + std::to_string(op.operands);
    const auto wanted = static_cast<std::size_t>(op.operands);
    EXPECT_EQ(refusal(op.kind, Widths(wanted + 1, 4)), head + std::to_string(wanted + 1) + tail);
    if (wanted == 0) continue;
    EXPECT_EQ(refusal(op.kind, Widths(wanted - 1, 4)), head + std::to_string(wanted - 1) + tail);
  }
}

TEST(Flops, OfAffineAreTwoForEveryProduct) {
  EXPECT_EQ(flops(OpKind::affine, {.width = 256, .product_cols = 512}), 2U * 256 * 512);
  EXPECT_EQ(flops(OpKind::affine, {.width = 1U << 20U, .product_cols = 1U << 20U}),
            std::uint64_t{1} << 41U);
}

TEST(Flops, OfAMatrixAreThoseOfItsColumns) {
  EXPECT_EQ(flops(OpKind::affine, {.width = 64, .product_cols = 128, .rows = 64}),
            std::uint64_t{4} * 64 * 64 * 64);
}

TEST(Flops, OfMatvecAreTwoForEveryValueOfTheMatrix) {
  EXPECT_EQ(flops(OpKind::matvec, {.width = 7, .product_cols = 3}), 2U * 3 * 7);
}

TEST(Flops, OfAConvolutionAndItsGradientAreTwoForEveryTermOfEveryPlace) {
  const Window window{8, 8, 3, 3, 2, 1};  // 16 places
  for (const OpKind kind : {OpKind::conv2d, OpKind::quantised_conv2d, OpKind::conv2d_grad_input}) {
    EXPECT_EQ(flops(kind, {.width = 5, .product_cols = 36, .rows = 64, .window = window}),
              2U * 16 * 36 * 5);
  }
}

TEST(Flops, OfEveryOtherOpAreNotCounted) {
  for (const OpSchema& op : all_ops()) {
    if (is_step(op.op_class)) continue;
    EXPECT_EQ(flops(op.kind, {.width = 256, .product_cols = 512}), 0U) << op.name;
  }
}

}  // namespace
}  // namespace sheaf::ops
