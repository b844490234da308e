// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/search/beam_search.h"

#include <algorithm>
#include <tuple>

#include "sheaf/batching/search/state_layer.h"

namespace sheaf::batching {
namespace {

struct Ranked {
  StateBound::Estimate estimate;
  std::uint32_t index;  // in the layer of candidates
};

}  // namespace

std::vector<graph::TypeId> beam_search(const PathClasses& classes, StateBound& bound,
                                       std::uint32_t width, const Deadline& deadline) {
  if (no_members(classes.start())) return {};
  const std::size_t words = classes.words();
  std::vector<std::vector<Step>> kept;  // by step, of the states that were followed
  StateLayer beam(words);
  StateLayer candidates(words);
  std::vector<Ranked> ranked;
  std::vector<SetWord> next(words);
  std::vector<std::uint8_t> ready(classes.type_count());
  beam.add(classes.start(), {});
  while (true) {
    candidates.clear();
    ranked.clear();
    for (std::uint32_t i = 0; i < beam.size(); ++i) {
      const ClassSet state = beam[i];
      std::ranges::fill(ready, 0);
      for_each_descending(state, [&](ClassId c) { ready[classes.type(c)] = 1; });
      for (graph::TypeId a = 0; a < ready.size(); ++a) {
        if (ready[a] == 0) continue;
        classes.advance(state, a, next);
        if (no_members(next)) return trace(kept, {i, a});
        if (!candidates.add(next, {i, a})) continue;
        ranked.push_back({bound(next), static_cast<std::uint32_t>(candidates.size() - 1)});
      }
    }
    const std::size_t follow = std::min<std::size_t>(ranked.size(), deadline.passed() ? 1 : width);
    std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(follow),
                      ranked.end(), [](const Ranked& x, const Ranked& y) {
                        return std::tie(x.estimate.bound, x.estimate.total, x.index) <
                               std::tie(y.estimate.bound, y.estimate.total, y.index);
                      });
    beam.clear();
    for (std::size_t k = 0; k < follow; ++k) {
      beam.add(candidates[ranked[k].index], candidates.step(ranked[k].index));
    }
    kept.push_back(beam.steps());
  }
}

}  // namespace sheaf::batching
