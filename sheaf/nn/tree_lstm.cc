// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/tree_lstm.h"

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;

enum class ForgetGate { own_child, both_children };

Cell leaf_cell(std::uint32_t hidden) {
  CellBuilder cell("tree_lstm_leaf");
  const auto x = cell.lookup(kEmbedding, hidden);
  const auto i = sigmoid(cell.affine(hidden, {{"W_i", x}}, "b_i"));
  const auto o = sigmoid(cell.affine(hidden, {{"W_o", x}}, "b_o"));
  const auto u = tanh(cell.affine(hidden, {{"W_u", x}}, "b_u"));
  const auto c = i * u;
  return cell.output(o * tanh(c)).output(c).build();
}

Cell node_cell(std::uint32_t hidden, ForgetGate forget) {
  CellBuilder cell("tree_lstm_node");
  const auto h1 = cell.input("h1", hidden);
  const auto c1 = cell.input("c1", hidden);
  const auto h2 = cell.input("h2", hidden);
  const auto c2 = cell.input("c2", hidden);
  const auto e = concat(h1, h2);
  const bool both = forget == ForgetGate::both_children;
  const auto i = sigmoid(cell.affine(hidden, {{"U_i", e}}, "b_i"));
  const auto o = sigmoid(cell.affine(hidden, {{"U_o", e}}, "b_o"));
  const auto u = tanh(cell.affine(hidden, {{"U_u", e}}, "b_u"));
  const auto f1 = sigmoid(cell.affine(hidden, {{"F_1", both ? e : h1}}, "b_f"));
  const auto f2 = sigmoid(cell.affine(hidden, {{"F_2", both ? e : h2}}, "b_f"));
  const auto c = i * u + f1 * c1 + f2 * c2;
  return cell.output(o * tanh(c)).output(c).build();
}

}  // namespace

TreeLstm::TreeLstm(const ModelOptions& options)
    : TreeModel("tree_lstm", options,
                {leaf_cell(options.hidden), node_cell(options.hidden, ForgetGate::own_child)}) {}

TreeLstmNary::TreeLstmNary(const ModelOptions& options)
    : TreeModel("tree_lstm_nary", options,
                {leaf_cell(options.hidden), node_cell(options.hidden, ForgetGate::both_children)}) {
}

TreeLstm2Type::TreeLstm2Type(const ModelOptions& options)
    : TreeModel("tree_lstm_2type", options,
                {leaf_cell(options.hidden), node_cell(options.hidden, ForgetGate::own_child)},
                options.seed) {}

}  // namespace sheaf::nn
