// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "sheaf/ops/op.h"

namespace sheaf::ops {

// infer_shape() of the ops of class `spatial`. A convolution takes a picture as a matrix, or as one
// row that holds its pixels one after the other. Throws UsageError when the window does not fit the
// operands, is larger than the padded picture, or as small as the padding.
[[nodiscard]] tensor::Shape infer_spatial_shape(OpKind kind,
                                                std::span<const tensor::Shape> operands,
                                                const OpAttributes& attributes);

// Terms that are summed for one element of the result of a convolution or its gradient, `channels`
// wide where it is read; 0 of other ops, which count as no flops.
[[nodiscard]] std::uint32_t spatial_terms(OpKind kind, const Window& window,
                                          std::uint32_t channels);

}  // namespace sheaf::ops
