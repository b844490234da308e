// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "sheaf/nn/layer_list.h"

namespace sheaf::io {

// Reads a list of layers (docs/mapping.md):
//
//   name: tiny
//   source: made up
//   input: {height: 8, width: 8, channels: 3}      # or {width: 153, steps: 20}
//   layers:
//     - {name: c1, conv: 16, kernel: 3, padding: 1, relu: true}
//     - {name: out, fc: 10}
//
// or, for a model that is built in, `builtin: lac` and `input: {steps: 40, vocabulary: 1000}`.
// Throws ConfigError at file:line; unknown keys with the nearest. Whether layers fit each other is
// LayerNet's business.
[[nodiscard]] nn::LayerList parse_layer_list(std::string_view text, const std::string& file);

// The same of a list of configs/models by its name ("vgg16"), or of a file when `name` holds a '/'
// or ends with ".yaml". Throws NotFoundError, which names the nearest, and IoError too.
[[nodiscard]] nn::LayerList read_layer_list(const std::string& name);

// Channels, widths, pixels a side and steps go up to this,
inline constexpr std::uint32_t kMostLayerSize = 1 << 20;
// sides of windows, strides and paddings up to this.
inline constexpr std::uint32_t kMostWindow = 1 << 10;
inline constexpr std::uint32_t kMostLayers = 4096;

}  // namespace sheaf::io
