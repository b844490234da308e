// SPDX-License-Identifier: Apache-2.0
//
// Losses as cells: a node per term, whose one column is summed over the minibatch.
#pragma once

#include <cstdint>
#include <memory>

#include "sheaf/graph/cell.h"

namespace sheaf::nn {

// -log p[label], the label being the node's payload: input log p [classes], as log-softmax gives
// it.
[[nodiscard]] std::shared_ptr<const graph::Cell> cross_entropy(std::uint32_t classes);

// The same times the label's weight: slot "weights" [classes x 1], a table, which is not trained.
[[nodiscard]] std::shared_ptr<const graph::Cell> weighted_cross_entropy(std::uint32_t classes);

// The multi-class hinge loss of Weston and Watkins (1999) with margin 1, as PyTorch's
// MultiMarginLoss: mean over the classes j but the label y of max(0, 1 + s_j - s_y), times (C - 1)
// / C. Input scores s [classes]; log-probabilities will do, which differ from scores by a constant.
[[nodiscard]] std::shared_ptr<const graph::Cell> hinge(std::uint32_t classes);

// Half the squared distance of inputs y and t [width].
[[nodiscard]] std::shared_ptr<const graph::Cell> square_error(std::uint32_t width);

}  // namespace sheaf::nn
