// SPDX-License-Identifier: Apache-2.0
//
// The ops on pictures as their definitions read. Convolutions are those of conv2d.h over the
// reference product.
#include <algorithm>
#include <cmath>

#include "sheaf/backend/cpu/conv2d.h"
#include "sheaf/backend/cpu/pool_window.h"
#include "sheaf/backend/cpu/row_copies.h"
#include "sheaf/backend/cpu/spatial.h"
#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::backend::cpu {
namespace {

using ops::Window;

// Calls visit(tap, pixel of the picture) for the taps of a place that lie in the picture.
template <class Visit>
void for_taps(const Window& window, std::uint32_t place, const Visit& visit) {
  const std::uint32_t top = place / window.out_width() * window.stride;
  const std::uint32_t left = place % window.out_width() * window.stride;
  for (std::uint32_t tap = 0; tap < window.taps(); ++tap) {
    const std::uint32_t y = top + tap / window.kernel_width;
    const std::uint32_t x = left + tap % window.kernel_width;
    const bool inside = y >= window.padding && y - window.padding < window.height &&
                        x >= window.padding && x - window.padding < window.width;
    if (inside) visit(tap, (y - window.padding) * window.width + x - window.padding);
  }
}

void clear(const SpatialArgs& args) {
  for (std::uint32_t row = 0; row < args.shape.rows; ++row) {
    std::fill_n(args.to + row * args.to_stride, args.shape.cols, 0.0F);
  }
}

float value(const SpatialArgs::Operand& of, std::size_t row, std::size_t c) {
  return of.first[row * of.stride + c];
}

void depthwise_conv2d(const SpatialArgs& args) noexcept {
  const std::size_t stride = tensor::padded(args.shape.cols);
  for (std::uint32_t pixel = 0; pixel < args.shape.rows; ++pixel) {
    for (std::uint32_t c = 0; c < args.shape.cols; ++c) {
      float sum = args.bias[c];
      for_taps(args.window, pixel, [&](std::uint32_t tap, std::uint32_t from) {
        sum = std::fma(value(args.a, from, c), args.weights[tap * stride + c], sum);
      });
      args.to[pixel * args.to_stride + c] = sum;
    }
  }
}

// The weights lie in reverse (spatial_pack.h).
void depthwise_conv2d_grad_input(const SpatialArgs& args) noexcept {
  const std::size_t stride = tensor::padded(args.shape.cols);
  const std::uint32_t last = args.window.taps() - 1;
  clear(args);
  for (std::uint32_t pixel = 0; pixel < args.a.shape.rows; ++pixel) {
    for (std::uint32_t c = 0; c < args.shape.cols; ++c) {
      for_taps(args.window, pixel, [&](std::uint32_t tap, std::uint32_t at) {
        float& to = args.to[at * args.to_stride + c];
        to = std::fma(value(args.a, pixel, c), args.weights[(last - tap) * stride + c], to);
      });
    }
  }
}

// The pixel that holds the largest of a window, the first of equals; NaN is larger than all.
std::uint32_t largest(const SpatialArgs& args, std::uint32_t place, std::uint32_t c) {
  std::uint32_t best = ~0U;
  for_taps(args.window, place, [&](std::uint32_t /*tap*/, std::uint32_t from) {
    const float x = value(args.a, from, c);
    if (best == ~0U || x > value(args.a, best, c) ||
        (std::isnan(x) && !std::isnan(value(args.a, best, c)))) {
      best = from;
    }
  });
  return best;
}

void max_pool(const SpatialArgs& args) noexcept {
  for (std::uint32_t pixel = 0; pixel < args.shape.rows; ++pixel) {
    for (std::uint32_t c = 0; c < args.shape.cols; ++c) {
      args.to[pixel * args.to_stride + c] = value(args.a, largest(args, pixel, c), c);
    }
  }
}

void max_pool_grad(const SpatialArgs& args) noexcept {
  clear(args);
  for (std::uint32_t pixel = 0; pixel < args.b.shape.rows; ++pixel) {
    for (std::uint32_t c = 0; c < args.shape.cols; ++c) {
      args.to[largest(args, pixel, c) * args.to_stride + c] += value(args.b, pixel, c);
    }
  }
}

void average_pool(const SpatialArgs& args) noexcept {
  const float share = 1.0F / static_cast<float>(args.window.taps());
  for (std::uint32_t pixel = 0; pixel < args.shape.rows; ++pixel) {
    for (std::uint32_t c = 0; c < args.shape.cols; ++c) {
      float sum = 0;
      for_taps(args.window, pixel,
               [&](std::uint32_t /*tap*/, std::uint32_t from) { sum += value(args.a, from, c); });
      args.to[pixel * args.to_stride + c] = sum * share;
    }
  }
}

void average_pool_grad(const SpatialArgs& args) noexcept {
  const float share = 1.0F / static_cast<float>(args.window.taps());
  clear(args);
  for (std::uint32_t pixel = 0; pixel < args.a.shape.rows; ++pixel) {
    for (std::uint32_t c = 0; c < args.shape.cols; ++c) {
      for_taps(args.window, pixel, [&](std::uint32_t /*tap*/, std::uint32_t at) {
        args.to[at * args.to_stride + c] += value(args.a, pixel, c) * share;
      });
    }
  }
}

void sum_rows(const SpatialArgs& args) noexcept {
  for (std::uint32_t c = 0; c < args.shape.cols; ++c) {
    float sum = 0;
    for (std::uint32_t row = 0; row < args.a.shape.rows; ++row) sum += value(args.a, row, c);
    args.to[c] = sum;
  }
}

void add_row(const SpatialArgs& args) noexcept {
  for (std::uint32_t row = 0; row < args.shape.rows; ++row) {
    for (std::uint32_t c = 0; c < args.shape.cols; ++c) {
      args.to[row * args.to_stride + c] = value(args.a, row, c) + value(args.b, 0, c);
    }
  }
}

void mul_row(const SpatialArgs& args) noexcept {
  for (std::uint32_t row = 0; row < args.shape.rows; ++row) {
    for (std::uint32_t c = 0; c < args.shape.cols; ++c) {
      args.to[row * args.to_stride + c] = value(args.a, row, c) * value(args.b, 0, c);
    }
  }
}

// Of node after node, pixel after pixel.
void bias_gradient(const WeightGradientArgs& args) {
  if (args.bias_gradient == nullptr) return;
  for (const float* delta : args.delta) {
    for (std::uint32_t pixel = 0; pixel < args.window.out_pixels(); ++pixel) {
      for (std::uint32_t o = 0; o < args.outputs; ++o) {
        args.bias_gradient[o] += delta[pixel * args.delta_stride + o];
      }
    }
  }
}

void conv2d_weights(const WeightGradientArgs& args) noexcept {
  bias_gradient(args);
  for (std::size_t node = 0; node < args.x.size(); ++node) {
    for (std::uint32_t pixel = 0; pixel < args.window.out_pixels(); ++pixel) {
      const float* delta = args.delta[node] + pixel * args.delta_stride;
      for_taps(args.window, pixel, [&](std::uint32_t tap, std::uint32_t from) {
        const float* x = args.x[node] + from * args.x_stride;
        for (std::uint32_t o = 0; o < args.outputs; ++o) {
          float* to = args.gradient + o * args.gradient_stride + std::size_t{tap} * args.channels;
          for (std::uint32_t c = 0; c < args.channels; ++c) to[c] = std::fma(x[c], delta[o], to[c]);
        }
      });
    }
  }
}

void depthwise_weights(const WeightGradientArgs& args) noexcept {
  bias_gradient(args);
  for (std::size_t node = 0; node < args.x.size(); ++node) {
    for (std::uint32_t pixel = 0; pixel < args.window.out_pixels(); ++pixel) {
      const float* delta = args.delta[node] + pixel * args.delta_stride;
      for_taps(args.window, pixel, [&](std::uint32_t tap, std::uint32_t from) {
        for (std::uint32_t c = 0; c < args.channels; ++c) {
          float& to = args.gradient[c * args.gradient_stride + tap];
          to = std::fma(args.x[node][from * args.x_stride + c], delta[c], to);
        }
      });
    }
  }
}

}  // namespace

const SpatialKernels* reference_spatial() {
  static const SpatialKernels kKernels = [] {
    SpatialKernels kernels{{}, conv2d_weights, depthwise_weights};
    const auto set = [&kernels](ops::OpKind kind, SpatialKernel kernel) {
      kernels.ops[static_cast<std::size_t>(kind)] = kernel;
    };
    using ops::OpKind;
    set(OpKind::conv2d, conv2d);
    set(OpKind::conv2d_grad_input, conv2d_grad_input);
    set(OpKind::depthwise_conv2d, depthwise_conv2d);
    set(OpKind::depthwise_conv2d_grad_input, depthwise_conv2d_grad_input);
    set(OpKind::max_pool, max_pool);
    set(OpKind::max_pool_grad, max_pool_grad);
    set(OpKind::average_pool, average_pool);
    set(OpKind::average_pool_grad, average_pool_grad);
    set(OpKind::reshape, reshape);
    set(OpKind::sum_rows, sum_rows);
    set(OpKind::repeat_row, repeat_row);
    set(OpKind::add_row, add_row);
    set(OpKind::mul_row, mul_row);
    return kernels;
  }();
  return &kKernels;
}

}  // namespace sheaf::backend::cpu
