// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <vector>

#include "sheaf/batching/schedule.h"
#include "sheaf/memory_plan/memory_plan.h"

namespace sheaf::engine {

// Schedules and memory plans of whole graphs by topology: types, operands and marked ports, in
// their order. Payloads are no part of it, nor are instances: a tree of other words is the same
// topology, and so are the same calls by another number of instances. Graphs are compared as a
// whole, so that equal hashes of different graphs cost time only. A graph is kept when its hash is
// met for the second time, since most never return and keeping one costs as much as planning it.
// What was used longest ago is forgotten first. For one session: a plan holds for one network,
// layout and policy.
class ScheduleCache {
 public:
  // Holds at most `most_bytes`; 0: nothing. Without plans, which depend on payloads where results
  // stay in parameter tables, schedules alone are kept. `hash_mask`: bits of the hash that count
  // (for tests).
  explicit ScheduleCache(std::size_t most_bytes, bool keeps_plans = true,
                         std::uint64_t hash_mask = ~std::uint64_t{0})
      : most_bytes_(most_bytes), keeps_plans_(keeps_plans), hash_mask_(hash_mask) {}

  [[nodiscard]] bool enabled() const { return most_bytes_ > 0; }
  [[nodiscard]] bool keeps_plans() const { return keeps_plans_; }

  // Whether the topology of `graph` is known; then `schedule` and, where plans
  // are kept, `plan` become what was kept, the plan with the payloads of `graph`.
  bool find(const graph::Graph& graph, batching::Schedule& schedule, memory_plan::MemoryPlan& plan);

  // Keeps the schedule and plan of `graph`, which find() just did not know, in place of another
  // graph's with the same hash. Leaves out a graph met for the first time, and one that alone
  // exceeds the bound.
  void insert(const graph::Graph& graph, const batching::Schedule& schedule,
              const memory_plan::MemoryPlan& plan);

  // Forgets all entries, and the counts.
  void clear();

  [[nodiscard]] std::size_t entries() const { return entries_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t lookups() const { return lookups_; }
  [[nodiscard]] std::uint64_t hits() const { return hits_; }

 private:
  struct Entry {
    std::uint64_t hash;
    std::size_t bytes;
    std::vector<graph::TypeId> types;
    std::vector<std::uint32_t> arities;
    std::vector<graph::Operand> operands;
    std::vector<graph::Operand> outputs;
    std::vector<graph::Operand> decoded;
    batching::Schedule schedule;
    memory_plan::MemoryPlan plan;
  };
  using Entries = std::list<Entry>;  // the one used last comes first

  [[nodiscard]] std::uint64_t hash_of(const graph::Graph& graph) const;
  [[nodiscard]] static bool same(const Entry& entry, const graph::Graph& graph);
  void drop(Entries::iterator entry);

  std::size_t most_bytes_;
  bool keeps_plans_;
  std::uint64_t hash_mask_;
  Entries entries_;
  std::unordered_map<std::uint64_t, Entries::iterator> by_hash_;
  std::size_t bytes_ = 0;
  std::uint64_t lookups_ = 0;
  std::uint64_t hits_ = 0;
  std::uint64_t last_hash_ = 0;     // of the graph that find() did not know
  std::vector<std::uint64_t> met_;  // hashes of graphs that were not kept, each in its place
};

}  // namespace sheaf::engine
