// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/bag_of_leaves.h"

#include <memory>

#include "sheaf/base/error.h"
#include "sheaf/nn/cells.h"

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;

constexpr std::uint32_t kTreeClasses = 5;  // as models of trees have, where nothing is said

// The embedding, and a 1 with which the bag counts its leaves.
Cell leaf_cell(std::uint32_t hidden) {
  CellBuilder cell("bag_leaf");
  cell.output(cell.lookup(kEmbedding, hidden));
  return cell.output(cell.constant(1, 1)).build();
}

Cell bag_cell(std::uint32_t hidden) {
  CellBuilder cell("bag");
  const auto sum = cell.repeated_input("x", hidden);
  const auto root = reciprocal_sqrt(cell.repeated_input("n", 1));
  const auto mean = sum * broadcast(root * root, hidden);
  return cell.output(tanh(cell.affine(hidden, {{"W", mean}}, "b"))).build();
}

}  // namespace

BagOfLeaves::BagOfLeaves(const ModelOptions& options) {
  const std::uint32_t hidden = options.hidden;
  network_.parameters().declare(kEmbedding, {options.vocabulary, hidden});
  leaf_ = network_.add_type("leaf", std::make_shared<Cell>(leaf_cell(hidden)),
                            {{kEmbedding, kEmbedding}});
  bag_ = network_.add_type("bag", std::make_shared<Cell>(bag_cell(hidden)));
  head_ =
      network_.add_type("head", classifier("bag_head", hidden, classes_of(options, kTreeClasses)));
}

void BagOfLeaves::append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const {
  const Tree& tree = require<Tree>(instance, name());
  graph.begin_instance(index);
  const graph::NodeId first = graph.size();
  for (const Tree::Node& node : tree.nodes) {
    if (node.is_leaf()) graph.append(leaf_, 0, node.word);
  }
  const std::uint32_t leaves = graph.size() - first;
  const auto operands = graph.append(bag_, std::size_t{2} * leaves);
  for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) {
    operands[2 * leaf] = {first + leaf, 0};
    operands[2 * leaf + 1] = {first + leaf, 1};
  }
  const graph::NodeId bag = graph.size() - 1;
  graph.append(head_, 1)[0] = {bag, 0};
  graph.mark_output({graph.size() - 1});
}

void BagOfLeaves::targets(const Instance& instance, std::vector<std::uint32_t>& labels) const {
  const Tree& tree = require<Tree>(instance, name());
  base::check(!tree.nodes.empty(), "bag_of_leaves", "a tree has no root");
  labels.push_back(tree.nodes.back().label);
}

}  // namespace sheaf::nn
