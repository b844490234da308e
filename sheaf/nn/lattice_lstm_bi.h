// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/lattice_model.h"

namespace sheaf::nn {

// Lattice-LSTM in both directions (Zhang and Yang, ACL 2018): lattice_lstm, a second one along the
// same arcs from the last position to the first, with parameters of its own, and a head per
// position that reads both: the forward state, the sum of what leads to the position, and the
// backward state of the position before, the sum of what begins there, so that a head sees the
// words that end in its character and those that begin with it. Equations: docs/models.md. Outputs:
// log-softmax over ModelOptions::classes tags (LatticeModel::kTags where nothing is said) of every
// position, position 0 included.
class LatticeLstmBi final : public Model {
 public:
  explicit LatticeLstmBi(const ModelOptions& options);
  [[nodiscard]] std::string_view name() const override { return "lattice_lstm_bi"; }
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const override;
  void targets(const Instance& instance, std::vector<std::uint32_t>& labels) const override;

 private:
  // The types of one direction: what its first position has, its arcs, and a position's h, the sum
  // of theirs.
  struct Types {
    graph::TypeId start, character, word, position;
  };
  // Each appends one direction and returns the call for position 0, which those of the others
  // follow.
  [[nodiscard]] graph::NodeId append_forward(const Lattice& lattice, graph::Graph& graph) const;
  [[nodiscard]] graph::NodeId append_backward(const Lattice& lattice, graph::Graph& graph) const;

  Types forward_, backward_;
  graph::TypeId head_;
};

}  // namespace sheaf::nn
