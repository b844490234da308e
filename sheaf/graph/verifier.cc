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
  sizes_.clear();
  for (TypeId id = 0; id < network_->type_count(); ++id) {
    const Cell& cell = *network_->type(id).cell;
    Type type{.fixed = cell.fixed_inputs(),
              .inputs = static_cast<std::uint32_t>(cell.inputs().size()),
              .first_input = static_cast<std::uint32_t>(sizes_.size()),
              .outputs = static_cast<std::uint32_t>(cell.outputs().size()),
              .first_output = 0,
              .table_rows = std::numeric_limits<std::uint64_t>::max()};
    for (const CellInput& input : cell.inputs()) sizes_.push_back(size_of(input.rows, input.width));
    type.first_output = static_cast<std::uint32_t>(sizes_.size());
    for (std::size_t port = 0; port < cell.outputs().size(); ++port) {
      sizes_.push_back(size_of(cell.output_rows(port), cell.output_width(port)));
    }
    sizes_.push_back(kNoSize);
    for (std::size_t s = 0; s < cell.slots().size(); ++s) {
      if (cell.slots()[s].shape.rows != 0) continue;
      const std::uint64_t rows = network_->parameters()[network_->type(id).binding[s]].shape.rows;
      type.table_rows = std::min(type.table_rows, rows);
    }
    types_.push_back(type);
  }
}

void Verifier::verify(const Graph& graph, Segment segment) {
  if (types_.size() != network_->type_count() || changes_ != network_->parameters().changes()) {
    learn_types();
  }
  for (NodeId node = segment.begin; node < segment.end; ++node) {
    if (!fits(graph, node)) refuse(graph, node);
  }
  verify_marks(graph, graph.outputs());
  verify_marks(graph, graph.decoded());
}

// Nodes before this one fit. Operands are checked without branches: which of a graph's nodes has
// how many is more than a processor can guess, and more branches would make that worse.
bool Verifier::fits(const Graph& graph, NodeId node) const {
  const TypeId id = graph.type(node);
  if (id >= types_.size()) return false;
  const Type& type = types_[id];
  const auto given = graph.operands(node);
  if (given.size() < type.fixed || (given.size() > type.fixed && type.inputs == type.fixed)) {
    return false;
  }
  const std::uint32_t instance = graph.instance(node);
  const Size* const wanted = sizes_.data() + type.first_input;
  std::uint32_t input = 0;
  bool good = graph.payload(node) < type.table_rows;
  for (const Operand& operand : given) {
    good &= operand.node < node;
    const NodeId source = operand.node < node ? operand.node : node;
    good &= graph.instance(source) == instance;
    good &= output_size(graph.type(source), operand.port) == wanted[input];
    ++input;
    input = input == type.inputs ? type.fixed : input;
  }
  return good && input == type.fixed;
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
    holds(graph.instance(operand.node) == graph.instance(node),
          "an operand belongs to another instance");
    const Size got = output_size(graph.type(operand.node), operand.port);
    holds(got != kNoSize, "an operand names no port");
    holds(width_of(got) == width_of(sizes_[input]), "an operand's width is not its input's");
    holds(rows_of(got) == rows_of(sizes_[input]), "an operand's rows are not its input's");
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
