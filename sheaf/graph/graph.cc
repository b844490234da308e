// SPDX-License-Identifier: Apache-2.0
#include "sheaf/graph/graph.h"

#include "sheaf/graph/verifier.h"

namespace sheaf::graph {
namespace {

// Room that a graph starts with.
constexpr std::size_t kFirstNodes = 64;

}  // namespace

void Graph::grow(std::size_t operands) {
  if (size_ == types_.size()) {
    const std::size_t nodes = std::max(kFirstNodes, types_.size() + types_.size() / 2);
    types_.resize(nodes);
    payloads_.resize(nodes);
    instances_.resize(nodes);
    operand_begin_.resize(nodes + 1);
  }
  const std::size_t needed = operand_begin_[size_] + operands;
  if (needed > operands_.size()) {
    operands_.resize(std::max({kFirstNodes, needed, operands_.size() + operands_.size() / 2}));
  }
}

void Graph::clear() {
  size_ = 0;
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
  std::vector<std::uint64_t> nodes(network_->type_count(), 0);
  for (NodeId node = segment.begin; node < segment.end; ++node) ++nodes[types_[node]];
  std::uint64_t total = 0;
  for (TypeId t = 0; t < nodes.size(); ++t) {
    if (nodes[t] > 0) total += nodes[t] * network_->type(t).cell->flops();
  }
  return total;
}

std::uint64_t Graph::encoded_flops(Segment segment) const {
  std::vector<std::uint64_t> by_type;
  for (TypeId t = 0; t < network_->type_count(); ++t) {
    by_type.push_back(network_->encoded_flops(t));
  }
  std::uint64_t total = 0;
  for (NodeId node = segment.begin; node < segment.end; ++node) total += by_type[types_[node]];
  return total;
}

void Graph::verify() const { verify({0, size()}); }

void Graph::verify(Segment segment) const { Verifier(*network_).verify(*this, segment); }

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
