// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/lattice_lstm_bi.h"

#include <numeric>

#include "sheaf/nn/lattice_lstm.h"

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::NodeId;

Cell position_cell(std::uint32_t hidden) {
  CellBuilder cell("lattice_position");
  return cell.output(cell.repeated_input("h", hidden)).build();
}

// log-softmax(V [hf; hb]).
Cell head_cell(std::uint32_t hidden, std::uint32_t tags) {
  CellBuilder cell("lattice_bi_head");
  const auto forward = cell.input("forward", hidden);
  const auto backward = cell.input("backward", hidden);
  const auto scores = cell.affine(tags, {{"V", concat(forward, backward)}});
  return cell.output(log_softmax(scores)).build();
}

constexpr std::uint32_t kPorts = 2;  // of an arc and of a start: h, c

// Fills the operands of a sum with the outputs of one call after the other.
class Operands {
 public:
  Operands(std::span<graph::Operand> room, std::uint32_t ports)
      : to_(room.begin()), ports_(ports) {}
  void add(NodeId call) {
    for (std::uint32_t port = 0; port < ports_; ++port) *to_++ = {call, port};
  }

 private:
  std::span<graph::Operand>::iterator to_;
  std::uint32_t ports_;
};

// The arcs of a lattice by source: those out of position p are list[begin[p], begin[p + 1]), in the
// order of the lattice.
class OutgoingArcs {
 public:
  // In `memory`, whose values are lost.
  OutgoingArcs(const Lattice& lattice, std::vector<std::uint32_t>& memory) {
    const std::uint32_t positions = lattice.positions();
    memory.assign(positions + 2 + lattice.arcs.size(), 0);
    begin_ = std::span(memory).first(positions + 2);
    list_ = std::span(memory).subspan(positions + 2);
    // begin[p + 2] counts the arcs out of p; then begin[p + 1] is where the next of them goes, so
    // that it ends where those of p + 1 begin.
    for (const Lattice::Arc& arc : lattice.arcs) ++begin_[arc.source + 2];
    std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
    for (std::uint32_t a = 0; a < lattice.arcs.size(); ++a) {
      list_[begin_[lattice.arcs[a].source + 1]++] = a;
    }
  }
  [[nodiscard]] std::span<const std::uint32_t> of(std::uint32_t position) const {
    return list_.subspan(begin_[position], begin_[position + 1] - begin_[position]);
  }

 private:
  std::span<std::uint32_t> begin_, list_;
};

}  // namespace

LatticeLstmBi::LatticeLstmBi(const ModelOptions& options) {
  const std::uint32_t hidden = options.hidden;
  network_.parameters().declare(kEmbedding, {options.vocabulary, hidden});
  const auto start = std::make_shared<Cell>(lattice_lstm_start(hidden));
  const auto arc = std::make_shared<Cell>(lattice_lstm_arc(hidden));
  const auto position = std::make_shared<Cell>(position_cell(hidden));
  const auto add_direction = [&](const std::string& name) {
    const auto add_arc = [&](const char* kind) {
      return network_.add_type(name + kind, arc, {{kEmbedding, kEmbedding}});
    };
    return Types{network_.add_type(name + "_start", start), add_arc("_character"), add_arc("_word"),
                 network_.add_type(name + "_position", position)};
  };
  forward_ = add_direction("forward");
  backward_ = add_direction("backward");
  head_ = network_.add_type(
      "head", std::make_shared<Cell>(head_cell(hidden, classes_of(options, LatticeModel::kTags))));
}

NodeId LatticeLstmBi::append_forward(const Lattice& lattice, graph::Graph& graph) const {
  // The start, then the arcs, so that arc a is call start + 1 + a.
  const NodeId start = graph.add(forward_.start, {});
  const auto add_position = [&](graph::TypeId type, std::uint32_t p, std::uint32_t ports,
                                std::uint32_t payload) {
    // A lone start is what position 0 is the sum of.
    const NodeId from = p == 0 ? start : start + 1 + lattice.arc_begin[p];
    const NodeId end = p == 0 ? start + 1 : start + 1 + lattice.arc_begin[p + 1];
    Operands operands(graph.append(type, std::size_t{end - from} * ports, payload), ports);
    for (NodeId call = from; call < end; ++call) operands.add(call);
  };
  for (std::uint32_t p = 0; p < lattice.positions(); ++p) {
    for (std::uint32_t a = lattice.arc_begin[p]; a < lattice.arc_begin[p + 1]; ++a) {
      const Lattice::Arc& arc = lattice.arcs[a];
      const bool character = arc.source + 1 == p;
      add_position(character ? forward_.character : forward_.word, arc.source, kPorts, arc.id);
    }
  }
  const NodeId positions = graph.size();
  for (std::uint32_t p = 0; p < lattice.positions(); ++p) {
    add_position(forward_.position, p, 1, 0);
  }
  return positions;
}

NodeId LatticeLstmBi::append_backward(const Lattice& lattice, graph::Graph& graph) const {
  const OutgoingArcs outgoing(lattice, graph.scratch());
  const std::uint32_t last = lattice.positions() - 1;
  // The start, then the arcs from the last to the first, so that arc a is call start + arcs - a.
  const NodeId start = graph.add(backward_.start, {});
  const auto end = static_cast<NodeId>(start + lattice.arcs.size());
  const auto add_position = [&](graph::TypeId type, std::uint32_t p, std::uint32_t ports,
                                std::uint32_t payload) {
    const auto arcs = outgoing.of(p);
    const std::size_t calls = p == last ? 1 : arcs.size();
    Operands operands(graph.append(type, calls * ports, payload), ports);
    if (p == last) operands.add(start);
    for (const std::uint32_t a : arcs) operands.add(end - a);
  };
  for (std::uint32_t p = last; p > 0; --p) {
    for (std::uint32_t a = lattice.arc_begin[p + 1]; a-- > lattice.arc_begin[p];) {
      const Lattice::Arc& arc = lattice.arcs[a];
      const bool character = arc.source + 1 == p;
      add_position(character ? backward_.character : backward_.word, p, kPorts, arc.id);
    }
  }
  const NodeId positions = graph.size();
  for (std::uint32_t p = 0; p <= last; ++p) add_position(backward_.position, p, 1, 0);
  return positions;
}

void LatticeLstmBi::append(const Instance& instance, std::uint32_t index,
                           graph::Graph& graph) const {
  const Lattice& lattice = require<Lattice>(instance, name());
  graph.begin_instance(index);
  if (lattice.positions() == 0) return;
  const NodeId forward = append_forward(lattice, graph);
  const NodeId backward = append_backward(lattice, graph);
  for (std::uint32_t p = 0; p < lattice.positions(); ++p) {
    graph.mark_output({graph.add(head_, {{forward + p}, {backward + (p > 0 ? p - 1 : 0)}})});
  }
}

void LatticeLstmBi::targets(const Instance& instance, std::vector<std::uint32_t>& labels) const {
  const Lattice& lattice = require<Lattice>(instance, name());
  append_labels(lattice.labels, lattice.positions(), labels);
}

}  // namespace sheaf::nn
