// SPDX-License-Identifier: Apache-2.0
#include "sheaf/graph/graph.h"

#include "sheaf/base/error.h"

namespace sheaf::graph {

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

void Graph::verify() const {
  const auto holds = [](bool condition, const char* what) {
    base::check(condition, "graph", what);
  };
  for (NodeId node = 0; node < size(); ++node) {
    holds(types_[node] < network_->type_count(), "a node has an unknown type");
    const Cell& cell = *network_->type(types_[node]).cell;
    const auto given = operands(node);
    const std::size_t fixed = cell.fixed_inputs();
    const std::size_t repeated = cell.repeated_inputs();
    holds(given.size() >= fixed, "a node has too few operands");
    holds(repeated == 0 ? given.size() == fixed : (given.size() - fixed) % repeated == 0,
          "a node's operands do not fill its repeated inputs");
    for (std::size_t i = 0; i < given.size(); ++i) {
      const std::size_t input = i < fixed ? i : fixed + (i - fixed) % repeated;
      holds(given[i].node < node, "an operand comes after its node");
      holds(instances_[given[i].node] == instances_[node],
            "an operand belongs to another instance");
      const Cell& source = *network_->type(types_[given[i].node]).cell;
      holds(given[i].port < source.outputs().size(), "an operand names no port");
      holds(source.output_width(given[i].port) == cell.inputs()[input].width,
            "an operand's width is not its input's");
    }
    for (std::size_t s = 0; s < cell.slots().size(); ++s) {
      if (cell.slots()[s].shape.rows != 0) continue;
      const ParameterId table = network_->type(types_[node]).binding[s];
      holds(payloads_[node] < network_->parameters()[table].shape.rows,
            "a payload lies beyond its table");
    }
  }
  for (const Operand& operand : outputs_) verify_mark(operand);
  for (const Operand& operand : decoded_) verify_mark(operand);
}

void Graph::verify_mark(Operand operand) const {
  base::check(operand.node < size(), "graph", "a marked output is of no node");
  const Cell& cell = *network_->type(types_[operand.node]).cell;
  base::check(operand.port < cell.outputs().size(), "graph", "a marked output names no port");
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
