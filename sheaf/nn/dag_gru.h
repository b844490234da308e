// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/model.h"

namespace sheaf::nn {

// A GRU over directed graphs without cycles (plans, programs, circuits). x is the embedding of a
// node's kind, h~ the sum of its predecessors' states in their order, 0 where it has none; the node
// is one GRU step from h~. The equation is ours: lattice_gru's step, once per node in place of once
// per arc. Equations: docs/models.md. Outputs: log-softmax over
// ModelOptions::classes labels (5 where nothing is said) of every node.
class DagGru final : public Model {
 public:
  static constexpr std::uint32_t kClasses = 5;

  explicit DagGru(const ModelOptions& options);
  [[nodiscard]] std::string_view name() const override { return "dag_gru"; }
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const override;
  void targets(const Instance& instance, std::vector<std::uint32_t>& labels) const override;

 private:
  graph::TypeId node_, head_;
};

}  // namespace sheaf::nn
