// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "sheaf/nn/model.h"

namespace sheaf::nn {

// What the models of binary trees share: a call of `leaf` or `node` and one of `head` per tree
// node. Outputs: log-softmax over ModelOptions::classes labels (5 where nothing is said) of every
// tree node, in post-order.
class TreeModel : public Model {
 public:
  static constexpr std::uint32_t kClasses = 5;

  [[nodiscard]] std::string_view name() const final { return name_; }
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const final;
  void targets(const Instance& instance, std::vector<std::uint32_t>& labels) const final;

 protected:
  // Cells whose one or two outputs are the state of a tree node, the first what the head reads. The
  // tables of the leaf, kEmbedding and others, have a row per word; the inputs of `node` are the
  // state of the left child, then of the right.
  struct Cells {
    graph::Cell leaf;
    graph::Cell node;
  };
  // `coin_seed`: two types of inner nodes in place of one; see TreeLstm2Type.
  TreeModel(std::string_view name, const ModelOptions& options, const Cells& cells,
            std::optional<std::uint64_t> coin_seed = {});

 private:
  std::string name_;
  std::optional<std::uint64_t> coin_seed_;
  std::uint32_t ports_;  // outputs of `leaf` and `node`
  graph::TypeId leaf_, node_, node2_, head_;
};

}  // namespace sheaf::nn
