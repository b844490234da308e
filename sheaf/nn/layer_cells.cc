// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/layer_cells.h"

#include <string>

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::Value;
using ops::Window;

constexpr float kEpsilon = 1e-5F;

Value picture_input(CellBuilder& cell, const std::string& name, std::uint32_t pixels,
                    std::uint32_t channels) {
  return pixels == 1 ? cell.input(name, channels) : cell.matrix_input(name, channels, pixels);
}

Value read(CellBuilder& cell, const LayerOperand& x) {
  const std::uint32_t pixels = x.height * x.width;
  if (x.table == nullptr) return picture_input(cell, "x", pixels, x.channels);
  return cell.data_lookup(x.table, pixels * x.channels);
}

// A picture: one that comes as a row of a table is cut into its pixels.
Value as_picture(Value x, const LayerOperand& operand) {
  const std::uint32_t pixels = operand.height * operand.width;
  if (x.rows() == pixels) return x;
  return CellBuilder::apply(ops::OpKind::reshape, {x}, {.width = operand.channels, .rows = pixels});
}

Value normalised(CellBuilder& cell, Value y) {
  const std::uint32_t channels = y.width();
  const Value root =
      reciprocal_sqrt(cell.parameter("variance", channels) + cell.constant(kEpsilon, channels));
  const Value scale = cell.parameter("gamma", channels) * root;
  const Value shift = cell.parameter("beta", channels) - cell.parameter("mean", channels) * scale;
  if (y.rows() == 1) return y * scale + shift;
  return add_row(mul_row(y, scale), shift);
}

Value apply_op(CellBuilder& cell, const ListedLayer& layer, const LayerOperand& operand,
               const std::string& bias) {
  const Window window{operand.height, operand.width, layer.kernel,
                      layer.kernel,   layer.stride,  layer.padding};
  const Value x = read(cell, operand);
  switch (layer.op) {
    case LayerOp::conv:
      return cell.conv2d(x, layer.size, window, "W", bias);
    case LayerOp::depthwise:
      return cell.depthwise_conv2d(as_picture(x, operand), window, "W", bias);
    case LayerOp::max_pool:
      return cell.max_pool(as_picture(x, operand), window);
    case LayerOp::average_pool:
      return cell.average_pool(as_picture(x, operand), window);
    case LayerOp::global_average_pool: {
      const Value picture = as_picture(x, operand);
      const std::uint32_t pixels = operand.height * operand.width;
      return scale(pixels == 1 ? picture : sum_rows(picture), 1.0F / static_cast<float>(pixels));
    }
    default: {
      const std::uint32_t values = operand.height * operand.width * operand.channels;
      const Value row =
          x.rows() == 1 ? x : CellBuilder::apply(ops::OpKind::reshape, {x}, {.width = values});
      return cell.affine(layer.size, {{"W", row}}, bias);
    }
  }
}

}  // namespace

Cell layer_cell(const ListedLayer& layer, const LayerOperand& x) {
  CellBuilder cell(layer.name);
  Value y = apply_op(cell, layer, x, layer.norm ? std::string{} : std::string("b"));
  if (layer.norm) y = normalised(cell, y);
  if (!layer.add.empty()) y = y + picture_input(cell, "sum", y.rows(), y.width());
  if (layer.relu) y = relu(y);
  return cell.output(y).build();
}

Cell listed_lstm_cell(const ListedLayer& layer, const LayerOperand& operand) {
  CellBuilder cell(layer.name);
  const std::uint32_t cells = layer.size;
  const Value x = read(cell, operand);
  const Value h = cell.repeated_input("h", layer.projection == 0 ? cells : layer.projection);
  const Value c = cell.repeated_input("c", cells);
  const auto gate = [&](const std::string& k) {
    return cell.affine(cells, {{"U_" + k, x}, {"W_" + k, h}}, "b_" + k);
  };
  const auto peep = [&](const std::string& k, Value sum, Value memory) {
    return layer.peepholes ? sum + cell.parameter("p_" + k, cells) * memory : sum;
  };
  const Value i = sigmoid(peep("i", gate("i"), c));
  const Value f = sigmoid(peep("f", gate("f"), c));
  const Value g = tanh(gate("g"));
  const Value c_new = i * g + f * c;
  const Value o = sigmoid(peep("o", gate("o"), c_new));
  const Value m = o * tanh(c_new);
  cell.output(layer.projection == 0 ? m : cell.affine(layer.projection, {{"W_p", m}}));
  return cell.output(c_new).build();
}

}  // namespace sheaf::nn
