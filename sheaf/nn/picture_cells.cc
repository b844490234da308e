// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/picture_cells.h"

#include "sheaf/nn/picture_net.h"

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::Value;
using ops::Window;

constexpr float kEpsilon = 1e-5F;

Value read(CellBuilder& cell, LayerInput input, const Window& window) {
  if (input.is_table) return cell.data_lookup(kPixels, window.pixels() * input.channels);
  return cell.matrix_input("x", input.channels, window.pixels());
}

Value pool_and_rectify(CellBuilder& cell, Value y, const Window& window, bool pools) {
  if (pools) y = cell.max_pool(y, {window.out_height(), window.out_width(), 2, 2, 2, 0});
  return relu(y);
}

// gamma (y - mean) / sqrt(variance + epsilon) + beta = scale y + shift.
struct ScaleAndShift {
  Value scale, shift;
};
ScaleAndShift scale_and_shift(CellBuilder& cell, Value mean, Value variance) {
  const std::uint32_t channels = mean.width();
  const Value gamma = cell.parameter("gamma", channels);
  const Value beta = cell.parameter("beta", channels);
  const Value scale = gamma * reciprocal_sqrt(variance + cell.constant(kEpsilon, channels));
  return {scale, beta - mean * scale};
}

}  // namespace

Cell convolution_cell(const std::string& name, LayerInput input, std::uint32_t outputs,
                      const Window& window, bool pools) {
  CellBuilder cell(name);
  const Value y = cell.conv2d(read(cell, input, window), outputs, window, "W", "b");
  return cell.output(pool_and_rectify(cell, y, window, pools)).build();
}

Cell normalised_cell(const std::string& name, LayerInput input, std::uint32_t outputs,
                     const Window& window, bool pools) {
  CellBuilder cell(name);
  const Value y = cell.conv2d(read(cell, input, window), outputs, window, "W");
  const auto [scale, shift] =
      scale_and_shift(cell, cell.parameter("mean", outputs), cell.parameter("variance", outputs));
  const Value normal = add_row(mul_row(y, scale), shift);
  return cell.output(pool_and_rectify(cell, normal, window, pools)).build();
}

Cell sums_cell(const std::string& name, LayerInput input, std::uint32_t outputs,
               const Window& window) {
  CellBuilder cell(name);
  const Value y = cell.conv2d(read(cell, input, window), outputs, window, "W");
  cell.output(y).output(sum_rows(y)).output(sum_rows(y * y));
  return cell.output(cell.constant(static_cast<float>(window.out_pixels()), outputs)).build();
}

Cell statistics_cell(std::uint32_t channels) {
  CellBuilder cell("statistics");
  const Value sum = cell.repeated_input("sum", channels);
  const Value squares = cell.repeated_input("squares", channels);
  const Value root = reciprocal_sqrt(cell.repeated_input("count", channels));
  const Value share = root * root;
  const Value mean = sum * share;
  // Not below 0, where rounding leaves it.
  const Value variance = relu(squares * share - mean * mean);
  const auto [scale, shift] = scale_and_shift(cell, mean, variance);
  return cell.output(scale).output(shift).output(mean).output(variance).build();
}

Cell apply_cell(const std::string& name, std::uint32_t channels, const Window& window, bool pools) {
  CellBuilder cell(name);
  const Value y = cell.matrix_input("y", channels, window.out_pixels());
  const Value scale = cell.input("scale", channels);
  const Value normal = add_row(mul_row(y, scale), cell.input("shift", channels));
  return cell.output(pool_and_rectify(cell, normal, window, pools)).build();
}

Cell head_cell(std::uint32_t pixels, std::uint32_t channels,
               const std::vector<std::uint32_t>& hidden, std::uint32_t classes) {
  CellBuilder cell("head");
  Value h = cell.reshape(cell.matrix_input("x", channels, pixels), 1, pixels * channels);
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    h = relu(cell.affine(hidden[i], {{"W" + number, h}}, "b" + number));
  }
  return cell.output(log_softmax(cell.affine(classes, {{"V", h}}, "c"))).build();
}

}  // namespace sheaf::nn
