// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/batching/dependencies.h"
#include "sheaf/batching/schedule.h"

namespace sheaf::batching {

// The nodes whose operands have all run, by type: Frontier_a(G) of ED-Batch, section 2.1. A value:
// a copy is a snapshot.
class Frontier {
 public:
  explicit Frontier(const Dependencies& dependencies);
  // In the middle of a schedule: `run` says of each node whether it has run.
  Frontier(const Dependencies& dependencies, const std::vector<bool>& run);

  [[nodiscard]] bool empty() const { return left_ == 0; }
  // Nodes that have still to run, and all nodes.
  [[nodiscard]] LocalId left() const { return left_; }
  [[nodiscard]] LocalId size() const { return static_cast<LocalId>(waiting_.size()); }
  [[nodiscard]] std::size_t type_count() const { return ready_.size(); }
  [[nodiscard]] std::uint32_t count(graph::TypeId type) const {
    return static_cast<std::uint32_t>(ready_[type].size());
  }
  [[nodiscard]] std::span<const LocalId> ready(graph::TypeId type) const { return ready_[type]; }
  [[nodiscard]] bool has_run(LocalId node) const { return waiting_[node] == kRun; }

  // Runs every ready node of `type`; count(type) must not be 0. Returns them, valid until the next
  // call.
  std::span<const LocalId> run(graph::TypeId type);

 private:
  static constexpr std::uint32_t kRun = ~0U;
  const Dependencies* dependencies_;
  std::vector<std::uint32_t> waiting_;  // operands that have not run
  std::vector<std::vector<LocalId>> ready_;
  std::vector<LocalId> batch_;
  LocalId left_ = 0;
};

// Appends `nodes` as one batch.
void append_batch(const Dependencies& dependencies, graph::TypeId type,
                  std::span<const LocalId> nodes, Schedule& schedule);

}  // namespace sheaf::batching
