// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/distil.h"

#include <algorithm>
#include <vector>

#include "sheaf/base/error.h"

namespace sheaf::batching {

std::unordered_map<StateKey, FsmState> distil(const Dependencies& dependencies,
                                              const Schedule& schedule, StateEncoding encoding) {
  std::unordered_map<StateKey, std::vector<std::uint32_t>> chosen;  // how often, by type
  Frontier frontier(dependencies);
  StateKey key;
  for (const Batch& batch : schedule.batches) {
    base::check(frontier.count(batch.type) == batch.size(), "distil",
                "a batch is not all ready nodes of its type");
    encode_state(encoding, frontier, key);
    auto& counts = chosen[key];
    counts.resize(dependencies.type_count(), 0);
    ++counts[batch.type];
    frontier.run(batch.type);
  }
  std::unordered_map<StateKey, FsmState> states;
  for (const auto& [state, counts] : chosen) {
    const auto most = std::max_element(counts.begin(), counts.end());
    states[state] = {static_cast<graph::TypeId>(most - counts.begin()), 0};
  }
  return states;
}

}  // namespace sheaf::batching
