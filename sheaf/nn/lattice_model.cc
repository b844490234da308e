// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/lattice_model.h"

#include <vector>

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::Operand;

Cell head_cell(std::uint32_t hidden) {
  CellBuilder cell("lattice_head");
  const auto h = cell.repeated_input("h", hidden);
  return cell.output(log_softmax(cell.affine(LatticeModel::kTags, {{"V", h}}))).build();
}

}  // namespace

LatticeModel::LatticeModel(std::string_view name, const ModelOptions& options, const Cells& cells)
    : name_(name), ports_(static_cast<std::uint32_t>(cells.arc.outputs().size())) {
  network_.parameters().declare(kEmbedding, {options.vocabulary, options.hidden});
  const auto arc = std::make_shared<Cell>(cells.arc);
  start_ = network_.add_type("start", std::make_shared<Cell>(cells.start));
  character_ = network_.add_type("character", arc, {{kEmbedding, kEmbedding}});
  word_ = network_.add_type("word", arc, {{kEmbedding, kEmbedding}});
  head_ = network_.add_type("head", std::make_shared<Cell>(head_cell(options.hidden)));
}

void LatticeModel::append(const Instance& instance, std::uint32_t index,
                          graph::Graph& graph) const {
  const Lattice& lattice = require<Lattice>(instance, name());
  graph.begin_instance(index);
  // incoming[p] .. incoming[p + 1]: the calls whose sum is position p; position 0 is the start.
  std::vector<graph::NodeId> calls = {graph.add(start_, {})};
  std::vector<std::uint32_t> incoming = {0, 1};
  std::vector<Operand> operands;
  const auto sum_of = [&](std::uint32_t position, std::uint32_t ports) {
    operands.clear();
    for (std::uint32_t i = incoming[position]; i < incoming[position + 1]; ++i) {
      for (std::uint32_t port = 0; port < ports; ++port) operands.push_back({calls[i], port});
    }
  };
  for (std::uint32_t p = 0; p < lattice.positions(); ++p) {
    if (p > 0) {
      for (std::uint32_t a = lattice.arc_begin[p]; a < lattice.arc_begin[p + 1]; ++a) {
        const Lattice::Arc& arc = lattice.arcs[a];
        sum_of(arc.source, ports_);
        const graph::TypeId type = arc.source + 1 == p ? character_ : word_;
        calls.push_back(graph.add(type, operands, arc.id));
      }
      incoming.push_back(static_cast<std::uint32_t>(calls.size()));
    }
    sum_of(p, 1);
    graph.mark_output({graph.add(head_, operands)});
  }
}

}  // namespace sheaf::nn
