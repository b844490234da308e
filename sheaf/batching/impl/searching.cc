// SPDX-License-Identifier: Apache-2.0
//
// The policies that look ahead.
#include <algorithm>
#include <utility>
#include <vector>

#include "sheaf/batching/frontier.h"
#include "sheaf/batching/impl/policies.h"
#include "sheaf/batching/search/beam_search.h"
#include "sheaf/batching/search/exact_search.h"

namespace sheaf::batching {
namespace {

// Runs all ready nodes of each type in turn.
void follow(const Dependencies& dependencies, std::span<const graph::TypeId> types,
            Schedule& schedule) {
  Frontier frontier(dependencies);
  for (const graph::TypeId type : types) {
    append_batch(dependencies, type, frontier.run(type), schedule);
  }
}

// The shorter of what `critical` and `sufficient` do.
void plan_without_search(const Dependencies& dependencies, std::uint32_t bound,
                         Schedule& schedule) {
  CriticalPolicy().plan(dependencies, schedule);
  if (schedule.batches.size() == bound) return;
  Schedule other;
  SufficientPolicy().plan(dependencies, other);
  if (other.batches.size() < schedule.batches.size()) schedule = std::move(other);
}

// What needs no search, if nothing can be shorter; otherwise what a beam search finds and, when
// `exactly`, an exact search that knows the shorter of the two.
void search(const Dependencies& dependencies, const SearchLimits& limits, bool exactly,
            Schedule& schedule) {
  const Deadline deadline(limits);
  const std::uint32_t at_least = lower_bound(dependencies);
  plan_without_search(dependencies, at_least, schedule);
  schedule.proven_bound = at_least;
  if (schedule.proven_bound == schedule.batches.size()) return;
  const PathClasses classes(dependencies);
  if (!classes.complete()) return;

  StateBound bound(classes);
  std::vector<graph::TypeId> types = beam_search(classes, bound, limits.beam_width, deadline);
  const auto known = static_cast<std::uint32_t>(std::min(types.size(), schedule.batches.size()));
  std::uint32_t proven = bound(classes.start()).bound;
  if (exactly) {
    ExactResult result = exact_search(classes, bound, known, limits, deadline);
    proven = result.proven_bound;
    if (!result.types.empty()) types = std::move(result.types);
  }
  if (types.size() < schedule.batches.size()) {
    schedule.clear();
    follow(dependencies, types, schedule);
  }
  schedule.proven_bound = proven;
}

}  // namespace

void BeamPolicy::plan(const Dependencies& dependencies, Workspace& /*workspace*/,
                      Schedule& schedule) const {
  search(dependencies, limits_, false, schedule);
}

void OptimalPolicy::plan(const Dependencies& dependencies, Workspace& /*workspace*/,
                         Schedule& schedule) const {
  search(dependencies, limits_, true, schedule);
}

}  // namespace sheaf::batching
