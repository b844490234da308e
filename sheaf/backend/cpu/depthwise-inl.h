// SPDX-License-Identifier: Apache-2.0
//
// Convolutions of every channel by itself. Included once per instruction set, see spatial_simd.cc.
#if defined(SHEAF_BACKEND_CPU_DEPTHWISE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SHEAF_BACKEND_CPU_DEPTHWISE_INL_H_
#undef SHEAF_BACKEND_CPU_DEPTHWISE_INL_H_
#else
#define SHEAF_BACKEND_CPU_DEPTHWISE_INL_H_
#endif

#include "hwy/highway.h"
#include "sheaf/backend/cpu/conv_gradient-inl.h"
#include "sheaf/backend/cpu/padded_picture.h"
#include "sheaf/backend/cpu/spatial.h"
#include "sheaf/tensor/aligned_buffer.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Pixels of the result that are summed side by side: as many independent chains as hide the latency
// of a multiply-add.
inline constexpr std::size_t kDepthwisePixels = 8;

// kPixels pixels of one vector of channels.
template <std::size_t kPixels>
void depthwise_tile(const SpatialArgs& args, const PaddedPicture& picture, const float* x,
                    std::size_t step, float* to) {
  const hn::ScalableTag<float> d;
  hn::Vec<decltype(d)> sum[kPixels];
  const std::size_t weight_stride = picture.stride;
  for (std::size_t p = 0; p < kPixels; ++p) sum[p] = hn::Load(d, args.bias);
  const float* w = args.weights;
  for (std::uint32_t ky = 0; ky < args.window.kernel_height; ++ky) {
    const float* at = x + ky * picture.row_floats();
    for (std::uint32_t kx = 0; kx < args.window.kernel_width; ++kx) {
      const auto weight = hn::Load(d, w);
      for (std::size_t p = 0; p < kPixels; ++p) {
        sum[p] = hn::MulAdd(hn::Load(d, at + p * step), weight, sum[p]);
      }
      at += picture.stride;
      w += weight_stride;
    }
  }
  for (std::size_t p = 0; p < kPixels; ++p) hn::Store(sum[p], d, to + p * args.to_stride);
}

// The pixels of the result, `stride` pixels of the padded picture apart.
inline void depthwise(SpatialArgs args, const PaddedPicture& picture, std::uint32_t stride,
                      std::uint32_t height, std::uint32_t width) {
  const hn::ScalableTag<float> d;
  const float* x = args.a.first;
  if (!picture.is(args.a.stride)) {
    picture.fill(x, args.a.stride, args.scratch);
    x = args.scratch;
  }
  const std::size_t step = stride * picture.stride;
  const SpatialArgs all = args;
  for (std::size_t c = 0; c < picture.stride; c += hn::Lanes(d)) {
    args.weights = all.weights + c;
    args.bias = all.bias + c;
    for (std::uint32_t y = 0; y < height; ++y) {
      const float* from = x + std::size_t{y} * stride * picture.row_floats() + c;
      float* to = all.to + std::size_t{y} * width * all.to_stride + c;
      std::uint32_t p = 0;
      for (; p + kDepthwisePixels <= width; p += kDepthwisePixels) {
        depthwise_tile<kDepthwisePixels>(args, picture, from + p * step, step,
                                         to + p * all.to_stride);
      }
      for (; p < width; ++p) {
        depthwise_tile<1>(args, picture, from + p * step, step, to + p * all.to_stride);
      }
    }
  }
}

inline void depthwise_conv2d(const SpatialArgs& args) noexcept {
  const ops::Window& window = args.window;
  const std::uint32_t channels = args.a.shape.cols;
  depthwise(args, padded_input(window, channels, tensor::padded(channels)), window.stride,
            window.out_height(), window.out_width());
}

inline void depthwise_conv2d_grad_input(const SpatialArgs& args) noexcept {
  const ops::Window& window = args.window;
  const std::uint32_t channels = args.a.shape.cols;
  depthwise(args, padded_delta(window, channels, tensor::padded(channels)), 1, window.height,
            window.width);
}

// The sums of one tap for one node: sums[c] += x[pixel][c] delta[pixel][c].
inline void depthwise_tap(const GradientPixels& pixels, std::size_t channels, float* sums) {
  const hn::ScalableTag<float> d;
  for (std::size_t c = 0; c < channels; c += hn::Lanes(d)) {
    auto sum = hn::Load(d, sums + c);
    const float* delta = pixels.delta + c;
    for (std::uint32_t y = 0; y < pixels.height; ++y) {
      const float* x = pixels.x + y * pixels.x_row + c;
      for (std::uint32_t p = 0; p < pixels.width; ++p) {
        sum = hn::MulAdd(hn::Load(d, x), hn::Load(d, delta), sum);
        x += pixels.x_pixel;
        delta += pixels.delta_pixel;
      }
    }
    hn::Store(sum, d, sums + c);
  }
}

inline void depthwise_weights(const WeightGradientArgs& args) noexcept {
  const ops::Window& window = args.window;
  const std::size_t stride = tensor::padded(args.channels);
  const PaddedPicture picture = padded_input(window, args.channels, stride);
  float* const sums = args.scratch + picture.floats();
  bias_gradient(args, sums);
  for (std::uint32_t tap = 0; tap < window.taps(); ++tap) {
    for (std::size_t c = 0; c < stride; ++c) {
      sums[tap * stride + c] =
          c < args.channels ? args.gradient[c * args.gradient_stride + tap] : 0;
    }
  }
  for (std::size_t node = 0; node < args.x.size(); ++node) {
    const float* x = args.x[node];
    if (!picture.is(args.x_stride)) {
      picture.fill(x, args.x_stride, args.scratch);
      x = args.scratch;
    }
    for (std::uint32_t tap = 0; tap < window.taps(); ++tap) {
      const std::size_t at = tap / window.kernel_width * picture.row_floats() +
                             tap % window.kernel_width * picture.stride;
      depthwise_tap({.x = x + at,
                     .x_row = window.stride * picture.row_floats(),
                     .x_pixel = window.stride * picture.stride,
                     .delta = args.delta[node],
                     .delta_pixel = args.delta_stride,
                     .height = window.out_height(),
                     .width = window.out_width()},
                    stride, sums + tap * stride);
    }
  }
  for (std::uint32_t tap = 0; tap < window.taps(); ++tap) {
    for (std::size_t c = 0; c < args.channels; ++c) {
      args.gradient[c * args.gradient_stride + tap] = sums[tap * stride + c];
    }
  }
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SHEAF_BACKEND_CPU_DEPTHWISE_INL_H_
