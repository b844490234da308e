// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/model.h"

namespace sheaf::nn {

// Lattice-LSTM as in ED-Batch's benchmark (after Zhang and Yang, ACL 2018): one LSTM step per arc,
// a parameter set for character arcs (from the position before) and one for word arcs; a position's
// state is the sum over its incoming arcs. Equations: docs/models.md. Outputs: log-softmax over the
// tags of every position, position 0 included.
class LatticeLstm final : public Model {
 public:
  // Tags of the named-entity set on which the benchmark's lattices were made.
  static constexpr std::uint32_t kTags = 18;

  explicit LatticeLstm(const ModelOptions& options);
  [[nodiscard]] std::string_view name() const override { return "lattice_lstm"; }
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const override;

 private:
  graph::TypeId start_, character_, word_, head_;
};

}  // namespace sheaf::nn
