// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/search/exact_search.h"

#include <algorithm>

#include "sheaf/batching/search/forced_type.h"
#include "sheaf/batching/search/state_layer.h"

namespace sheaf::batching {
namespace {

// Words that the states of two layers may take: 256 MB.
constexpr std::uint64_t kMostWords = std::uint64_t{1} << 25;
constexpr std::uint64_t kStatesPerLook = 64;  // at the clock

class ExactSearch {
 public:
  enum class Outcome { found, impossible, stopped };

  ExactSearch(const PathClasses& classes, StateBound& bound, const SearchLimits& limits,
              const Deadline& deadline)
      : classes_(classes),
        bound_(bound),
        deadline_(deadline),
        state_limit_(
            std::min(limits.state_limit, kMostWords / std::max<std::size_t>(classes.words(), 1))),
        forced_(classes),
        next_(classes.words()),
        here_(classes.words()),
        there_(classes.words()) {}

  Outcome run(std::uint32_t length) {
    layers_.clear();
    here_.clear();
    here_.add(classes_.start(), {});
    for (std::uint32_t depth = 0; here_.size() > 0; ++depth) {
      there_.clear();
      for (std::uint32_t i = 0; i < here_.size(); ++i) {
        const Outcome outcome = expand(i, length - depth - 1);
        if (outcome != Outcome::impossible) return outcome;
      }
      std::swap(here_, there_);
      layers_.push_back(here_.steps());
    }
    return Outcome::impossible;
  }

  [[nodiscard]] std::vector<graph::TypeId> types() const { return trace(layers_, last_); }
  [[nodiscard]] std::uint64_t states() const { return states_; }

 private:
  // Adds those successors of state i from which `left` steps may suffice.
  Outcome expand(std::uint32_t i, std::uint32_t left) {
    const ClassSet state = here_[i];
    std::vector<std::uint8_t>& ready = ready_;
    ready.assign(classes_.type_count(), 0);
    if (const auto type = forced_(state)) {
      ready[*type] = 1;
    } else {
      for_each_descending(state, [&](ClassId c) { ready[classes_.type(c)] = 1; });
    }
    for (graph::TypeId a = 0; a < ready.size(); ++a) {
      if (ready[a] == 0) continue;
      if (states_ == state_limit_) return Outcome::stopped;
      if (states_ % kStatesPerLook == 0 && deadline_.passed()) return Outcome::stopped;
      ++states_;
      classes_.advance(state, a, next_);
      if (no_members(next_)) {
        last_ = {i, a};
        return Outcome::found;
      }
      if (bound_(next_).bound <= left) there_.add(next_, {i, a});
    }
    return Outcome::impossible;
  }

  const PathClasses& classes_;
  StateBound& bound_;
  const Deadline& deadline_;
  std::uint64_t state_limit_;
  std::uint64_t states_ = 0;
  ForcedType forced_;
  std::vector<SetWord> next_;
  std::vector<std::uint8_t> ready_;
  StateLayer here_;
  StateLayer there_;
  std::vector<std::vector<Step>> layers_;
  Step last_{};
};

}  // namespace

ExactResult exact_search(const PathClasses& classes, StateBound& bound, std::uint32_t known,
                         const SearchLimits& limits, const Deadline& deadline) {
  ExactResult result;
  result.proven_bound = bound(classes.start()).bound;
  if (result.proven_bound >= known) return result;
  ExactSearch search(classes, bound, limits, deadline);
  for (; result.proven_bound < known; ++result.proven_bound) {
    const ExactSearch::Outcome outcome = search.run(result.proven_bound);
    if (outcome == ExactSearch::Outcome::found) result.types = search.types();
    if (outcome != ExactSearch::Outcome::impossible) break;
  }
  result.states = search.states();
  return result;
}

}  // namespace sheaf::batching
