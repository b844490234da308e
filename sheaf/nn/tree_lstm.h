// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/model.h"

namespace sheaf::nn {

// Binary Tree-LSTM (Tai, Socher and Manning, ACL 2015, section 3.2) as in ED-Batch's benchmark:
// each forget gate sees its own child only. Equations: docs/models.md. Outputs: log-softmax over 5
// classes of every tree node, in post-order.
class TreeLstm final : public Model {
 public:
  static constexpr std::uint32_t kClasses = 5;

  explicit TreeLstm(const ModelOptions& options);
  [[nodiscard]] std::string_view name() const override { return "tree_lstm"; }
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const override;

 private:
  graph::TypeId leaf_, node_, head_;
};

}  // namespace sheaf::nn
