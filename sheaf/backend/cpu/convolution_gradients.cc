// SPDX-License-Identifier: Apache-2.0
//
// CpuBackend::add: gradients of the weights of convolutions, a range of outputs at a time.
#include <algorithm>

#include "sheaf/backend/cpu/cpu_backend.h"
#include "sheaf/backend/cpu/flush_denormals.h"
#include "sheaf/backend/cpu/spatial.h"

namespace sheaf::backend::cpu {

using runtime::ConvolutionGradients;

namespace {

// Outputs that another thread may take: whole vectors of every instruction set.
constexpr std::uint32_t kLeastOutputs = 32;

}  // namespace

void CpuBackend::add(const ConvolutionGradients& gradients) {
  if (gradients.x.empty()) return;
  const std::uint32_t parts = (gradients.outputs + kLeastOutputs - 1) / kLeastOutputs;
  const bool shared = pool_ != nullptr && !gradients.depthwise;
  const auto chunks = shared ? std::min(parts, 2 * pool_->threads()) : 1U;
  const auto run = [&](std::size_t chunk, std::uint32_t thread) {
    const auto begin = [&](std::size_t c) {
      return std::min(static_cast<std::uint32_t>(parts * c / chunks) * kLeastOutputs,
                      gradients.outputs);
    };
    add_outputs(gradients, begin(chunk), begin(chunk + 1), lanes_[thread]);
  };
  if (chunks > 1) {
    pool_->parallel_for(chunks, run);
  } else {
    run(0, 0);
  }
}

void CpuBackend::add_outputs(const ConvolutionGradients& gradients, std::uint32_t first,
                             std::uint32_t end, Lane& lane) const {
  const FlushDenormals flush;
  const std::size_t needed =
      gradients.depthwise
          ? depthwise_gradient_scratch(gradients.window, gradients.channels)
          : conv2d_gradient_scratch(gradients.window, gradients.channels, end - first);
  if (lane.pictures.size() < needed) lane.pictures = tensor::AlignedBuffer(needed);
  const bool tight = gradients.one_row || memory_plan::in_table(gradients.x[0]);
  lane.x.clear();
  lane.delta.clear();
  for (std::size_t i = 0; i < gradients.x.size(); ++i) {
    lane.x.push_back(value_at(gradients.x[i]));
    lane.delta.push_back(value_at(gradients.delta[i]) + first);
  }
  const WeightGradientKernel kernel =
      gradients.depthwise ? kernels_.spatial->depthwise_weights : kernels_.spatial->conv2d_weights;
  kernel({.window = gradients.window,
          .channels = gradients.channels,
          .outputs = end - first,
          .x = lane.x,
          .x_stride = tight ? gradients.channels : tensor::padded(gradients.channels),
          .delta = lane.delta,
          .delta_stride = tensor::padded(gradients.outputs),
          .gradient = gradients.to + first * gradients.stride,
          .gradient_stride = gradients.stride,
          .bias_gradient = nullptr,
          .scratch = lane.pictures.data()});
}

}  // namespace sheaf::backend::cpu
