// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/spatial_pack.h"

#include <algorithm>

#include "sheaf/tensor/encoding.h"

namespace sheaf::backend::cpu {
namespace {

using memory_plan::Spatial;
using ops::OpKind;

bool is_depthwise(OpKind kind) {
  return kind == OpKind::depthwise_conv2d || kind == OpKind::depthwise_conv2d_grad_input;
}
bool is_gradient(OpKind kind) {
  return kind == OpKind::conv2d_grad_input || kind == OpKind::depthwise_conv2d_grad_input;
}

tensor::AlignedBuffer zeros(std::size_t floats) {
  tensor::AlignedBuffer buffer(floats);
  std::fill_n(buffer.data(), floats, 0.0F);
  return buffer;
}

// weights [outputs x (taps * channels)] -> panels of k = taps * depth rows and `width` columns.
tensor::AlignedBuffer pack_panels(const Spatial& step, const tensor::Tensor& weights,
                                  std::uint32_t panel_width) {
  const std::uint32_t taps = step.window.taps();
  const std::uint32_t outputs = weights.shape().rows;
  const std::uint32_t channels = weights.shape().cols / taps;
  const bool gradient = is_gradient(step.kind);
  const std::size_t depth = gradient ? outputs : channels;
  const std::size_t n = tensor::round_up(step.shape.cols, memory_plan::kPanelAlignment);
  const std::size_t k = taps * depth;
  tensor::AlignedBuffer panels = zeros(k * n);
  for (std::uint32_t o = 0; o < outputs; ++o) {
    const auto row = weights.row(o);
    for (std::uint32_t tap = 0; tap < taps; ++tap) {
      for (std::uint32_t c = 0; c < channels; ++c) {
        const std::size_t at = gradient ? (taps - 1 - tap) * depth + o : tap * depth + c;
        const std::size_t column = gradient ? c : o;
        panels.data()[(column / panel_width * k + at) * panel_width + column % panel_width] =
            row[std::size_t{tap} * channels + c];
      }
    }
  }
  return panels;
}

tensor::AlignedBuffer pack_taps(const Spatial& step, const tensor::Tensor& weights) {
  const tensor::Shape shape = weights.shape();  // [channels x taps]
  const std::size_t stride = tensor::padded(shape.rows);
  tensor::AlignedBuffer packed = zeros(shape.cols * stride);
  for (std::uint32_t c = 0; c < shape.rows; ++c) {
    for (std::uint32_t tap = 0; tap < shape.cols; ++tap) {
      const std::uint32_t to = is_gradient(step.kind) ? shape.cols - 1 - tap : tap;
      packed.data()[to * stride + c] = weights.row(c)[tap];
    }
  }
  return packed;
}

}  // namespace

PackedProduct pack_spatial(const Spatial& step, const graph::Binding& binding,
                           const graph::ParameterStore& parameters, std::uint32_t panel_width) {
  if (step.weights == Spatial::kNoSlot) return {};
  const auto parameter = [&](graph::SlotId slot) -> const tensor::Tensor& {
    require_encoding(parameters[binding[slot]], tensor::kDense);
    return parameters[binding[slot]].value;
  };
  const tensor::Tensor& weights = parameter(step.weights);
  PackedProduct packed{
      is_depthwise(step.kind) ? pack_taps(step, weights) : pack_panels(step, weights, panel_width),
      zeros(tensor::round_up(step.shape.cols, memory_plan::kPanelAlignment)),
      {}};
  if (step.bias != Spatial::kNoSlot) {
    const auto bias = parameter(step.bias).values();
    std::copy(bias.begin(), bias.end(), packed.bias.data());
  }
  return packed;
}

}  // namespace sheaf::backend::cpu
