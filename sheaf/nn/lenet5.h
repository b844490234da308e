// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/picture_net.h"

namespace sheaf::nn {

// LeNet-5 (Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
// recognition", 1998) in its common modern form: rectifiers in place of scaled tanh, the largest of
// 2 x 2 pixels in place of their trained mean, every map of the second convolution connected to
// all of the first, log-softmax in place of radial basis functions. 28 x 28 pixels are padded by 2.
// Convolutions 5 x 5 to 6 and 16 channels, fully connected layers of 120 and 84: 0.83 MFLOP a
// picture forward, 61 706 weights.
class Lenet5 final : public PictureNet {
 public:
  explicit Lenet5(const PictureShape& shape = {})
      : PictureNet("lenet5", shape,
                   {.convolutions = {{6, 5, 2, true}, {16, 5, 0, true}}, .hidden = {120, 84}}) {}
};

}  // namespace sheaf::nn
