// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/tree_gru.h"

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::Value;

// z * h + (1 - z) * c with r, z = s(U h + b) and c = tanh(U_c (r * h) + b_c). `child` ends the
// names of the matrices; biases are shared.
Value step_from(CellBuilder& cell, Value h, const std::string& child) {
  const std::uint32_t hidden = h.width();
  const auto r = sigmoid(cell.affine(hidden, {{"U_r" + child, h}}, "b_r"));
  const auto z = sigmoid(cell.affine(hidden, {{"U_z" + child, h}}, "b_z"));
  const auto c = tanh(cell.affine(hidden, {{"U_c" + child, r * h}}, "b_c"));
  return z * h + one_minus(z) * c;
}

Cell leaf_cell(std::uint32_t hidden) {
  CellBuilder cell("tree_gru_leaf");
  return cell.output(step_from(cell, cell.lookup(kEmbedding, hidden), "")).build();
}

Cell node_cell(std::uint32_t hidden) {
  CellBuilder cell("tree_gru_node");
  const auto h1 = cell.input("h1", hidden);
  const auto h2 = cell.input("h2", hidden);
  const auto sum = step_from(cell, h1, "1") + step_from(cell, h2, "2");
  return cell.output(cell.constant(0.5F, hidden) * sum).build();
}

}  // namespace

TreeGru::TreeGru(const ModelOptions& options)
    : TreeModel("tree_gru", options, {leaf_cell(options.hidden), node_cell(options.hidden)}) {}

}  // namespace sheaf::nn
