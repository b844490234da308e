// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/vgg8.h"

namespace sheaf::nn {

PictureLayers Vgg8::layers(const Vgg8Options& options) {
  PictureLayers layers{
      .convolutions = {}, .hidden = {options.hidden}, .batch_norm = options.batch_norm};
  for (const std::uint32_t channels : options.channels) {
    layers.convolutions.push_back({channels, 3, 1, false});
    layers.convolutions.push_back({channels, 3, 1, true});
  }
  return layers;
}

}  // namespace sheaf::nn
