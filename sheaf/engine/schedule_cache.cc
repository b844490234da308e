// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/schedule_cache.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "sheaf/graph/graph.h"

namespace sheaf::engine {
namespace {

constexpr std::size_t kMet = 4096;  // hashes of graphs that were met once

std::span<const graph::Operand> all_operands(const graph::Graph& graph) {
  if (graph.size() == 0) return {};
  return {graph.operands(0).data(), graph.operand_count({0, graph.size()})};
}

template <typename T>
std::size_t bytes_of(const std::vector<T>& values) {
  return values.size() * sizeof(T);
}

std::size_t bytes_of(const batching::Schedule& schedule) {
  return bytes_of(schedule.batches) + bytes_of(schedule.order);
}

std::size_t bytes_of(const memory_plan::MemoryPlan& plan) {
  return bytes_of(plan.batches) + bytes_of(plan.prefixes) + bytes_of(plan.early_values) +
         bytes_of(plan.order) + bytes_of(plan.payloads) + bytes_of(plan.inputs) +
         bytes_of(plan.outputs) + bytes_of(plan.gather_offsets) + bytes_of(plan.sum_begin) +
         bytes_of(plan.places) + bytes_of(plan.last_reader);
}

bool same_operands(std::span<const graph::Operand> a, std::span<const graph::Operand> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

// Two chains that do not wait for each other (the constants are those of SplitMix64).
class Hash {
 public:
  void add(std::uint64_t a, std::uint64_t b) {
    one_ = (one_ ^ a) * 0xbf58476d1ce4e5b9U;
    one_ ^= one_ >> 29U;
    other_ = (other_ ^ b) * 0x94d049bb133111ebU;
    other_ ^= other_ >> 31U;
  }
  [[nodiscard]] std::uint64_t value() const { return one_ ^ (other_ * 0x9e3779b97f4a7c15U); }

 private:
  std::uint64_t one_ = 1;
  std::uint64_t other_ = 2;
};

}  // namespace

std::uint64_t ScheduleCache::hash_of(const graph::Graph& graph) const {
  Hash hash;
  hash.add(graph.size(), all_operands(graph).size());
  for (graph::NodeId node = 0; node < graph.size(); ++node) {
    const auto operands = graph.operands(node);
    std::uint64_t first = graph.type(node);
    for (const graph::Operand& operand : operands) {
      first =
          (first << 7U) + (first >> 57U) + operand.node * std::uint64_t{0x9e3779b1U} + operand.port;
    }
    hash.add(first, operands.size());
  }
  return (hash.value() & hash_mask_) | 1U;  // 0: none
}

bool ScheduleCache::same(const Entry& entry, const graph::Graph& graph) {
  const auto types = graph.types();
  if (!std::equal(types.begin(), types.end(), entry.types.begin(), entry.types.end())) return false;
  for (graph::NodeId node = 0; node < graph.size(); ++node) {
    if (graph.operands(node).size() != entry.arities[node]) return false;
  }
  return same_operands(all_operands(graph), entry.operands) &&
         same_operands(graph.outputs(), entry.outputs) &&
         same_operands(graph.decoded(), entry.decoded);
}

bool ScheduleCache::find(const graph::Graph& graph, batching::Schedule& schedule,
                         memory_plan::MemoryPlan& plan) {
  ++lookups_;
  last_hash_ = hash_of(graph);
  const auto it = by_hash_.find(last_hash_);
  if (it == by_hash_.end() || !same(*it->second, graph)) return false;
  ++hits_;
  entries_.splice(entries_.begin(), entries_, it->second);
  const Entry& entry = entries_.front();
  schedule = entry.schedule;
  if (!keeps_plans_) return true;
  plan = entry.plan;
  for (std::size_t i = 0; i < plan.order.size(); ++i) {
    plan.payloads[i] = graph.payload(plan.order[i]);
  }
  return true;
}

void ScheduleCache::insert(const graph::Graph& graph, const batching::Schedule& schedule,
                           const memory_plan::MemoryPlan& plan) {
  met_.resize(kMet, 0);
  if (std::exchange(met_[last_hash_ % kMet], last_hash_) != last_hash_) return;
  const auto types = graph.types();
  const auto operands = all_operands(graph);
  const auto outputs = graph.outputs();
  const auto decoded = graph.decoded();
  const std::size_t bytes = sizeof(Entry) + types.size_bytes() + operands.size_bytes() +
                            outputs.size_bytes() + decoded.size_bytes() +
                            types.size() * sizeof(std::uint32_t) + bytes_of(schedule) +
                            (keeps_plans_ ? bytes_of(plan) : 0);
  if (bytes > most_bytes_) return;
  if (const auto it = by_hash_.find(last_hash_); it != by_hash_.end()) drop(it->second);
  while (bytes_ + bytes > most_bytes_) drop(std::prev(entries_.end()));
  Entry entry{.hash = last_hash_,
              .bytes = bytes,
              .types = {types.begin(), types.end()},
              .arities = {},
              .operands = {operands.begin(), operands.end()},
              .outputs = {outputs.begin(), outputs.end()},
              .decoded = {decoded.begin(), decoded.end()},
              .schedule = schedule,
              .plan = {}};
  if (keeps_plans_) entry.plan = plan;
  entry.arities.reserve(graph.size());
  for (graph::NodeId node = 0; node < graph.size(); ++node) {
    entry.arities.push_back(static_cast<std::uint32_t>(graph.operands(node).size()));
  }
  entries_.push_front(std::move(entry));
  by_hash_[last_hash_] = entries_.begin();
  bytes_ += bytes;
}

void ScheduleCache::drop(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  by_hash_.erase(entry->hash);
  entries_.erase(entry);
}

void ScheduleCache::clear() {
  entries_.clear();
  by_hash_.clear();
  met_.clear();
  bytes_ = 0;
  lookups_ = 0;
  hits_ = 0;
}

}  // namespace sheaf::engine
