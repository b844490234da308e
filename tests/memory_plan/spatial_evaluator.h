// SPDX-License-Identifier: Apache-2.0
//
// The ops on pictures in double precision, as their definitions read. Shares no code with the
// backends.
#pragma once

#include <span>
#include <vector>

#include "sheaf/graph/cell.h"
#include "tests/memory_plan/cell_evaluator.h"

namespace sheaf::test {

// The value of `op`, of class `spatial`, from those of its operands; `shapes` are the operands'.
// `weights`: [outputs x terms], row after row; `bias`: empty where there is none.
[[nodiscard]] Row spatial_value(const graph::CellOp& op, std::span<const tensor::Shape> shapes,
                                std::span<const Row> operands, const Row& weights, const Row& bias);

// The gradient of sum(conv2d(x) * delta) by the weights, [outputs x (taps * channels)].
[[nodiscard]] Row conv2d_weight_gradient(const ops::Window& window, std::uint32_t channels,
                                         std::uint32_t outputs, const Row& x, const Row& delta);
// The same of a depthwise convolution, [channels x taps].
[[nodiscard]] Row depthwise_weight_gradient(const ops::Window& window, std::uint32_t channels,
                                            const Row& x, const Row& delta);

}  // namespace sheaf::test
