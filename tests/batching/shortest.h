// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

#include "sheaf/batching/dependencies.h"

namespace sheaf::batching {

// Lengths of shortest schedules, by the set of nodes that have run: a search of all schedules of a
// graph of fewer than 32 nodes.
class Shortest {
 public:
  explicit Shortest(const Dependencies& dependencies) : dependencies_(dependencies) {}

  [[nodiscard]] std::uint32_t from(std::uint32_t run) {
    if (run == (1U << dependencies_.size()) - 1) return 0;
    const auto found = known_.find(run);
    if (found != known_.end()) return found->second;
    std::uint32_t best = ~0U;
    for (std::size_t a = 0; a < dependencies_.type_count(); ++a) {
      const std::uint32_t next = run | ready(run, static_cast<graph::TypeId>(a));
      if (next != run) best = std::min(best, 1 + from(next));
    }
    return known_[run] = best;
  }

  // The a-nodes that can run when those of `run` have.
  [[nodiscard]] std::uint32_t ready(std::uint32_t run, graph::TypeId a) const {
    std::uint32_t nodes = 0;
    for (LocalId v = 0; v < dependencies_.size(); ++v) {
      if (dependencies_.type(v) != a || (run >> v & 1U) != 0) continue;
      const auto producers = dependencies_.producers(v);
      if (std::all_of(producers.begin(), producers.end(),
                      [&](LocalId u) { return (run >> u & 1U) != 0; })) {
        nodes |= 1U << v;
      }
    }
    return nodes;
  }

 private:
  const Dependencies& dependencies_;
  std::map<std::uint32_t, std::uint32_t> known_;
};

}  // namespace sheaf::batching
