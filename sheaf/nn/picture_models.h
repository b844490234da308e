// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "sheaf/nn/picture_net.h"

namespace sheaf::nn {

// Names that make_picture_net() knows.
[[nodiscard]] std::span<const std::string> picture_model_names();

// A model whose parameters have no values yet. Throws UsageError for an unknown name, suggesting
// the nearest, and for pictures that are too small for the model.
[[nodiscard]] std::unique_ptr<PictureNet> make_picture_net(std::string_view name,
                                                           const PictureShape& shape);

}  // namespace sheaf::nn
