// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/model.h"

namespace sheaf::nn {

// What the models of lattices share: a call per arc, with a parameter set for character arcs (from
// the position before) and one for word arcs; a position's state is the sum over its incoming arcs,
// that of position 0 is learned. Outputs: log-softmax over ModelOptions::classes tags (kTags where
// nothing is said) of every position, position 0 included.
class LatticeModel : public Model {
 public:
  // Tags of the named-entity set on which the benchmark's lattices were made.
  static constexpr std::uint32_t kTags = 18;

  [[nodiscard]] std::string_view name() const final { return name_; }
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const final;
  void targets(const Instance& instance, std::vector<std::uint32_t>& labels) const final;

 protected:
  // Cells whose outputs are a state, the first of them what the head reads. The arc is a look-up in
  // kEmbedding; its repeated inputs are the state.
  struct Cells {
    graph::Cell arc;
    graph::Cell start;
  };
  LatticeModel(std::string_view name, const ModelOptions& options, const Cells& cells);

 private:
  std::string name_;
  std::uint32_t ports_;  // outputs of `start` and `arc`
  graph::TypeId start_, character_, word_, head_;
};

}  // namespace sheaf::nn
