// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/picture_models.h"

#include <array>

#include "sheaf/nn/lenet5.h"
#include "sheaf/nn/vgg8.h"

namespace sheaf::nn {

std::span<const std::string> picture_model_names() {
  static const std::array<std::string, 2> kNames = {"lenet5", "vgg8"};
  return kNames;
}

std::unique_ptr<PictureNet> make_picture_net(std::string_view name, const PictureShape& shape) {
  if (name == "lenet5") return std::make_unique<Lenet5>(shape);
  if (name == "vgg8") return std::make_unique<Vgg8>(shape);
  refuse_model(name);
}

}  // namespace sheaf::nn
