// SPDX-License-Identifier: Apache-2.0
//
// A Graph is one minibatch: a DAG of cell calls in flat arrays. Nodes are added in an order in
// which operands come first, so that ids are a topological order. A graph grows by segments: what
// was added since `seal()` was last called.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sheaf/graph/network.h"

namespace sheaf::graph {

using NodeId = std::uint32_t;

// The instance of nodes that belong to the whole minibatch, such as the statistics of batch
// normalisation: they may read any instance, and be read by any.
inline constexpr std::uint32_t kShared = ~std::uint32_t{0};

// One output port of one node.
struct Operand {
  NodeId node;
  std::uint32_t port = 0;

  friend bool operator==(const Operand&, const Operand&) = default;
};

// A half-open range of node ids.
struct Segment {
  NodeId begin;
  NodeId end;

  [[nodiscard]] std::uint32_t size() const { return end - begin; }
};

class Graph {
 public:
  // `network` must outlive the graph.
  explicit Graph(const Network& network) : network_(&network) {}

  // Nodes added from now on belong to instance `index`, or to all (kShared).
  void begin_instance(std::uint32_t index) { instance_now_ = index; }

  // Adds a call of `type`. Operands: one per fixed input, then the repeated inputs as often as the
  // node needs them (h_1, c_1, h_2, c_2, ... for repeated inputs h and c; not at all for a sum of
  // 0). `payload` is the row of a look-up. What add() is given is checked by verify().
  NodeId add(TypeId type, std::span<const Operand> operands, std::uint32_t payload = 0) {
    const auto room = append(type, operands.size(), payload);
    std::copy(operands.begin(), operands.end(), room.begin());
    return size_ - 1;
  }
  NodeId add(TypeId type, std::initializer_list<Operand> operands, std::uint32_t payload = 0) {
    return add(type, std::span<const Operand>(operands.begin(), operands.size()), payload);
  }

  // Adds a call of `type`, node size() - 1 from then on, and returns the room for its operands,
  // which the caller has to fill before anything else is added.
  std::span<Operand> append(TypeId type, std::size_t operands, std::uint32_t payload = 0) {
    const std::uint32_t begin = operand_begin_[size_];
    if (size_ == types_.size() || operands > operands_.size() - begin) grow(operands);
    types_[size_] = type;
    payloads_[size_] = payload;
    instances_[size_] = instance_now_;
    operand_begin_[++size_] = static_cast<std::uint32_t>(begin + operands);
    return {operands_.data() + begin, operands};
  }

  // Gives a node another payload.
  void set_payload(NodeId node, std::uint32_t payload) { payloads_[node] = payload; }

  // Memory for whoever adds nodes, so that nobody has to allocate any per instance: what it holds
  // means nothing from one instance to the next.
  [[nodiscard]] std::vector<std::uint32_t>& scratch() { return scratch_; }

  // Marks a port as one row of its instance's outputs, in the order of the calls.
  void mark_output(Operand operand) { outputs_.push_back(operand); }

  // Marks a port as one row that the model's decoder reads when the graph has run
  // (nn::Model::decode).
  void mark_decoded(Operand operand) { decoded_.push_back(operand); }

  // Forgets every node, keeps the memory: a graph may be refilled for the next minibatch.
  void clear();

  // Ends the segment that is being added and returns it; it may be empty.
  Segment seal();

  [[nodiscard]] const Network& network() const { return *network_; }
  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] TypeId type(NodeId node) const { return types_[node]; }
  [[nodiscard]] std::uint32_t payload(NodeId node) const { return payloads_[node]; }
  [[nodiscard]] std::uint32_t instance(NodeId node) const { return instances_[node]; }
  [[nodiscard]] std::span<const Operand> operands(NodeId node) const {
    return {operands_.data() + operand_begin_[node],
            operand_begin_[node + 1] - operand_begin_[node]};
  }
  // Hints that operands(node) will be asked for: where they begin, and, when that has come, the
  // operands. Loops in the order of execution jump about in the graph.
  void prefetch_begin(NodeId node) const { __builtin_prefetch(operand_begin_.data() + node); }
  void prefetch_operands(NodeId node) const {
    __builtin_prefetch(operands_.data() + operand_begin_[node]);
  }
  // Of all nodes of a segment.
  [[nodiscard]] std::size_t operand_count(Segment segment) const {
    return operand_begin_[segment.end] - operand_begin_[segment.begin];
  }
  [[nodiscard]] std::span<const TypeId> types() const { return {types_.data(), size_}; }
  [[nodiscard]] std::span<const Segment> segments() const { return segments_; }
  // All marked outputs; an instance's are those whose node belongs to it.
  [[nodiscard]] std::span<const Operand> outputs() const { return outputs_; }
  [[nodiscard]] std::span<const Operand> decoded() const { return decoded_; }

  // Products only (docs/models.md), of the nodes in `segment`.
  [[nodiscard]] std::uint64_t flops(Segment segment) const;
  // The same as the encodings of the weights do them (Network::encoded_flops).
  [[nodiscard]] std::uint64_t encoded_flops(Segment segment) const;

  // Throws InternalError when a node's operands do not fit its cell, come after it or are not one
  // of its instance's (verifier.h).
  void verify() const;
  // The same of the nodes of one segment: O(nodes + operands).
  void verify(Segment segment) const;
  [[nodiscard]] std::string to_string() const;

 private:
  // Makes room for a node of so many operands.
  void grow(std::size_t operands);

  const Network* network_;
  // Arrays of nodes and of operands are as long as there is room: what counts of them is `size_`
  // nodes and operand_begin_[size_] operands.
  std::uint32_t size_ = 0;
  std::vector<TypeId> types_;
  std::vector<std::uint32_t> payloads_;
  std::vector<std::uint32_t> instances_;
  std::vector<std::uint32_t> operand_begin_ = {0};
  std::vector<Operand> operands_;
  std::vector<Operand> outputs_;
  std::vector<Operand> decoded_;
  std::vector<Segment> segments_;
  std::vector<std::uint32_t> scratch_;
  std::uint32_t instance_now_ = 0;
};

}  // namespace sheaf::graph
