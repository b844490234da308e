// SPDX-License-Identifier: Apache-2.0
//
// Binary Tree-LSTM (Tai, Socher and Manning, ACL 2015, section 3.2) as in ED-Batch's benchmarks.
// Equations: docs/models.md.
#pragma once

#include "sheaf/nn/tree_model.h"

namespace sheaf::nn {

// Each forget gate sees its own child only.
class TreeLstm final : public TreeModel {
 public:
  explicit TreeLstm(const ModelOptions& options);
};

// Each forget gate sees both children, as in the paper.
class TreeLstmNary final : public TreeModel {
 public:
  explicit TreeLstmNary(const ModelOptions& options);
};

// TreeLstm with two parameter sets for inner nodes, `node1` and `node2`, chosen by a fair coin. The
// coin is seeded with ModelOptions::seed and the tree's shape, so that a tree has the same types
// whatever its words are and whichever trees are beside it: write the post-order as text, "." for a
// leaf and "+" for an inner node; the j-th inner node is a `node2` if the j-th draw below(2) from
// base::Rng(seed, text), which is the highest bit of the number, is 1.
class TreeLstm2Type final : public TreeModel {
 public:
  explicit TreeLstm2Type(const ModelOptions& options);
};

}  // namespace sheaf::nn
