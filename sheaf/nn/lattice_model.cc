// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/lattice_model.h"

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;

Cell head_cell(std::uint32_t hidden, std::uint32_t tags) {
  CellBuilder cell("lattice_head");
  const auto h = cell.repeated_input("h", hidden);
  return cell.output(log_softmax(cell.affine(tags, {{"V", h}}))).build();
}

}  // namespace

LatticeModel::LatticeModel(std::string_view name, const ModelOptions& options, const Cells& cells)
    : name_(name), ports_(static_cast<std::uint32_t>(cells.arc.outputs().size())) {
  network_.parameters().declare(kEmbedding, {options.vocabulary, options.hidden});
  const auto arc = std::make_shared<Cell>(cells.arc);
  start_ = network_.add_type("start", std::make_shared<Cell>(cells.start));
  character_ = network_.add_type("character", arc, {{kEmbedding, kEmbedding}});
  word_ = network_.add_type("word", arc, {{kEmbedding, kEmbedding}});
  head_ = network_.add_type(
      "head", std::make_shared<Cell>(head_cell(options.hidden, classes_of(options, kTags))));
}

void LatticeModel::append(const Instance& instance, std::uint32_t index,
                          graph::Graph& graph) const {
  const Lattice& lattice = require<Lattice>(instance, name());
  graph.begin_instance(index);
  // The start, its head, and then for each position its arcs and its head, so that arc a, into
  // position p, is call `first + 1 + p + a`.
  const graph::NodeId first = graph.size();
  const auto add_sum_of = [&](graph::TypeId type, std::uint32_t position, std::uint32_t ports,
                              std::uint32_t payload) {
    const std::uint32_t begin = lattice.arc_begin[position];
    // A lone start is what position 0 is the sum of.
    const std::uint32_t arcs = position == 0 ? 1 : lattice.arc_begin[position + 1] - begin;
    const graph::NodeId from = position == 0 ? first : first + 1 + position + begin;
    const auto operands = graph.append(type, std::size_t{arcs} * ports, payload);
    auto to = operands.begin();
    for (graph::NodeId call = from; call < from + arcs; ++call) {
      for (std::uint32_t port = 0; port < ports; ++port) *to++ = {call, port};
    }
  };
  graph.append(start_, 0);
  for (std::uint32_t p = 0; p < lattice.positions(); ++p) {
    for (std::uint32_t a = lattice.arc_begin[p]; a < lattice.arc_begin[p + 1]; ++a) {
      const Lattice::Arc& arc = lattice.arcs[a];
      add_sum_of(arc.source + 1 == p ? character_ : word_, arc.source, ports_, arc.id);
    }
    add_sum_of(head_, p, 1, 0);
    graph.mark_output({graph.size() - 1});
  }
}

void LatticeModel::targets(const Instance& instance, std::vector<std::uint32_t>& labels) const {
  const Lattice& lattice = require<Lattice>(instance, name());
  append_labels(lattice.labels, lattice.positions(), labels);
}

}  // namespace sheaf::nn
