// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/tree_model.h"

namespace sheaf::nn {

// Matrix-vector recursive network (Socher, Huval, Manning and Ng, EMNLP 2012) as in ED-Batch's
// benchmark: every word and every phrase has a vector v, what it means, and a matrix M [H x H], how
// it changes its neighbour. Equations: docs/models.md. Outputs: log-softmax over the labels of v of
// every tree node, in post-order.
class MvRnn final : public TreeModel {
 public:
  // The table of word matrices may take this much: the 18 thousand words of the Stanford Sentiment
  // Treebank at H = 256 take 4.4 GiB.
  static constexpr std::uint64_t kMostTableBytes = std::uint64_t{6} << 30U;

  // Throws ResourceError when the table of word matrices would be larger than that.
  explicit MvRnn(const ModelOptions& options);
};

}  // namespace sheaf::nn
