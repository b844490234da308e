// SPDX-License-Identifier: Apache-2.0
//
// Convolutions as products: a row of pixels of the result at a time, whose k-ranges are the rows of
// the window in the padded picture. The chain of an element runs over the window's rows, its
// columns and their channels, whatever lies in the padding.
#include "sheaf/backend/cpu/conv2d.h"

#include <cstring>

#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/backend/cpu/padded_picture.h"
#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::backend::cpu {
namespace {

using ops::OpKind;
using tensor::padded;

std::uint32_t whole_panels(std::uint32_t width) {
  return static_cast<std::uint32_t>(tensor::round_up(width, memory_plan::kPanelAlignment));
}

// A convolution without padding.
struct Slide {
  const float* picture;
  std::size_t row_floats;
  std::size_t pixel_floats;
  std::uint32_t kernel_height;
  std::size_t range;  // floats of a row of the window
  std::uint32_t stride;
  std::uint32_t height;  // of the result
  std::uint32_t width;
};

// One row of pixels of the result, whole panels of it.
void row_of_pixels(const SpatialArgs& args, const Slide& slide, std::uint32_t y, float* to,
                   std::size_t to_stride) {
  const std::size_t k = slide.kernel_height * slide.range;
  const std::uint32_t n = whole_panels(args.shape.cols);
  for (std::uint32_t ky = 0; ky < slide.kernel_height; ++ky) {
    args.ranges[ky] = {slide.picture + (std::size_t{y} * slide.stride + ky) * slide.row_floats,
                       slide.stride * slide.pixel_floats, slide.range};
  }
  args.product({.ranges = {args.ranges, slide.kernel_height},
                .k = k,
                .panels = args.weights,
                .initial = args.bias,
                .initial_stride = 0,
                .out = to,
                .out_stride = to_stride,
                .rows = slide.width,
                .n = n});
}

void run(const SpatialArgs& args, const Slide& slide, float* line) {
  const std::uint32_t n = whole_panels(args.shape.cols);
  const std::size_t floats = padded(args.shape.cols);
  float* to = args.to;
  for (std::uint32_t y = 0; y < slide.height; ++y, to += slide.width * args.to_stride) {
    if (n == floats) {
      row_of_pixels(args, slide, y, to, args.to_stride);
      continue;
    }
    row_of_pixels(args, slide, y, line, n);
    for (std::uint32_t x = 0; x < slide.width; ++x) {
      std::memcpy(to + x * args.to_stride, line + std::size_t{x} * n, floats * sizeof(float));
    }
  }
}

void convolve(const SpatialArgs& args, const PaddedPicture& picture, const Slide& shape) {
  Slide slide = shape;
  float* line = args.scratch;
  slide.picture = args.a.first;
  if (!picture.is(args.a.stride)) {
    picture.fill(args.a.first, args.a.stride, args.scratch);
    slide.picture = args.scratch;
    line += padded(picture.floats());
  }
  slide.row_floats = picture.row_floats();
  slide.pixel_floats = picture.stride;
  run(args, slide, line);
}

}  // namespace

void conv2d(const SpatialArgs& args) noexcept {
  const ops::Window& window = args.window;
  const auto channels = static_cast<std::uint32_t>(args.a.shape.size() / window.pixels());
  convolve(args, padded_input(window, channels, channels),
           {.kernel_height = window.kernel_height,
            .range = std::size_t{window.kernel_width} * channels,
            .stride = window.stride,
            .height = window.out_height(),
            .width = window.out_width()});
}

void conv2d_grad_input(const SpatialArgs& args) noexcept {
  const ops::Window& window = args.window;
  const std::uint32_t outputs = args.a.shape.cols;
  convolve(args, padded_delta(window, outputs, outputs),
           {.kernel_height = window.kernel_height,
            .range = std::size_t{window.kernel_width} * outputs,
            .stride = 1,
            .height = window.height,
            .width = window.width});
}

std::size_t spatial_scratch(const memory_plan::Spatial& step) {
  const ops::Window& window = step.window;
  const tensor::Shape from = step.operands[0].shape;
  const auto line = [&](std::uint32_t width) {
    return std::size_t{width} * whole_panels(step.shape.cols);
  };
  switch (step.kind) {
    case OpKind::conv2d: {
      const auto channels = static_cast<std::uint32_t>(from.size() / window.pixels());
      return padded(padded_input(window, channels, channels).floats()) + line(window.out_width());
    }
    case OpKind::conv2d_grad_input:
      return padded(padded_delta(window, from.cols, from.cols).floats()) + line(window.width);
    case OpKind::depthwise_conv2d:
      return padded_input(window, from.cols, padded(from.cols)).floats();
    case OpKind::depthwise_conv2d_grad_input:
      return padded_delta(window, from.cols, padded(from.cols)).floats();
    default:
      return 0;
  }
}

// The padded picture of a node, and the gradient as [taps * channels][outputs, padded].
std::size_t conv2d_gradient_scratch(const ops::Window& window, std::uint32_t channels,
                                    std::uint32_t outputs) {
  return padded(padded_input(window, channels, channels).floats()) +
         (std::size_t{window.taps()} * channels + 1) * padded(outputs);
}

std::size_t depthwise_gradient_scratch(const ops::Window& window, std::uint32_t channels) {
  const std::size_t stride = padded(channels);
  return padded_input(window, channels, stride).floats() + (window.taps() + 1) * stride;
}

}  // namespace sheaf::backend::cpu
