// SPDX-License-Identifier: Apache-2.0
//
// The ops from which cells are made. One op works on one value per node, a row of floats or several
// of them; a batch is many values. The list in op.cc is the only place where an op is described;
// kernels, lowering and the documentation follow it.
//
// A value of several rows is a matrix stored column by column: row c is column c of the matrix. All
// ops but `matvec` and those of class `spatial` work on every row by itself; those that read the
// payload work on single rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "sheaf/ops/window.h"
#include "sheaf/tensor/tensor.h"

namespace sheaf::ops {

enum class OpKind : std::uint8_t {
  input,         // a cell input
  lookup,        // row `payload` of a parameter table
  parameter,     // a parameter vector, the same for every node
  constant,      // `scalar` in every column
  affine,        // sum of W_i x_i, plus b
  concat,        // operands side by side
  copy,          // the operand itself
  add,           // a + b
  sub,           // a - b
  mul,           // a * b
  one_minus,     // 1 - a
  sigmoid,       // 1 / (1 + exp(-a))
  tanh,          // hyperbolic tangent
  log_softmax,   // a - log(sum(exp(a))) over the row
  matvec,        // M v, M a value of several rows, v as wide as M has rows
  viterbi_step,  // one step of CRF decoding
  slice,         // some columns of a
  scale,         // a times `scalar`
  row_sum,       // sum of a over its row, one column
  broadcast,     // the one column of a, in every column
  pick,          // column `payload` of a
  one_hot,       // the one column of a in column `payload`, 0 in all others
  dropout_mask,  // 0 or 1 / (1 - p), by a counter-based random number per column
  // Gradients of ops, of y = op(a) and dy, the gradient of y.
  sigmoid_grad,      // dy y (1 - y)
  tanh_grad,         // dy (1 - y^2)
  log_softmax_grad,  // dy - exp(y) sum(dy)
  // Of pictures (window.h).
  relu,                         // max(a, 0)
  relu_grad,                    // b where a > 0, else 0
  reciprocal_sqrt,              // 1 / sqrt(a)
  conv2d,                       // convolution, W [out x (taps, channels)]
  conv2d_grad_input,            // its gradient by the picture
  depthwise_conv2d,             // every channel by itself, W [channels x taps]
  depthwise_conv2d_grad_input,  // its gradient by the picture
  max_pool,                     // the largest of a window
  max_pool_grad,                // of picture a and gradient b; ties: to the first of the window
  average_pool,                 // the mean of a window, pixels of the padding counted
  average_pool_grad,            // its gradient
  reshape,                      // the same values, row after row, in rows of another width
  sum_rows,                     // the sum over the rows of a
  repeat_row,                   // the one row of a, several times
  add_row,                      // every row of a, plus the one row of b
  mul_row,                      // every row of a, times the one row of b
  // Of integers (docs/quantised.md), which are exact as floats.
  quantise,          // the integer nearest to a / scale, halves to the even one
  quantised_affine,  // sum of s_i t_i (W_i q_i), plus b: W_i, q_i integers, s_i, t_i their scales
  quantised_conv2d,  // conv2d of integers, times the scales of a row of W and of a, plus b
};

inline constexpr std::size_t kOpKinds = static_cast<std::size_t>(OpKind::quantised_conv2d) + 1;

// How an op is executed, and so what it may be batched with.
enum class OpClass : std::uint8_t {
  source,       // makes a row from a parameter or an input
  product,      // a matrix product
  elementwise,  // column j of the result needs column j of the operands only
  row,          // needs the whole row
  spatial,      // a row of the result needs other rows of the operands
};

// Whether an op of this class is a step of its own, which others wait for: it joins no region.
[[nodiscard]] constexpr bool is_step(OpClass op_class) {
  return op_class == OpClass::product || op_class == OpClass::spatial;
}

// Attributes that shape inference may need.
struct OpAttributes {
  std::uint32_t width = 0;         // asked-for width: where operands do not say it
  std::uint32_t product_cols = 0;  // terms of one element: sum of operand widths of an affine op
  std::uint32_t rows = 1;          // rows of a source; of flops(): of the result
  Window window = {};              // of a spatial op that slides one
};

struct OpSchema {
  OpKind kind;
  std::string_view name;
  OpClass op_class;
  int operands;        // number of value operands; -1: one or more
  int min_parameters;  // parameter slots that it takes, at least ...
  int max_parameters;  // ... and at most (-1: as many per operand as it has, and a bias)
};

// Every op, in the order of OpKind.
[[nodiscard]] std::span<const OpSchema> all_ops();

[[nodiscard]] const OpSchema& schema(OpKind kind);

// Whether an op's result depends on its node's payload.
[[nodiscard]] constexpr bool reads_payload(OpKind kind) {
  return kind == OpKind::lookup || kind == OpKind::pick || kind == OpKind::one_hot ||
         kind == OpKind::dropout_mask;
}

// Rows and width of the result, from those of the operands. Throws UsageError when they do not fit.
[[nodiscard]] tensor::Shape infer_shape(OpKind kind, std::span<const tensor::Shape> operands,
                                        const OpAttributes& attributes);

// Whether an op is a sum of products of integers, whose slots are, of n operands, n weights, n
// scales of the rows of the weights, n scales of the operands, and perhaps a bias.
[[nodiscard]] constexpr bool is_quantised_product(OpKind kind) {
  return kind == OpKind::quantised_affine || kind == OpKind::quantised_conv2d;
}

// Whether an op is a convolution that reads a picture or one row that holds its pixels.
[[nodiscard]] constexpr bool is_conv2d(OpKind kind) {
  return kind == OpKind::conv2d || kind == OpKind::quantised_conv2d;
}

// Operations of one value, counted as docs/models.md does: products only (2 k n).
[[nodiscard]] std::uint64_t flops(OpKind kind, const OpAttributes& attributes);

}  // namespace sheaf::ops
