// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/model.h"

namespace sheaf::nn {

// A tree taken as a bag of words: what a model that reads its shape is to be compared with. Not
// among model_names(), since it is no model of trees. A deep averaging network (Iyyer et al., ACL
// 2015) with one hidden layer:
//
//   m = (x_1 + ... + x_n) / n,  h = tanh(W m + b),  y = log-softmax(V h)
//
// with the embeddings x of the n leaves, from the left. Its only output is that of the root.
class BagOfLeaves final : public Model {
 public:
  explicit BagOfLeaves(const ModelOptions& options);
  [[nodiscard]] std::string_view name() const override { return "bag_of_leaves"; }

  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const override;
  void targets(const Instance& instance, std::vector<std::uint32_t>& labels) const override;

 private:
  graph::TypeId leaf_, bag_, head_;
};

}  // namespace sheaf::nn
