// SPDX-License-Identifier: Apache-2.0
#include "sheaf/graph/graph.h"

#include <algorithm>
#include <limits>

#include "sheaf/base/error.h"

namespace sheaf::graph {
namespace {

// What verify() asks of a type for every node, looked up once.
struct Signature {
  std::size_t fixed = 0;
  std::vector<tensor::Shape> inputs;                                     // rows and width
  std::vector<tensor::Shape> outputs;                                    // rows and width
  std::uint64_t table_rows = std::numeric_limits<std::uint64_t>::max();  // of its smallest table
};

std::vector<Signature> signatures_of(const Network& network) {
  std::vector<Signature> signatures(network.type_count());
  for (TypeId id = 0; id < network.type_count(); ++id) {
    const Cell& cell = *network.type(id).cell;
    Signature& signature = signatures[id];
    signature.fixed = cell.fixed_inputs();
    for (const CellInput& input : cell.inputs())
      signature.inputs.push_back({input.rows, input.width});
    for (std::size_t port = 0; port < cell.outputs().size(); ++port) {
      signature.outputs.push_back({cell.output_rows(port), cell.output_width(port)});
    }
    for (std::size_t s = 0; s < cell.slots().size(); ++s) {
      if (cell.slots()[s].shape.rows != 0) continue;
      const std::uint64_t rows = network.parameters()[network.type(id).binding[s]].shape.rows;
      signature.table_rows = std::min(signature.table_rows, rows);
    }
  }
  return signatures;
}

}  // namespace

NodeId Graph::add(TypeId type, std::span<const Operand> operands, std::uint32_t payload) {
  types_.push_back(type);
  payloads_.push_back(payload);
  instances_.push_back(instance_now_);
  operands_.insert(operands_.end(), operands.begin(), operands.end());
  operand_begin_.push_back(static_cast<std::uint32_t>(operands_.size()));
  return size() - 1;
}

void Graph::clear() {
  types_.clear();
  payloads_.clear();
  instances_.clear();
  operand_begin_.resize(1);
  operands_.clear();
  outputs_.clear();
  decoded_.clear();
  segments_.clear();
  instance_now_ = 0;
}

Segment Graph::seal() {
  const NodeId begin = segments_.empty() ? 0 : segments_.back().end;
  segments_.push_back({begin, size()});
  return segments_.back();
}

std::uint64_t Graph::flops(Segment segment) const {
  std::vector<std::uint64_t> by_type;
  for (TypeId t = 0; t < network_->type_count(); ++t) {
    by_type.push_back(network_->type(t).cell->flops());
  }
  std::uint64_t total = 0;
  for (NodeId node = segment.begin; node < segment.end; ++node) total += by_type[types_[node]];
  return total;
}

void Graph::verify() const { verify({0, size()}); }

void Graph::verify(Segment segment) const {
  const auto holds = [](bool condition, const char* what) {
    if (!condition) base::check(false, "graph", what);
  };
  const std::vector<Signature> signatures = signatures_of(*network_);
  for (NodeId node = segment.begin; node < segment.end; ++node) {
    holds(types_[node] < signatures.size(), "a node has an unknown type");
    const Signature& type = signatures[types_[node]];
    const auto given = operands(node);
    holds(given.size() >= type.fixed, "a node has too few operands");
    const std::size_t repeated = type.inputs.size() - type.fixed;
    holds(repeated == 0 ? given.size() == type.fixed : (given.size() - type.fixed) % repeated == 0,
          "a node's operands do not fill its repeated inputs");
    std::size_t input = 0;
    for (const Operand& operand : given) {
      holds(operand.node < node, "an operand comes after its node");
      holds(instances_[operand.node] == instances_[node], "an operand belongs to another instance");
      const Signature& source = signatures[types_[operand.node]];
      holds(operand.port < source.outputs.size(), "an operand names no port");
      const tensor::Shape got = source.outputs[operand.port];
      holds(got.cols == type.inputs[input].cols, "an operand's width is not its input's");
      holds(got.rows == type.inputs[input].rows, "an operand's rows are not its input's");
      if (++input == type.inputs.size()) input = type.fixed;
    }
    holds(payloads_[node] < type.table_rows, "a payload lies beyond its table");
  }
  for (const Operand& operand : outputs_) verify_mark(operand);
  for (const Operand& operand : decoded_) verify_mark(operand);
}

void Graph::verify_mark(Operand operand) const {
  base::check(operand.node < size(), "graph", "a marked output is of no node");
  const Cell& cell = *network_->type(types_[operand.node]).cell;
  base::check(operand.port < cell.outputs().size(), "graph", "a marked output names no port");
  base::check(cell.output_rows(operand.port) == 1, "graph", "a marked output is a matrix");
}

std::string Graph::to_string() const {
  std::string text;
  for (NodeId node = 0; node < size(); ++node) {
    text += std::to_string(node) + " " + network_->type(types_[node]).name + " instance " +
            std::to_string(instances_[node]);
    for (const Operand& operand : operands(node)) {
      text += " " + std::to_string(operand.node) + "." + std::to_string(operand.port);
    }
    text += "\n";
  }
  return text;
}

}  // namespace sheaf::graph
