// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/child_sum_tree_lstm.h"

#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/nn/cells.h"

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::NodeId;
using graph::Operand;

// Output ports of `word`.
enum Gate : std::uint32_t { kInputGate, kOutputGate, kUpdate, kForgetGate };

Cell word_cell(std::uint32_t hidden) {
  CellBuilder cell("child_sum_word");
  const auto x = cell.lookup(kEmbedding, hidden);
  for (const char* w : {"W_i", "W_o", "W_u", "W_f"}) cell.output(cell.affine(hidden, {{w, x}}));
  return cell.build();
}

// f * c of a child, f = s(W_f x + U_f h + b_f), x being the parent's word.
Cell edge_cell(std::uint32_t hidden) {
  CellBuilder cell("child_sum_edge");
  const auto xf = cell.input("xf", hidden);
  const auto h = cell.input("h", hidden);
  const auto c = cell.input("c", hidden);
  return cell.output(sigmoid(xf + cell.affine(hidden, {{"U_f", h}}, "b_f")) * c).build();
}

Cell node_cell(std::uint32_t hidden) {
  CellBuilder cell("child_sum_node");
  const auto xi = cell.input("xi", hidden);
  const auto xo = cell.input("xo", hidden);
  const auto xu = cell.input("xu", hidden);
  const auto h = cell.repeated_input("h", hidden);
  const auto fc = cell.repeated_input("fc", hidden);
  const auto i = sigmoid(xi + cell.affine(hidden, {{"U_i", h}}, "b_i"));
  const auto o = sigmoid(xo + cell.affine(hidden, {{"U_o", h}}, "b_o"));
  const auto u = tanh(xu + cell.affine(hidden, {{"U_u", h}}, "b_u"));
  const auto c = i * u + fc;
  return cell.output(o * tanh(c)).output(c).build();
}

// The children of word w: list[begin[w], begin[w + 1]), in the order of the sentence.
struct Children {
  std::vector<std::uint32_t> begin;
  std::vector<std::uint32_t> list;
};

Children children_of(const std::vector<std::uint32_t>& heads) {
  const std::size_t n = heads.size();
  Children children{std::vector<std::uint32_t>(n + 2), std::vector<std::uint32_t>(n)};
  // Two places ahead while counting, one while filling, so that no cursors are needed.
  for (const std::uint32_t head : heads) {
    if (head == DependencyTree::kRoot) continue;
    base::check(head < n, "child_sum_tree_lstm", "a head is no word of its sentence");
    ++children.begin[head + 2];
  }
  for (std::size_t w = 2; w < children.begin.size(); ++w) {
    children.begin[w] += children.begin[w - 1];
  }
  for (std::uint32_t w = 0; w < n; ++w) {
    if (heads[w] != DependencyTree::kRoot) children.list[children.begin[heads[w] + 1]++] = w;
  }
  children.begin.pop_back();
  return children;
}

// The words in an order in which children come before their heads.
std::vector<std::uint32_t> upwards(const std::vector<std::uint32_t>& heads,
                                   const Children& children) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t w = 0; w < heads.size(); ++w) {
    if (heads[w] == DependencyTree::kRoot) order.push_back(w);
  }
  // From the roots down, then the other way round.
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::uint32_t k = children.begin[order[i]]; k < children.begin[order[i] + 1]; ++k) {
      order.push_back(children.list[k]);
    }
  }
  base::check(order.size() == heads.size(), "child_sum_tree_lstm", "the heads form a cycle");
  return {order.rbegin(), order.rend()};
}

}  // namespace

ChildSumTreeLstm::ChildSumTreeLstm(const ModelOptions& options) {
  const std::uint32_t hidden = options.hidden;
  network_.parameters().declare(kEmbedding, {options.vocabulary, hidden});
  word_ = network_.add_type("word", std::make_shared<Cell>(word_cell(hidden)),
                            {{kEmbedding, kEmbedding}});
  edge_ = network_.add_type("edge", std::make_shared<Cell>(edge_cell(hidden)));
  node_ = network_.add_type("node", std::make_shared<Cell>(node_cell(hidden)));
  head_ = network_.add_type("head", classifier("child_sum_head", hidden, options.classes));
}

void ChildSumTreeLstm::append(const Instance& instance, std::uint32_t index,
                              graph::Graph& graph) const {
  const auto& tree = require<DependencyTree>(instance, name());
  const Children children = children_of(tree.heads);
  const std::vector<std::uint32_t> order = upwards(tree.heads, children);
  graph.begin_instance(index);
  const NodeId first = graph.size();  // word w is call first + w
  for (const std::uint32_t word : tree.words) graph.add(word_, {}, word);
  std::vector<NodeId> node(tree.words.size());
  std::vector<NodeId> edge(tree.words.size());  // to the word's head
  std::vector<Operand> operands;
  for (const std::uint32_t w : order) {
    const NodeId word = first + w;
    operands = {{word, kInputGate}, {word, kOutputGate}, {word, kUpdate}};
    for (std::uint32_t k = children.begin[w]; k < children.begin[w + 1]; ++k) {
      const std::uint32_t child = children.list[k];
      operands.push_back({node[child], 0});
      operands.push_back({edge[child], 0});
    }
    node[w] = graph.add(node_, operands);
    if (tree.heads[w] == DependencyTree::kRoot) continue;
    edge[w] = graph.add(edge_, {{first + tree.heads[w], kForgetGate}, {node[w], 0}, {node[w], 1}});
  }
  for (const NodeId n : node) graph.mark_output({graph.add(head_, {{n, 0}})});
}

}  // namespace sheaf::nn
