// SPDX-License-Identifier: Apache-2.0
//
// Of CellBuilder: the ops on pictures.
#include "sheaf/graph/cell.h"
#include "sheaf/ops/spatial_shape.h"

namespace sheaf::graph {

using ops::OpKind;
using ops::Window;

Value relu(Value a) { return CellBuilder::apply(OpKind::relu, {a}); }
Value relu_grad(Value a, Value delta) { return CellBuilder::apply(OpKind::relu_grad, {a, delta}); }
Value reciprocal_sqrt(Value a) { return CellBuilder::apply(OpKind::reciprocal_sqrt, {a}); }
Value sum_rows(Value a) { return CellBuilder::apply(OpKind::sum_rows, {a}); }
Value add_row(Value a, Value row) { return CellBuilder::apply(OpKind::add_row, {a, row}); }
Value mul_row(Value a, Value row) { return CellBuilder::apply(OpKind::mul_row, {a, row}); }

Value CellBuilder::slide(OpKind kind, std::initializer_list<Value> operands, const Window& window) {
  CellOp op{.kind = kind, .width = 0, .window = window};
  for (const Value& value : operands) op.operands.push_back(own(value));
  return append(std::move(op), {.window = window});
}

// Checks the shapes before the slots are declared: these follow from them.
Value CellBuilder::conv2d(Value picture, std::uint32_t channels, const Window& window,
                          const std::string& weights, const std::string& bias) {
  const tensor::Shape shape{picture.rows(), picture.width()};
  const ops::OpAttributes attributes{.width = channels, .window = window};
  static_cast<void>(ops::infer_shape(OpKind::conv2d, {&shape, 1}, attributes));
  const std::size_t per_pixel = shape.size() / window.pixels();
  CellOp op{.kind = OpKind::conv2d, .width = 0, .operands = {own(picture)}, .window = window};
  op.slots.push_back(
      slot(weights, {channels, static_cast<std::uint32_t>(window.taps() * per_pixel)}));
  if (!bias.empty()) op.slots.push_back(slot(bias, {1, channels}));
  return append(std::move(op), attributes);
}

Value CellBuilder::conv2d_grad_input(Value delta, std::uint32_t channels, const Window& window,
                                     const std::string& weights) {
  CellOp op{
      .kind = OpKind::conv2d_grad_input, .width = 0, .operands = {own(delta)}, .window = window};
  op.slots.push_back(slot(weights, {delta.width(), window.taps() * channels}));
  return append(std::move(op), {.width = channels, .window = window});
}

Value CellBuilder::depthwise_conv2d(Value picture, const Window& window, const std::string& weights,
                                    const std::string& bias) {
  CellOp op{
      .kind = OpKind::depthwise_conv2d, .width = 0, .operands = {own(picture)}, .window = window};
  op.slots.push_back(slot(weights, {picture.width(), window.taps()}));
  if (!bias.empty()) op.slots.push_back(slot(bias, {1, picture.width()}));
  return append(std::move(op), {.window = window});
}

Value CellBuilder::depthwise_conv2d_grad_input(Value delta, const Window& window,
                                               const std::string& weights) {
  CellOp op{.kind = OpKind::depthwise_conv2d_grad_input,
            .width = 0,
            .operands = {own(delta)},
            .window = window};
  op.slots.push_back(slot(weights, {delta.width(), window.taps()}));
  return append(std::move(op), {.window = window});
}

Value CellBuilder::max_pool(Value picture, const Window& window) {
  return slide(OpKind::max_pool, {picture}, window);
}

Value CellBuilder::max_pool_grad(Value picture, Value delta, const Window& window) {
  return slide(OpKind::max_pool_grad, {picture, delta}, window);
}

Value CellBuilder::average_pool(Value picture, const Window& window) {
  return slide(OpKind::average_pool, {picture}, window);
}

Value CellBuilder::average_pool_grad(Value delta, const Window& window) {
  return slide(OpKind::average_pool_grad, {delta}, window);
}

Value CellBuilder::reshape(Value a, std::uint32_t rows, std::uint32_t width) {
  return append({.kind = OpKind::reshape, .width = 0, .operands = {own(a)}},
                {.width = width, .rows = rows});
}

Value CellBuilder::repeat_row(Value a, std::uint32_t rows) {
  return append({.kind = OpKind::repeat_row, .width = 0, .operands = {own(a)}}, {.rows = rows});
}

}  // namespace sheaf::graph
