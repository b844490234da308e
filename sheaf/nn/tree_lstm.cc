// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/tree_lstm.h"

#include <vector>

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;

Cell leaf_cell(std::uint32_t hidden) {
  CellBuilder cell("tree_lstm_leaf");
  const auto x = cell.lookup(kEmbedding, hidden);
  const auto i = sigmoid(cell.affine(hidden, {{"W_i", x}}, "b_i"));
  const auto o = sigmoid(cell.affine(hidden, {{"W_o", x}}, "b_o"));
  const auto u = tanh(cell.affine(hidden, {{"W_u", x}}, "b_u"));
  const auto c = i * u;
  return cell.output(o * tanh(c)).output(c).build();
}

Cell node_cell(std::uint32_t hidden) {
  CellBuilder cell("tree_lstm_node");
  const auto h1 = cell.input("h1", hidden);
  const auto c1 = cell.input("c1", hidden);
  const auto h2 = cell.input("h2", hidden);
  const auto c2 = cell.input("c2", hidden);
  const auto e = concat(h1, h2);
  const auto i = sigmoid(cell.affine(hidden, {{"U_i", e}}, "b_i"));
  const auto o = sigmoid(cell.affine(hidden, {{"U_o", e}}, "b_o"));
  const auto u = tanh(cell.affine(hidden, {{"U_u", e}}, "b_u"));
  const auto f1 = sigmoid(cell.affine(hidden, {{"F_1", h1}}, "b_f"));
  const auto f2 = sigmoid(cell.affine(hidden, {{"F_2", h2}}, "b_f"));
  const auto c = i * u + f1 * c1 + f2 * c2;
  return cell.output(o * tanh(c)).output(c).build();
}

Cell head_cell(std::uint32_t hidden) {
  CellBuilder cell("tree_lstm_head");
  const auto h = cell.input("h", hidden);
  return cell.output(log_softmax(cell.affine(TreeLstm::kClasses, {{"V", h}}))).build();
}

}  // namespace

TreeLstm::TreeLstm(const ModelOptions& options) {
  const std::uint32_t hidden = options.hidden;
  network_.parameters().declare(kEmbedding, {options.vocabulary, hidden});
  leaf_ = network_.add_type("leaf", std::make_shared<Cell>(leaf_cell(hidden)),
                            {{kEmbedding, kEmbedding}});
  node_ = network_.add_type("node", std::make_shared<Cell>(node_cell(hidden)));
  head_ = network_.add_type("head", std::make_shared<Cell>(head_cell(hidden)));
}

void TreeLstm::append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const {
  const Tree& tree = require<Tree>(instance, name());
  graph.begin_instance(index);
  // Every tree node is two calls, the node and its head, so that tree node k is call `first + 2 k`.
  const graph::NodeId first = graph.size();
  for (const Tree::Node& node : tree.nodes) {
    graph::NodeId id;
    if (node.is_leaf()) {
      id = graph.add(leaf_, {}, node.word);
    } else {
      const graph::NodeId left = first + 2 * node.left;
      const graph::NodeId right = first + 2 * node.right;
      id = graph.add(node_, {{left, 0}, {left, 1}, {right, 0}, {right, 1}});
    }
    graph.mark_output({graph.add(head_, {{id, 0}})});
  }
}

}  // namespace sheaf::nn
