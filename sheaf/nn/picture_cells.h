// SPDX-License-Identifier: Apache-2.0
//
// Cells of nets of pictures.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sheaf/graph/cell.h"

namespace sheaf::nn {

// What a layer reads: a row of the table kPixels where it is the first one, or else a picture.
struct LayerInput {
  std::uint32_t channels;
  bool is_table;
};

// A convolution to `outputs` channels, perhaps pooled by 2 x 2, then rectified.
[[nodiscard]] graph::Cell convolution_cell(const std::string& name, LayerInput input,
                                           std::uint32_t outputs, const ops::Window& window,
                                           bool pools);
// The same, normalised by the slots mean, variance, gamma and beta before it is pooled.
[[nodiscard]] graph::Cell normalised_cell(const std::string& name, LayerInput input,
                                          std::uint32_t outputs, const ops::Window& window,
                                          bool pools);

// In training it falls into three. A convolution that also returns, per channel, the sums of its
// pixels and of their squares, and the number of pixels:
[[nodiscard]] graph::Cell sums_cell(const std::string& name, LayerInput input,
                                    std::uint32_t outputs, const ops::Window& window);
// the statistics of a minibatch from these sums, of all instances: (scale, shift, mean, variance)
// with gamma (y - mean) / sqrt(variance + epsilon) + beta = scale y + shift;
[[nodiscard]] graph::Cell statistics_cell(std::uint32_t channels);
// and what applies them to a picture.
[[nodiscard]] graph::Cell apply_cell(const std::string& name, std::uint32_t channels,
                                     const ops::Window& window, bool pools);

// Fully connected layers with rectifiers between them, then log-softmax.
[[nodiscard]] graph::Cell head_cell(std::uint32_t pixels, std::uint32_t channels,
                                    const std::vector<std::uint32_t>& hidden,
                                    std::uint32_t classes);

}  // namespace sheaf::nn
