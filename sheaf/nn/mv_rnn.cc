// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/mv_rnn.h"

#include <algorithm>
#include <string>

#include "sheaf/base/error.h"

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;

void require_memory(const ModelOptions& options) {
  const std::uint64_t row = std::uint64_t{options.hidden} * options.hidden * sizeof(float);
  if (row <= MvRnn::kMostTableBytes / std::max(options.vocabulary, 1U)) return;
  throw base::ResourceError(
      {.place = "model mv_rnn",
       .what = "a matrix of " + std::to_string(row) + " bytes for each of " +
               std::to_string(options.vocabulary) + " words",
       .got = std::to_string(row * options.vocabulary) + " bytes",
       .expected = "at most " + std::to_string(MvRnn::kMostTableBytes) + " bytes",
       .hint = "use a smaller --hidden or data with fewer words"});
}

Cell leaf_cell(const ModelOptions& options) {
  require_memory(options);
  const std::uint32_t hidden = options.hidden;
  CellBuilder cell("mv_rnn_leaf");
  const auto v = cell.lookup(kEmbedding, hidden);
  const auto m = cell.matrix_lookup(kMatrixEmbedding, hidden, hidden);
  return cell.output(v).output(m).build();
}

Cell node_cell(std::uint32_t hidden) {
  CellBuilder cell("mv_rnn_node");
  const auto v1 = cell.input("v1", hidden);
  const auto m1 = cell.matrix_input("m1", hidden, hidden);
  const auto v2 = cell.input("v2", hidden);
  const auto m2 = cell.matrix_input("m2", hidden, hidden);
  const auto left = matvec(m1, v2);
  const auto right = matvec(m2, v1);
  const auto v = tanh(cell.affine(hidden, {{"W_v", concat(left, right)}}, "b_v"));
  const auto m = cell.affine(hidden, {{"W_m", concat(m1, m2)}}, "b_m");
  return cell.output(v).output(m).build();
}

}  // namespace

MvRnn::MvRnn(const ModelOptions& options)
    : TreeModel("mv_rnn", options, {leaf_cell(options), node_cell(options.hidden)}) {}

}  // namespace sheaf::nn
