// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sheaf/memory_plan/memory_plan.h"
#include "sheaf/ops/window.h"

namespace sheaf::runtime {

// The gradient of a convolution's weights: the sums over the pixels of the result, node after node,
// one chain per element, which goes on from what is there.
struct ConvolutionGradients {
  ops::Window window;
  bool depthwise = false;
  std::uint32_t channels;                      // of x
  std::uint32_t outputs;                       // of delta; depthwise: as many as channels
  std::span<const memory_plan::Offset> x;      // pictures, in the arena or in tables
  bool one_row = false;                        // x holds its pixels one after the other
  std::span<const memory_plan::Offset> delta;  // gradients by the result, as many
  float* to;           // [outputs x (taps * channels)]; depthwise: [channels x taps]
  std::size_t stride;  // floats between rows of `to`
};

}  // namespace sheaf::runtime
