// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/lattice_lstm.h"

#include <vector>

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::Operand;

Cell start_cell(std::uint32_t hidden) {
  CellBuilder cell("lattice_start");
  return cell.output(cell.parameter("h", hidden)).output(cell.parameter("c", hidden)).build();
}

Cell arc_cell(std::uint32_t hidden) {
  CellBuilder cell("lattice_arc");
  const auto x = cell.lookup(kEmbedding, hidden);
  const auto h = cell.repeated_input("h", hidden);
  const auto c = cell.repeated_input("c", hidden);
  const auto f = sigmoid(cell.affine(hidden, {{"U_f", x}, {"W_f", h}}, "b_f"));
  const auto i = sigmoid(cell.affine(hidden, {{"U_i", x}, {"W_i", h}}, "b_i"));
  const auto o = sigmoid(cell.affine(hidden, {{"U_o", x}, {"W_o", h}}, "b_o"));
  const auto g = tanh(cell.affine(hidden, {{"U_g", x}, {"W_g", h}}, "b_g"));
  const auto c_new = i * g + f * c;
  return cell.output(o * tanh(c_new)).output(c_new).build();
}

Cell head_cell(std::uint32_t hidden) {
  CellBuilder cell("lattice_head");
  const auto h = cell.repeated_input("h", hidden);
  return cell.output(log_softmax(cell.affine(LatticeLstm::kTags, {{"V", h}}))).build();
}

}  // namespace

LatticeLstm::LatticeLstm(const ModelOptions& options) {
  const std::uint32_t hidden = options.hidden;
  network_.parameters().declare(kEmbedding, {options.vocabulary, hidden});
  const auto arc = std::make_shared<Cell>(arc_cell(hidden));
  start_ = network_.add_type("start", std::make_shared<Cell>(start_cell(hidden)));
  character_ = network_.add_type("character", arc, {{kEmbedding, kEmbedding}});
  word_ = network_.add_type("word", arc, {{kEmbedding, kEmbedding}});
  head_ = network_.add_type("head", std::make_shared<Cell>(head_cell(hidden)));
}

void LatticeLstm::append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const {
  const Lattice& lattice = require<Lattice>(instance, name());
  graph.begin_instance(index);
  // incoming[p] .. incoming[p + 1]: the calls whose sum is position p; position 0 is the start.
  std::vector<graph::NodeId> calls = {graph.add(start_, {})};
  std::vector<std::uint32_t> incoming = {0, 1};
  std::vector<Operand> operands;
  const auto sum_of = [&](std::uint32_t position, bool with_cell) {
    operands.clear();
    for (std::uint32_t i = incoming[position]; i < incoming[position + 1]; ++i) {
      operands.push_back({calls[i], 0});
      if (with_cell) operands.push_back({calls[i], 1});
    }
  };
  for (std::uint32_t p = 0; p < lattice.positions(); ++p) {
    if (p > 0) {
      for (std::uint32_t a = lattice.arc_begin[p]; a < lattice.arc_begin[p + 1]; ++a) {
        const Lattice::Arc& arc = lattice.arcs[a];
        sum_of(arc.source, true);
        const graph::TypeId type = arc.source + 1 == p ? character_ : word_;
        calls.push_back(graph.add(type, operands, arc.id));
      }
      incoming.push_back(static_cast<std::uint32_t>(calls.size()));
    }
    sum_of(p, false);
    graph.mark_output({graph.add(head_, operands)});
  }
}

}  // namespace sheaf::nn
