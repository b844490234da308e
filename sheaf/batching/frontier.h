// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/batching/dependencies.h"
#include "sheaf/batching/schedule.h"

namespace sheaf::batching {

// The nodes whose operands have all run, by type: Frontier_a(G) of ED-Batch, section 2.1. A value:
// a copy is a snapshot. Of each type there is a queue with room for all its nodes, each of which
// enters it once.
class Frontier {
 public:
  Frontier() = default;
  explicit Frontier(const Dependencies& dependencies) { open(dependencies); }
  // In the middle of a schedule: `run` says of each node whether it has run.
  Frontier(const Dependencies& dependencies, const std::vector<bool>& run);

  // Begins anew, keeping memory.
  void open(const Dependencies& dependencies);

  [[nodiscard]] bool empty() const { return left_ == 0; }
  // Nodes that have still to run, and all nodes.
  [[nodiscard]] LocalId left() const { return left_; }
  [[nodiscard]] LocalId size() const { return static_cast<LocalId>(waiting_.size()); }
  [[nodiscard]] std::size_t type_count() const { return queues_.size(); }
  [[nodiscard]] std::uint32_t count(graph::TypeId type) const {
    return queues_[type].end - queues_[type].begin;
  }
  [[nodiscard]] std::span<const LocalId> ready(graph::TypeId type) const {
    return {nodes_.data() + queues_[type].begin, count(type)};
  }
  [[nodiscard]] bool has_run(LocalId node) const { return waiting_[node] == kRun; }

  // Runs every ready node of `type`; count(type) must not be 0. Returns them, valid until open().
  std::span<const LocalId> run(graph::TypeId type);

 private:
  static constexpr std::uint32_t kRun = ~0U;
  // What is ready and has not run: nodes_[begin, end).
  struct Queue {
    std::uint32_t begin;
    std::uint32_t end;
  };
  void open_queues(const Dependencies& dependencies);
  void push(LocalId node, bool ready) {
    Queue& queue = queues_[dependencies_->type(node)];
    nodes_[queue.end] = node;  // of one that is not ready: the next takes its place
    queue.end += ready ? 1 : 0;
  }

  const Dependencies* dependencies_ = nullptr;
  std::vector<std::uint32_t> waiting_;  // operands that have not run
  std::vector<LocalId> nodes_;          // queue by queue
  std::vector<Queue> queues_;           // by type
  LocalId left_ = 0;
};

// Appends `nodes` as one batch.
void append_batch(const Dependencies& dependencies, graph::TypeId type,
                  std::span<const LocalId> nodes, Schedule& schedule);

}  // namespace sheaf::batching
