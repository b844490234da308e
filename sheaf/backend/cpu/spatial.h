// SPDX-License-Identifier: Apache-2.0
//
// Kernels of ops on pictures (ops/window.h), one node at a time, and of their weights' gradients.
// As all kernels: rows start at multiples of 64 bytes, whole vectors of them may be read and
// written, and every element of a result is one chain of operations in a fixed order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/memory_plan/compiled_cell.h"
#include "sheaf/ops/window.h"

namespace sheaf::backend::cpu {

struct SpatialArgs {
  struct Operand {
    const float* first = nullptr;
    std::size_t stride = 0;  // floats between rows; of a picture in one row: its channels
    tensor::Shape shape;
  };
  ops::Window window;
  Operand a, b;
  float* to;
  std::size_t to_stride;
  tensor::Shape shape;   // of the result
  const float* weights;  // packed (spatial_pack.h)
  const float* bias;
  ProductKernel product;
  ProductArgs::Range* ranges;  // room for one per row of the window
  float* scratch;              // spatial_scratch() floats
};

using SpatialKernel = void (*)(const SpatialArgs&) noexcept;

// Sums over a list of nodes, x and delta of each, into a gradient: node after node, pixel after
// pixel of the result, one chain per element that goes on from what the gradient holds. So a list
// in two parts gives the same bits as the whole.
struct WeightGradientArgs {
  ops::Window window;
  std::uint32_t channels;               // of x
  std::uint32_t outputs;                // of delta; depthwise: as many as channels
  std::span<const float* const> x;      // pictures, ...
  std::size_t x_stride;                 // ... floats between their pixels
  std::span<const float* const> delta;  // gradients by the result
  std::size_t delta_stride;             // a multiple of kRowAlignment
  float* gradient;                      // [outputs x (taps * channels)], or [channels x taps]
  std::size_t gradient_stride;          // floats between its rows
  float* bias_gradient;                 // [outputs], or null
  float* scratch;  // conv2d_gradient_scratch() or depthwise_gradient_scratch() floats
};

using WeightGradientKernel = void (*)(const WeightGradientArgs&) noexcept;

// By OpKind; null for ops that are not spatial.
struct SpatialKernels {
  std::array<SpatialKernel, ops::kOpKinds> ops;
  WeightGradientKernel conv2d_weights;
  WeightGradientKernel depthwise_weights;
};

// The kernels by instruction set; null when the build or the processor lacks it.
[[nodiscard]] const SpatialKernels* avx512_spatial();
[[nodiscard]] const SpatialKernels* avx2_spatial();
[[nodiscard]] const SpatialKernels* portable_spatial();
[[nodiscard]] const SpatialKernels* reference_spatial();

// Floats of scratch memory that a step needs.
[[nodiscard]] std::size_t spatial_scratch(const memory_plan::Spatial& step);
[[nodiscard]] std::size_t conv2d_gradient_scratch(const ops::Window& window, std::uint32_t channels,
                                                  std::uint32_t outputs);
[[nodiscard]] std::size_t depthwise_gradient_scratch(const ops::Window& window,
                                                     std::uint32_t channels);

}  // namespace sheaf::backend::cpu
