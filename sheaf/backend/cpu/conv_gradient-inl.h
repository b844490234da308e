// SPDX-License-Identifier: Apache-2.0
//
// Gradients of the weights of convolutions. Included once per instruction set, see
// spatial_simd.cc.
#if defined(SHEAF_BACKEND_CPU_CONV_GRADIENT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SHEAF_BACKEND_CPU_CONV_GRADIENT_INL_H_
#undef SHEAF_BACKEND_CPU_CONV_GRADIENT_INL_H_
#else
#define SHEAF_BACKEND_CPU_CONV_GRADIENT_INL_H_
#endif

#include "hwy/highway.h"
#include "sheaf/backend/cpu/padded_picture.h"
#include "sheaf/backend/cpu/product-inl.h"
#include "sheaf/backend/cpu/spatial.h"
#include "sheaf/tensor/aligned_buffer.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Some rows of pixels of one node.
struct GradientPixels {
  const float* x;       // the padded picture, from the first tap of the first pixel on
  std::size_t x_row;    // floats from one row of pixels of the result to the next ...
  std::size_t x_pixel;  // ... and from one pixel
  const float* delta;
  std::size_t delta_pixel;
  std::uint32_t height;
  std::uint32_t width;
};

// sums[r][j] += x[r] delta[j] over the pixels: kRows floats of the window, kVectors vectors of
// outputs. Held in registers, so that an element is one chain over the pixels.
template <std::size_t kRows, std::size_t kVectors>
void gradient_tile(const GradientPixels& pixels, float* sums, std::size_t stride) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  V sum[kRows][kVectors];
#pragma GCC unroll 14
  for (std::size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (std::size_t v = 0; v < kVectors; ++v) {
      sum[r][v] = hn::Load(d, sums + r * stride + v * kLanes);
    }
  }
  const float* delta = pixels.delta;
  for (std::uint32_t y = 0; y < pixels.height; ++y) {
    const float* x = pixels.x + y * pixels.x_row;
    for (std::uint32_t p = 0; p < pixels.width; ++p) {
      multiply_add<kRows, kVectors>(x, 1, delta, 0, sum);
      x += pixels.x_pixel;
      delta += pixels.delta_pixel;
    }
  }
#pragma GCC unroll 14
  for (std::size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (std::size_t v = 0; v < kVectors; ++v) {
      hn::Store(sum[r][v], d, sums + r * stride + v * kLanes);
    }
  }
}

template <std::size_t kRows, std::size_t kVectors>
void gradient_rows(std::size_t rows, const GradientPixels& pixels, float* sums,
                   std::size_t stride) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return gradient_tile<kRows, kVectors>(pixels, sums, stride);
    gradient_rows<kRows - 1, kVectors>(rows, pixels, sums, stride);
  }
}

// A row of the window: `range` floats, in tiles of nearly equal height.
template <std::size_t kVectors>
void gradient_range(std::size_t range, GradientPixels pixels, float* sums, std::size_t stride) {
  const std::size_t tiles = (range + kMaxRows - 1) / kMaxRows;
  for (std::size_t t = tiles; t > 0; --t) {
    const std::size_t rows = (range + t - 1) / t;
    gradient_rows<kMaxRows, kVectors>(rows, pixels, sums, stride);
    pixels.x += rows;
    sums += rows * stride;
    range -= rows;
  }
}

// Pixels that are worked on at a time, so that they stay in the L1 cache for all tiles.
inline constexpr std::uint32_t kGradientPixels = 64;

// One node: the rows of the window, and for each the columns of the result.
inline void gradient_of_node(const WeightGradientArgs& args, const PaddedPicture& picture,
                             const float* x, const float* delta, float* sums) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const ops::Window& window = args.window;
  const std::size_t stride = tensor::padded(args.outputs);
  const std::size_t range = std::size_t{window.kernel_width} * args.channels;
  const std::uint32_t height = window.out_height();
  const std::uint32_t width = window.out_width();
  const std::uint32_t most = std::max(kGradientPixels / width, 1U);
  for (std::uint32_t y = 0; y < height; y += most) {
    GradientPixels pixels{.x = nullptr,
                          .x_row = window.stride * picture.row_floats(),
                          .x_pixel = window.stride * picture.stride,
                          .delta = delta + std::size_t{y} * width * args.delta_stride,
                          .delta_pixel = args.delta_stride,
                          .height = std::min(most, height - y),
                          .width = width};
    const float* const first = pixels.delta;
    for (std::size_t column = 0; column < stride;) {
      const bool two = column + 2 * lanes <= stride;
      pixels.delta = first + column;
      for (std::uint32_t ky = 0; ky < window.kernel_height; ++ky) {
        pixels.x = x + (std::size_t{y} * window.stride + ky) * picture.row_floats();
        float* const to = sums + ky * range * stride + column;
        if (two) {
          gradient_range<2>(range, pixels, to, stride);
        } else {
          gradient_range<1>(range, pixels, to, stride);
        }
      }
      column += (two ? 2 : 1) * lanes;
    }
  }
}

// sums[j] += delta[pixel][j], pixel after pixel.
inline void add_pixels(const float* delta, std::size_t delta_stride, std::size_t pixels,
                       std::size_t width, float* sums) {
  const hn::ScalableTag<float> d;
  for (std::size_t j = 0; j < width; j += hn::Lanes(d)) {
    auto sum = hn::Load(d, sums + j);
    const float* from = delta + j;
    for (std::size_t p = 0; p < pixels; ++p, from += delta_stride) {
      sum = hn::Add(sum, hn::Load(d, from));
    }
    hn::Store(sum, d, sums + j);
  }
}

inline void bias_gradient(const WeightGradientArgs& args, float* sums) {
  if (args.bias_gradient == nullptr) return;
  const std::size_t width = tensor::padded(args.outputs);
  for (std::size_t j = 0; j < width; ++j) {
    sums[j] = j < args.outputs ? args.bias_gradient[j] : 0;
  }
  for (const float* delta : args.delta) {
    add_pixels(delta, args.delta_stride, args.window.out_pixels(), width, sums);
  }
  for (std::size_t j = 0; j < args.outputs; ++j) args.bias_gradient[j] = sums[j];
}

// The gradient lies the other way round in scratch memory, [taps * channels][outputs], so that the
// outputs are the lanes of vectors.
inline void conv2d_weights(const WeightGradientArgs& args) noexcept {
  const PaddedPicture picture = padded_input(args.window, args.channels, args.channels);
  const std::size_t terms = std::size_t{args.window.taps()} * args.channels;
  const std::size_t stride = tensor::padded(args.outputs);
  float* const sums = args.scratch + tensor::padded(picture.floats());
  bias_gradient(args, sums);
  for (std::size_t k = 0; k < terms; ++k) {
    for (std::size_t o = 0; o < stride; ++o) {
      sums[k * stride + o] = o < args.outputs ? args.gradient[o * args.gradient_stride + k] : 0;
    }
  }
  for (std::size_t node = 0; node < args.x.size(); ++node) {
    const float* x = args.x[node];
    if (!picture.is(args.x_stride)) {
      picture.fill(x, args.x_stride, args.scratch);
      x = args.scratch;
    }
    gradient_of_node(args, picture, x, args.delta[node], sums);
  }
  for (std::size_t k = 0; k < terms; ++k) {
    for (std::size_t o = 0; o < args.outputs; ++o) {
      args.gradient[o * args.gradient_stride + k] = sums[k * stride + o];
    }
  }
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SHEAF_BACKEND_CPU_CONV_GRADIENT_INL_H_
