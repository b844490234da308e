// SPDX-License-Identifier: Apache-2.0
#include "sheaf/graph/verifier.h"

#include <algorithm>
#include <limits>

#include "sheaf/base/error.h"

namespace sheaf::graph {
namespace {

constexpr std::uint64_t size_of(std::uint32_t rows, std::uint32_t width) {
  return (std::uint64_t{rows} << 32U) | width;
}
constexpr std::uint32_t rows_of(std::uint64_t size) {
  return static_cast<std::uint32_t>(size >> 32U);
}
constexpr std::uint32_t width_of(std::uint64_t size) { return static_cast<std::uint32_t>(size); }

void holds(bool condition, const char* what) {
  if (!condition) base::check(false, "graph", what);
}

}  // namespace

Verifier::Verifier(const Network& network) : network_(&network) { learn_types(); }

void Verifier::learn_types() {
  changes_ = network_->parameters().changes();
  types_.clear();
  inputs_.clear();
  ports_ = 1;
  for (TypeId id = 0; id < network_->type_count(); ++id) {
    const std::size_t ports = network_->type(id).cell->outputs().size();
    ports_ = std::max(ports_, static_cast<std::uint32_t>(ports) + 1);
  }
  outputs_.assign(network_->type_count() * ports_, kNoSize);
  for (TypeId id = 0; id < network_->type_count(); ++id) {
    const Cell& cell = *network_->type(id).cell;
    Type type{.fixed = cell.fixed_inputs(),
              .inputs = static_cast<std::uint32_t>(cell.inputs().size()),
              .first_input = static_cast<std::uint32_t>(inputs_.size()),
              .table_rows = std::numeric_limits<std::uint64_t>::max()};
    for (const CellInput& input : cell.inputs()) {
      inputs_.push_back(size_of(input.rows, input.width));
    }
    for (std::size_t port = 0; port < cell.outputs().size(); ++port) {
      outputs_[id * ports_ + port] = size_of(cell.output_rows(port), cell.output_width(port));
    }
    for (std::size_t s = 0; s < cell.slots().size(); ++s) {
      if (cell.slots()[s].shape.rows != 0) continue;
      const std::uint64_t rows = network_->parameters()[network_->type(id).binding[s]].shape.rows;
      type.table_rows = std::min(type.table_rows, rows);
    }
    for (const CellOp& op : cell.ops()) {
      // A column, not a row.
      if (op.kind == ops::OpKind::one_hot) {
        type.table_rows = std::min<std::uint64_t>(type.table_rows, op.width);
      }
      if (op.kind == ops::OpKind::pick) {
        type.table_rows =
            std::min<std::uint64_t>(type.table_rows, cell.ops()[op.operands[0]].width);
      }
    }
    types_.push_back(type);
  }
}

void Verifier::verify(const Graph& graph, Segment segment) {
  if (types_.size() != network_->type_count() || changes_ != network_->parameters().changes()) {
    learn_types();
  }
  const NodeId misfit = first_misfit(graph, segment);
  if (misfit != segment.end) refuse(graph, misfit);
  verify_marks(graph, graph.outputs());
  verify_marks(graph, graph.decoded());
}

// Operands are checked without branches: which of a graph's nodes has how many is more than a
// processor can guess, and more branches would make that worse.
NodeId Verifier::first_misfit(const Graph& graph, Segment segment) const {
  const std::span<const TypeId> ids = graph.types();
  for (NodeId node = segment.begin; node < segment.end; ++node) {
    if (ids[node] >= types_.size()) return node;
    const Type& type = types_[ids[node]];
    const auto given = graph.operands(node);
    const bool repeats = type.inputs > type.fixed;
    if (given.size() < type.fixed || (given.size() > type.fixed && !repeats)) return node;
    const std::uint32_t instance = graph.instance(node);
    const Size* const wanted = inputs_.data() + type.first_input;
    std::uint32_t input = 0;
    bool good = graph.payload(node) < type.table_rows;
    for (const Operand& operand : given) {
      const bool earlier = operand.node < node;
      const NodeId source = earlier ? operand.node : node;
      const std::uint32_t other = graph.instance(source);
      const bool same = (other == instance) | (other == kShared) | (instance == kShared);
      const bool right_size = output_size(ids[source], operand.port) == wanted[input];
      good = good & earlier & same & right_size;
      ++input;
      input = input == type.inputs ? type.fixed : input;
    }
    if (!good || input != type.fixed) return node;
  }
  return segment.end;
}

void Verifier::refuse(const Graph& graph, NodeId node) const {
  holds(graph.type(node) < types_.size(), "a node has an unknown type");
  const Type& type = types_[graph.type(node)];
  const auto given = graph.operands(node);
  holds(given.size() >= type.fixed, "a node has too few operands");
  const std::size_t repeated = type.inputs - type.fixed;
  holds(repeated == 0 ? given.size() == type.fixed : (given.size() - type.fixed) % repeated == 0,
        "a node's operands do not fill its repeated inputs");
  std::uint32_t input = type.first_input;
  for (const Operand& operand : given) {
    holds(operand.node < node, "an operand comes after its node");
    const std::uint32_t other = graph.instance(operand.node);
    const std::uint32_t own = graph.instance(node);
    holds(other == own || other == kShared || own == kShared,
          "an operand belongs to another instance");
    const Size got = output_size(graph.type(operand.node), operand.port);
    holds(got != kNoSize, "an operand names no port");
    holds(width_of(got) == width_of(inputs_[input]), "an operand's width is not its input's");
    holds(rows_of(got) == rows_of(inputs_[input]), "an operand's rows are not its input's");
    if (++input == type.first_input + type.inputs) input = type.first_input + type.fixed;
  }
  holds(false, "a payload lies beyond its table");
}

void Verifier::verify_marks(const Graph& graph, std::span<const Operand> marks) const {
  for (const Operand& mark : marks) {
    holds(mark.node < graph.size(), "a marked output is of no node");
    const Size size = output_size(graph.type(mark.node), mark.port);
    holds(size != kNoSize, "a marked output names no port");
    holds(rows_of(size) == 1, "a marked output is a matrix");
  }
}

}  // namespace sheaf::graph
