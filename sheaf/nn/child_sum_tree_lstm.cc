// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/child_sum_tree_lstm.h"

#include <algorithm>
#include <span>
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
  std::span<std::uint32_t> begin;  // n + 2, of which the last means nothing
  std::span<std::uint32_t> list;   // n
};

void find_children(std::span<const std::uint32_t> heads, Children children) {
  const std::size_t n = heads.size();
  std::fill(children.begin.begin(), children.begin.end(), 0);
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
}

// Lists the words in an order in which children come before their heads.
void list_upwards(std::span<const std::uint32_t> heads, Children children,
                  std::span<std::uint32_t> order) {
  // From the roots down, the first being the last of the list.
  std::size_t end = heads.size();
  for (std::uint32_t w = 0; w < heads.size(); ++w) {
    if (heads[w] == DependencyTree::kRoot) order[--end] = w;
  }
  for (std::size_t i = heads.size(); i-- > end;) {
    for (std::uint32_t k = children.begin[order[i]]; k < children.begin[order[i] + 1]; ++k) {
      order[--end] = children.list[k];
    }
  }
  base::check(end == 0, "child_sum_tree_lstm", "the heads form a cycle");
}

}  // namespace

ChildSumTreeLstm::ChildSumTreeLstm(const ModelOptions& options) {
  const std::uint32_t hidden = options.hidden;
  network_.parameters().declare(kEmbedding, {options.vocabulary, hidden});
  word_ = network_.add_type("word", std::make_shared<Cell>(word_cell(hidden)),
                            {{kEmbedding, kEmbedding}});
  edge_ = network_.add_type("edge", std::make_shared<Cell>(edge_cell(hidden)));
  node_ = network_.add_type("node", std::make_shared<Cell>(node_cell(hidden)));
  head_ = network_.add_type("head", classifier("child_sum_head", hidden, classes_of(options)));
}

void ChildSumTreeLstm::append(const Instance& instance, std::uint32_t index,
                              graph::Graph& graph) const {
  const auto& tree = require<DependencyTree>(instance, name());
  const std::size_t n = tree.heads.size();
  std::vector<std::uint32_t>& memory = graph.scratch();
  memory.resize(5 * n + 2);
  const std::span<std::uint32_t> all(memory);
  const Children children{all.subspan(4 * n), all.first(n)};
  const auto order = all.subspan(n, n);
  const auto node = all.subspan(2 * n, n);
  const auto edge = all.subspan(3 * n, n);  // to the word's head
  find_children(tree.heads, children);
  list_upwards(tree.heads, children, order);
  graph.begin_instance(index);
  const NodeId first = graph.size();  // word w is call first + w
  for (const std::uint32_t word : tree.words) graph.add(word_, {}, word);
  for (const std::uint32_t w : order) {
    const NodeId word = first + w;
    const std::uint32_t begin = children.begin[w];
    const std::uint32_t count = children.begin[w + 1] - begin;
    node[w] = graph.size();
    const auto operands = graph.append(node_, 3 + 2 * std::size_t{count});
    operands[0] = {word, kInputGate};
    operands[1] = {word, kOutputGate};
    operands[2] = {word, kUpdate};
    for (std::uint32_t k = 0; k < count; ++k) {
      const std::uint32_t child = children.list[begin + k];
      operands[3 + 2 * k] = {node[child], 0};
      operands[4 + 2 * k] = {edge[child], 0};
    }
    if (tree.heads[w] == DependencyTree::kRoot) continue;
    edge[w] = graph.add(edge_, {{first + tree.heads[w], kForgetGate}, {node[w], 0}, {node[w], 1}});
  }
  for (const NodeId call : node) graph.mark_output({graph.add(head_, {{call, 0}})});
}

void ChildSumTreeLstm::targets(const Instance& instance, std::vector<std::uint32_t>& labels) const {
  const auto& tree = require<DependencyTree>(instance, name());
  append_labels(tree.labels, tree.words.size(), labels);
}

}  // namespace sheaf::nn
