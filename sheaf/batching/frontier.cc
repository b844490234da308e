// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/frontier.h"

namespace sheaf::batching {

Frontier::Frontier(const Dependencies& dependencies)
    : dependencies_(&dependencies), ready_(dependencies.type_count()), left_(dependencies.size()) {
  waiting_.reserve(left_);
  for (LocalId v = 0; v < left_; ++v) {
    waiting_.push_back(static_cast<std::uint32_t>(dependencies.producers(v).size()));
    if (waiting_.back() == 0) ready_[dependencies.type(v)].push_back(v);
  }
}

Frontier::Frontier(const Dependencies& dependencies, const std::vector<bool>& run)
    : dependencies_(&dependencies),
      waiting_(dependencies.size(), kRun),
      ready_(dependencies.type_count()) {
  for (LocalId v = 0; v < dependencies.size(); ++v) {
    if (run[v]) continue;
    ++left_;
    waiting_[v] = 0;
    for (const LocalId u : dependencies.producers(v)) waiting_[v] += run[u] ? 0 : 1;
    if (waiting_[v] == 0) ready_[dependencies.type(v)].push_back(v);
  }
}

std::span<const LocalId> Frontier::run(graph::TypeId type) {
  batch_.clear();
  batch_.swap(ready_[type]);
  for (const LocalId v : batch_) {
    waiting_[v] = kRun;
    for (const LocalId w : dependencies_->consumers(v)) {
      if (--waiting_[w] == 0) ready_[dependencies_->type(w)].push_back(w);
    }
  }
  left_ -= static_cast<LocalId>(batch_.size());
  return batch_;
}

void append_batch(const Dependencies& dependencies, graph::TypeId type,
                  std::span<const LocalId> nodes, Schedule& schedule) {
  const auto begin = static_cast<std::uint32_t>(schedule.order.size());
  for (const LocalId v : nodes) schedule.order.push_back(dependencies.first_node() + v);
  schedule.batches.push_back({type, begin, static_cast<std::uint32_t>(schedule.order.size())});
}

}  // namespace sheaf::batching
