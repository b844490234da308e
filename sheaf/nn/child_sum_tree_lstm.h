// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/model.h"

namespace sheaf::nn {

// Child-sum Tree-LSTM (Tai, Socher and Manning, ACL 2015, section 3.1) over dependency trees, any
// number of children. The paper's cell is three calls, so that a child costs one product and no
// more: `word` makes the four gates' W x of a word, `edge` a child's f * c, `node` the rest, with
// the sums over the children, in the order of the sentence, as repeated inputs. Flops of a word
// with k children: 8 H^2 + 2 H^2 k + 6 H^2. Equations: docs/models.md. Outputs: log-softmax over
// ModelOptions::classes relations of every word, in the order of the sentence.
class ChildSumTreeLstm final : public Model {
 public:
  explicit ChildSumTreeLstm(const ModelOptions& options);
  [[nodiscard]] std::string_view name() const override { return "child_sum_tree_lstm"; }

  // Throws InternalError too, for heads that are no trees.
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const override;
  void targets(const Instance& instance, std::vector<std::uint32_t>& labels) const override;

 private:
  graph::TypeId word_, edge_, node_, head_;
};

}  // namespace sheaf::nn
