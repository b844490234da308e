// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/tree_model.h"

#include <array>
#include <map>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/nn/cells.h"

namespace sheaf::nn {
namespace {

using graph::Cell;

constexpr std::uint32_t kMostPorts = 2;

// The post-order as text: "." for a leaf, "+" for an inner node. No two shapes have the same.
std::string shape_of(const Tree& tree) {
  std::string shape;
  for (const Tree::Node& node : tree.nodes) shape += node.is_leaf() ? '.' : '+';
  return shape;
}

}  // namespace

TreeModel::TreeModel(std::string_view name, const ModelOptions& options, const Cells& cells,
                     std::optional<std::uint64_t> coin_seed)
    : name_(name),
      coin_seed_(coin_seed),
      ports_(static_cast<std::uint32_t>(cells.node.outputs().size())) {
  base::check(ports_ <= kMostPorts, "TreeModel", "a state of more than two outputs");
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
  head_ = network_.add_type("head", classifier("tree_head", options.hidden, kClasses));
}

void TreeModel::append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const {
  const Tree& tree = require<Tree>(instance, name());
  graph.begin_instance(index);
  std::optional<base::Rng> coin;
  if (coin_seed_) coin.emplace(*coin_seed_, shape_of(tree));
  // Every tree node is two calls, the node and its head, so that tree node k is call `first + 2 k`.
  const graph::NodeId first = graph.size();
  std::array<graph::Operand, 2 * kMostPorts> operands;
  for (const Tree::Node& node : tree.nodes) {
    graph::NodeId id;
    if (node.is_leaf()) {
      id = graph.add(leaf_, {}, node.word);
    } else {
      for (std::uint32_t port = 0; port < ports_; ++port) {
        operands[port] = {first + 2 * node.left, port};
        operands[ports_ + port] = {first + 2 * node.right, port};
      }
      id = graph.add(coin && coin->below(2) == 1 ? node2_ : node_,
                     std::span(operands.data(), std::size_t{2} * ports_));
    }
    graph.mark_output({graph.add(head_, {{id, 0}})});
  }
}

}  // namespace sheaf::nn
