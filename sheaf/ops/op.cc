// SPDX-License-Identifier: Apache-2.0
#include "sheaf/ops/op.h"

#include <array>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/ops/spatial_shape.h"

namespace sheaf::ops {
namespace {

constexpr std::array kOps = {
    OpSchema{OpKind::input, "input", OpClass::source, 0, 0, 0},
    OpSchema{OpKind::lookup, "lookup", OpClass::source, 0, 1, 1},
    OpSchema{OpKind::parameter, "parameter", OpClass::source, 0, 1, 1},
    OpSchema{OpKind::constant, "constant", OpClass::source, 0, 0, 0},
    OpSchema{OpKind::affine, "affine", OpClass::product, -1, 1, -1},
    OpSchema{OpKind::concat, "concat", OpClass::elementwise, -1, 0, 0},
    OpSchema{OpKind::copy, "copy", OpClass::elementwise, 1, 0, 0},
    OpSchema{OpKind::add, "add", OpClass::elementwise, 2, 0, 0},
    OpSchema{OpKind::sub, "sub", OpClass::elementwise, 2, 0, 0},
    OpSchema{OpKind::mul, "mul", OpClass::elementwise, 2, 0, 0},
    OpSchema{OpKind::one_minus, "one_minus", OpClass::elementwise, 1, 0, 0},
    OpSchema{OpKind::sigmoid, "sigmoid", OpClass::elementwise, 1, 0, 0},
    OpSchema{OpKind::tanh, "tanh", OpClass::elementwise, 1, 0, 0},
    OpSchema{OpKind::log_softmax, "log_softmax", OpClass::row, 1, 0, 0},
    OpSchema{OpKind::matvec, "matvec", OpClass::product, 2, 0, 0},
    OpSchema{OpKind::viterbi_step, "viterbi_step", OpClass::row, 2, 1, 1},
    OpSchema{OpKind::slice, "slice", OpClass::row, 1, 0, 0},
    OpSchema{OpKind::scale, "scale", OpClass::elementwise, 1, 0, 0},
    OpSchema{OpKind::row_sum, "row_sum", OpClass::row, 1, 0, 0},
    OpSchema{OpKind::broadcast, "broadcast", OpClass::row, 1, 0, 0},
    OpSchema{OpKind::pick, "pick", OpClass::row, 1, 0, 0},
    OpSchema{OpKind::one_hot, "one_hot", OpClass::row, 1, 0, 0},
    OpSchema{OpKind::dropout_mask, "dropout_mask", OpClass::row, 0, 1, 1},
    OpSchema{OpKind::sigmoid_grad, "sigmoid_grad", OpClass::elementwise, 2, 0, 0},
    OpSchema{OpKind::tanh_grad, "tanh_grad", OpClass::elementwise, 2, 0, 0},
    OpSchema{OpKind::log_softmax_grad, "log_softmax_grad", OpClass::row, 2, 0, 0},
    OpSchema{OpKind::relu, "relu", OpClass::elementwise, 1, 0, 0},
    OpSchema{OpKind::relu_grad, "relu_grad", OpClass::elementwise, 2, 0, 0},
    OpSchema{OpKind::reciprocal_sqrt, "reciprocal_sqrt", OpClass::elementwise, 1, 0, 0},
    OpSchema{OpKind::conv2d, "conv2d", OpClass::spatial, 1, 1, 2},
    OpSchema{OpKind::conv2d_grad_input, "conv2d_grad_input", OpClass::spatial, 1, 1, 1},
    OpSchema{OpKind::depthwise_conv2d, "depthwise_conv2d", OpClass::spatial, 1, 1, 2},
    OpSchema{OpKind::depthwise_conv2d_grad_input, "depthwise_conv2d_grad_input", OpClass::spatial,
             1, 1, 1},
    OpSchema{OpKind::max_pool, "max_pool", OpClass::spatial, 1, 0, 0},
    OpSchema{OpKind::max_pool_grad, "max_pool_grad", OpClass::spatial, 2, 0, 0},
    OpSchema{OpKind::average_pool, "average_pool", OpClass::spatial, 1, 0, 0},
    OpSchema{OpKind::average_pool_grad, "average_pool_grad", OpClass::spatial, 1, 0, 0},
    OpSchema{OpKind::reshape, "reshape", OpClass::spatial, 1, 0, 0},
    OpSchema{OpKind::sum_rows, "sum_rows", OpClass::spatial, 1, 0, 0},
    OpSchema{OpKind::repeat_row, "repeat_row", OpClass::spatial, 1, 0, 0},
    OpSchema{OpKind::add_row, "add_row", OpClass::spatial, 2, 0, 0},
    OpSchema{OpKind::mul_row, "mul_row", OpClass::spatial, 2, 0, 0},
    OpSchema{OpKind::quantise, "quantise", OpClass::row, 1, 1, 1},
    OpSchema{OpKind::quantised_affine, "quantised_affine", OpClass::product, -1, 3, -1},
    OpSchema{OpKind::quantised_conv2d, "quantised_conv2d", OpClass::spatial, 1, 3, 4},
};

using tensor::Shape;

[[noreturn]] void refuse(OpKind kind, const char* what, const std::string& got,
                         const std::string& expected) {
  throw base::UsageError({.place = "op " + std::string(schema(kind).name),
                          .what = what,
                          .got = got,
                          .expected = expected});
}

void require_width(OpKind kind, std::uint32_t got, std::uint32_t expected) {
  if (got == expected) return;
  refuse(kind, "operand widths do not fit", std::to_string(got), std::to_string(expected));
}

void require_rows(OpKind kind, std::uint32_t got, std::uint32_t expected) {
  if (got == expected) return;
  refuse(kind, "operand rows do not fit", std::to_string(got), std::to_string(expected));
}

static_assert(kOps.size() == kOpKinds, "every op has one line, in the order of OpKind");

}  // namespace

std::span<const OpSchema> all_ops() { return kOps; }

const OpSchema& schema(OpKind kind) { return kOps[static_cast<std::size_t>(kind)]; }

Shape infer_shape(OpKind kind, std::span<const Shape> operands, const OpAttributes& attributes) {
  const OpSchema& op = schema(kind);
  const bool any = op.operands < 0;
  if (any ? operands.empty() : operands.size() != static_cast<std::size_t>(op.operands)) {
    refuse(kind, "operand widths do not fit", std::to_string(operands.size()) + " operands",
           any ? "one or more" : std::to_string(op.operands));
  }
  if (op.operands == 0) return {attributes.rows, attributes.width};
  if (op.op_class == OpClass::spatial) return infer_spatial_shape(kind, operands, attributes);
  if (kind == OpKind::matvec) {
    require_rows(kind, operands[1].rows, 1);
    require_width(kind, operands[1].cols, operands[0].rows);
    return {1, operands[0].cols};
  }
  Shape result = operands[0];
  for (const Shape& operand : operands) require_rows(kind, operand.rows, result.rows);
  if (reads_payload(kind)) require_rows(kind, result.rows, 1);
  if (kind == OpKind::broadcast || kind == OpKind::one_hot) require_width(kind, result.cols, 1);
  if (kind == OpKind::pick || kind == OpKind::row_sum) {
    result.cols = 1;
  } else if (kind == OpKind::affine || kind == OpKind::quantised_affine || kind == OpKind::slice ||
             kind == OpKind::broadcast || kind == OpKind::one_hot) {
    result.cols = attributes.width;
  } else if (kind == OpKind::concat) {
    for (const Shape& operand : operands.subspan(1)) result.cols += operand.cols;
  } else if (kind == OpKind::viterbi_step) {
    // Scores and back pointers of the step before, emissions of this one.
    require_width(kind, operands[0].cols, 2 * operands[1].cols);
  } else {
    for (const Shape& operand : operands) require_width(kind, operand.cols, result.cols);
  }
  return result;
}

std::uint64_t flops(OpKind kind, const OpAttributes& attributes) {
  const OpClass op_class = schema(kind).op_class;
  if (!is_step(op_class)) return 0;
  // The gradient of a convolution takes what the convolution takes, however large its result.
  if (op_class == OpClass::spatial) {
    return std::uint64_t{2} * attributes.window.out_pixels() * attributes.product_cols *
           attributes.width;
  }
  return std::uint64_t{2} * attributes.rows * attributes.product_cols * attributes.width;
}

}  // namespace sheaf::ops
