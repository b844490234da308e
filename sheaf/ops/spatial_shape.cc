// SPDX-License-Identifier: Apache-2.0
#include "sheaf/ops/spatial_shape.h"

#include <string>

#include "sheaf/base/error.h"

namespace sheaf::ops {
namespace {

using tensor::Shape;

void require(OpKind kind, bool holds, const char* what, const std::string& got,
             const std::string& expected) {
  if (holds) return;
  throw base::UsageError({.place = "op " + std::string(schema(kind).name),
                          .what = what,
                          .got = got,
                          .expected = expected});
}

std::string by(std::uint32_t a, std::uint32_t b) {
  return std::to_string(a) + " x " + std::to_string(b);
}

void require_window(OpKind kind, const Window& w) {
  require(kind, w.height > 0 && w.width > 0, "picture", by(w.height, w.width),
          "at least one pixel");
  require(kind, w.stride > 0, "stride", "0", "at least 1");
  const std::uint32_t height = w.height + 2 * w.padding;
  const std::uint32_t width = w.width + 2 * w.padding;
  require(kind, w.taps() > 0 && w.kernel_height <= height && w.kernel_width <= width, "window",
          by(w.kernel_height, w.kernel_width), "1 x 1 to " + by(height, width));
  require(kind, w.padding < w.kernel_height && w.padding < w.kernel_width, "padding",
          std::to_string(w.padding), "less than the window");
}

void require_pixels(OpKind kind, Shape operand, std::uint32_t pixels) {
  require(kind, operand.rows == pixels, "rows of a picture", std::to_string(operand.rows),
          std::to_string(pixels) + " pixels");
}

// Channels of a picture that may be one row.
std::uint32_t channels_of(OpKind kind, Shape operand, const Window& window) {
  if (operand.rows == window.pixels()) return operand.cols;
  require(kind, operand.rows == 1 && operand.cols % window.pixels() == 0, "picture",
          to_string(operand), std::to_string(window.pixels()) + " pixels, as rows or in one row");
  return operand.cols / window.pixels();
}

Shape slide(OpKind kind, std::span<const Shape> operands, const OpAttributes& attributes) {
  const Window& window = attributes.window;
  require_window(kind, window);
  const Shape a = operands[0];
  switch (kind) {
    case OpKind::conv2d:
    case OpKind::quantised_conv2d:
      static_cast<void>(channels_of(kind, a, window));
      return {window.out_pixels(), attributes.width};
    case OpKind::conv2d_grad_input:
      require_pixels(kind, a, window.out_pixels());
      return {window.pixels(), attributes.width};
    case OpKind::depthwise_conv2d:
    case OpKind::max_pool:
    case OpKind::average_pool:
      require_pixels(kind, a, window.pixels());
      return {window.out_pixels(), a.cols};
    case OpKind::max_pool_grad:
      require_pixels(kind, a, window.pixels());
      require_pixels(kind, operands[1], window.out_pixels());
      require(kind, a.cols == operands[1].cols, "operand widths do not fit",
              std::to_string(operands[1].cols), std::to_string(a.cols));
      return a;
    default:  // gradients that need nothing but what comes from above
      require_pixels(kind, a, window.out_pixels());
      return {window.pixels(), a.cols};
  }
}

}  // namespace

Shape infer_spatial_shape(OpKind kind, std::span<const Shape> operands,
                          const OpAttributes& attributes) {
  const Shape a = operands[0];
  switch (kind) {
    case OpKind::reshape: {
      const Shape to{attributes.rows, attributes.width};
      require(kind, a.size() == to.size(), "operand does not fit", to_string(a),
              to_string(to) + " values");
      return to;
    }
    case OpKind::sum_rows:
      return {1, a.cols};
    case OpKind::repeat_row:
      require(kind, a.rows == 1, "operand rows do not fit", std::to_string(a.rows), "1");
      return {attributes.rows, a.cols};
    case OpKind::add_row:
    case OpKind::mul_row:
      require(kind, operands[1].rows == 1 && operands[1].cols == a.cols, "operands do not fit",
              to_string(operands[1]), by(1, a.cols));
      return a;
    default:
      return slide(kind, operands, attributes);
  }
}

std::uint32_t spatial_terms(OpKind kind, const Window& window, std::uint32_t channels) {
  switch (kind) {
    case OpKind::conv2d:
    case OpKind::quantised_conv2d:
    case OpKind::conv2d_grad_input:
      return window.taps() * channels;
    case OpKind::depthwise_conv2d:
    case OpKind::depthwise_conv2d_grad_input:
      return window.taps();
    default:
      return 0;
  }
}

}  // namespace sheaf::ops
