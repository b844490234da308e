// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/frontier.h"

namespace sheaf::batching {
namespace {

// Nodes ahead of the one at hand that are fetched into the cache: first where their consumers are
// listed, then the consumers, then what is known of these.
constexpr std::size_t kFar = 64;
constexpr std::size_t kMiddle = 40;
constexpr std::size_t kNear = 16;

}  // namespace

void Frontier::open_queues(const Dependencies& dependencies) {
  dependencies_ = &dependencies;
  nodes_.resize(dependencies.size());
  queues_.clear();
  std::uint32_t begin = 0;
  for (std::size_t type = 0; type < dependencies.type_count(); ++type) {
    queues_.push_back({begin, begin});
    begin += dependencies.count(static_cast<graph::TypeId>(type));
  }
}

void Frontier::open(const Dependencies& dependencies) {
  open_queues(dependencies);
  left_ = dependencies.size();
  waiting_.resize(left_);
  for (LocalId v = 0; v < left_; ++v) {
    waiting_[v] = dependencies.producer_count(v);
    push(v, waiting_[v] == 0);
  }
}

Frontier::Frontier(const Dependencies& dependencies, const std::vector<bool>& run)
    : waiting_(dependencies.size(), kRun) {
  open_queues(dependencies);
  for (LocalId v = 0; v < dependencies.size(); ++v) {
    if (run[v]) continue;
    ++left_;
    waiting_[v] = 0;
    for (const LocalId u : dependencies.producers(v)) waiting_[v] += run[u] ? 0 : 1;
    push(v, waiting_[v] == 0);
  }
}

std::span<const LocalId> Frontier::run(graph::TypeId type) {
  const std::span<const LocalId> batch = ready(type);
  queues_[type].begin = queues_[type].end;
  const Dependencies& dependencies = *dependencies_;
  const graph::TypeId* const types = dependencies.types().data();
  std::uint32_t* const waiting = waiting_.data();
  LocalId* const nodes = nodes_.data();
  Queue* const queues = queues_.data();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (i + kFar < batch.size()) {
      dependencies.prefetch_begin(batch[i + kFar]);
      dependencies.prefetch_consumers(batch[i + kMiddle]);
      __builtin_prefetch(waiting + batch[i + kNear]);
      const auto ahead = dependencies.consumers(batch[i + kNear]);
      if (!ahead.empty()) {
        __builtin_prefetch(waiting + ahead.front());
        __builtin_prefetch(types + ahead.front());
      }
    }
    waiting[batch[i]] = kRun;
    for (const LocalId w : dependencies.consumers(batch[i])) {
      Queue& queue = queues[types[w]];
      nodes[queue.end] = w;
      queue.end += --waiting[w] == 0 ? 1 : 0;
    }
  }
  left_ -= static_cast<LocalId>(batch.size());
  return batch;
}

void append_batch(const Dependencies& dependencies, graph::TypeId type,
                  std::span<const LocalId> nodes, Schedule& schedule) {
  const auto begin = static_cast<std::uint32_t>(schedule.order.size());
  const auto end = static_cast<std::uint32_t>(begin + nodes.size());
  schedule.order.insert(schedule.order.end(), nodes.begin(), nodes.end());
  if (dependencies.first_node() != 0) {
    for (std::uint32_t i = begin; i < end; ++i) schedule.order[i] += dependencies.first_node();
  }
  schedule.batches.push_back({type, begin, end});
}

}  // namespace sheaf::batching
