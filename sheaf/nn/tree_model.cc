// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/tree_model.h"

#include <map>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/nn/cells.h"

namespace sheaf::nn {
namespace {

using graph::Cell;

// Of the post-order as text: "." for a leaf, "+" for an inner node. No two shapes have the same.
base::Hash shape_of(const Tree& tree) {
  base::Hash shape;
  for (const Tree::Node& node : tree.nodes) shape.add(node.is_leaf() ? '.' : '+');
  return shape;
}

}  // namespace

TreeModel::TreeModel(std::string_view name, const ModelOptions& options, const Cells& cells,
                     std::optional<std::uint64_t> coin_seed)
    : name_(name),
      coin_seed_(coin_seed),
      ports_(static_cast<std::uint32_t>(cells.node.outputs().size())) {
  std::map<std::string, std::string> tables;
  for (const graph::ParameterSlot& slot : cells.leaf.slots()) {
    if (slot.shape.rows != 0) continue;
    network_.parameters().declare(slot.name, {options.vocabulary, slot.shape.cols});
    tables[slot.name] = slot.name;
  }
  leaf_ = network_.add_type("leaf", std::make_shared<Cell>(cells.leaf), tables);
  const auto node = std::make_shared<Cell>(cells.node);
  node_ = network_.add_type(coin_seed ? "node1" : "node", node);
  node2_ = coin_seed ? network_.add_type("node2", node) : node_;
  head_ = network_.add_type("head",
                            classifier("tree_head", options.hidden, classes_of(options, kClasses)));
}

void TreeModel::append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const {
  const Tree& tree = require<Tree>(instance, name());
  graph.begin_instance(index);
  std::optional<base::Rng> coin;
  if (coin_seed_) coin.emplace(*coin_seed_, shape_of(tree));
  // Every tree node is two calls, the node and its head, so that tree node k is call `first + 2 k`.
  const graph::NodeId first = graph.size();
  for (const Tree::Node& node : tree.nodes) {
    const graph::NodeId id = graph.size();
    if (node.is_leaf()) {
      graph.append(leaf_, 0, node.word);
    } else {
      const graph::TypeId type = coin && coin->below(2) == 1 ? node2_ : node_;
      const auto operands = graph.append(type, std::size_t{2} * ports_);
      for (std::uint32_t port = 0; port < ports_; ++port) {
        operands[port] = {first + 2 * node.left, port};
        operands[ports_ + port] = {first + 2 * node.right, port};
      }
    }
    graph.append(head_, 1)[0] = {id, 0};
    graph.mark_output({graph.size() - 1});
  }
}

void TreeModel::targets(const Instance& instance, std::vector<std::uint32_t>& labels) const {
  for (const Tree::Node& node : require<Tree>(instance, name()).nodes) labels.push_back(node.label);
}

}  // namespace sheaf::nn
