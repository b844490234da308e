// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/search/state_bound.h"

#include <algorithm>

namespace sheaf::batching {
namespace {

// [a * types + b]: whether some b-class comes after some a-class by way of types that follow each
// other.
std::vector<std::uint8_t> types_below(const PathClasses& classes) {
  const std::size_t types = classes.type_count();
  std::vector<std::uint8_t> below(types * types, 0);
  for (ClassId c = 0; c < classes.size(); ++c) {
    for (const ClassId s : classes.successors(c))
      below[classes.type(c) * types + classes.type(s)] = 1;
  }
  for (std::size_t via = 0; via < types; ++via) {
    for (std::size_t a = 0; a < types; ++a) {
      if (below[a * types + via] == 0) continue;
      for (std::size_t b = 0; b < types; ++b) below[a * types + b] |= below[via * types + b];
    }
  }
  return below;
}

}  // namespace

StateBound::StateBound(const PathClasses& classes) : classes_(&classes) { choose_groups(); }

// Types that never come both before and after each other gain nothing together. Of the others,
// pairs are taken greedily by what they gain before the first step.
void StateBound::choose_groups() {
  const auto types = static_cast<graph::TypeId>(classes_->type_count());
  const std::vector<std::uint8_t> below = types_below(*classes_);
  std::vector<Single> all;
  for (graph::TypeId t = 0; t < types; ++t) all.push_back(heights(t));
  members_.clear();
  for_each_descending(classes_->start(), [&](ClassId c) { members_.push_back(c); });

  struct Candidate {
    graph::TypeId a;
    graph::TypeId b;
    std::uint32_t gain;
  };
  std::vector<Candidate> candidates;
  for (graph::TypeId a = 0; a < types; ++a) {
    for (graph::TypeId b = a + 1; b < types; ++b) {
      if (below[std::size_t{a} * types + b] != 0 && below[std::size_t{b} * types + a] != 0) {
        candidates.push_back({a, b, 0});
      }
    }
  }
  if (candidates.size() > 1) {
    for (Candidate& candidate : candidates) {
      candidate.gain = of(pair_table(candidate.a, candidate.b), members_).bound -
                       of(all[candidate.a], members_).bound - of(all[candidate.b], members_).bound;
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& x, const Candidate& y) { return x.gain > y.gain; });
  }
  std::vector<std::uint8_t> taken(types, 0);
  for (const Candidate& candidate : candidates) {
    if (taken[candidate.a] != 0 || taken[candidate.b] != 0) continue;
    taken[candidate.a] = taken[candidate.b] = 1;
    pairs_.push_back(pair_table(candidate.a, candidate.b));
  }
  for (graph::TypeId t = 0; t < types; ++t) {
    if (taken[t] == 0) singles_.push_back(std::move(all[t]));
  }
}

StateBound::Single StateBound::heights(graph::TypeId type) const {
  Single single{type, std::vector<Length>(classes_->size(), 0)};
  for (ClassId c = 0; c < classes_->size(); ++c) {
    Length height = 0;
    for (const ClassId s : classes_->successors(c)) height = std::max(height, single.height[s]);
    single.height[c] = static_cast<Length>(height + (classes_->type(c) == type ? 1 : 0));
  }
  return single;
}

StateBound::Pair StateBound::pair_table(graph::TypeId a, graph::TypeId b) const {
  const std::size_t n = classes_->size() + 1;
  Pair pair{a, b, n, std::vector<Length>(n * n, 0)};
  const auto at = [&](std::size_t u, std::size_t v) -> Length& { return pair.table[u * n + v]; };
  const auto of_pair = [&](graph::TypeId t) { return t == a || t == b; };
  std::vector<Length> after(n);  // [v]: max over u' of L(u', v)
  for (std::size_t u = 1; u < n; ++u) {
    const auto u_type = classes_->type(static_cast<ClassId>(u - 1));
    std::copy_n(&at(0, 0), u, after.begin());
    after[u] = 0;
    for (const ClassId s : classes_->successors(static_cast<ClassId>(u - 1))) {
      const Length* row = &at(s + 1, 0);
      for (std::size_t v = 0; v <= u; ++v) after[v] = std::max(after[v], row[v]);
    }
    const auto set = [&](std::size_t v, std::uint32_t value) {
      at(u, v) = at(v, u) = static_cast<Length>(value);
    };
    set(0, after[0] + (of_pair(u_type) ? 1 : 0));
    for (std::size_t v = 1; v <= u; ++v) {
      const auto v_type = classes_->type(static_cast<ClassId>(v - 1));
      const auto v_after = classes_->successors(static_cast<ClassId>(v - 1));
      if (u_type == v_type && (of_pair(u_type) || u == v)) {
        Length most = after[0];
        for (const ClassId s : v_after) most = std::max(most, after[s + 1]);
        set(v, most + (of_pair(u_type) ? 1 : 0));
      } else if (!of_pair(u_type)) {
        set(v, after[v]);
      } else {
        Length most = at(u, 0);
        for (const ClassId s : v_after) most = std::max(most, at(u, s + 1));
        set(v, of_pair(v_type) ? 1 + std::min(after[v], most) : most);
      }
    }
  }
  return pair;
}

StateBound::Estimate StateBound::of(const Single& single, std::span<const ClassId> members) {
  Estimate estimate;
  for (const ClassId c : members) {
    estimate.bound = std::max<std::uint32_t>(estimate.bound, single.height[c]);
    estimate.total += single.height[c];
  }
  return estimate;
}

StateBound::Estimate StateBound::of(const Pair& pair, std::span<const ClassId> members) {
  Estimate estimate;
  for (const ClassId u : members) {
    const Length* row = pair.row(u + 1) + 1;
    std::uint32_t most = 0;
    for (const ClassId v : members) most = std::max<std::uint32_t>(most, row[v]);
    estimate.bound = std::max(estimate.bound, most);
    estimate.total += most;
  }
  return estimate;
}

StateBound::Estimate StateBound::operator()(ClassSet state) {
  members_.clear();
  for_each_descending(state, [&](ClassId c) { members_.push_back(c); });
  Estimate estimate;
  const auto add = [&](const Estimate& part) {
    estimate.bound += part.bound;
    estimate.total += part.total;
  };
  for (const Pair& pair : pairs_) add(of(pair, members_));
  for (const Single& single : singles_) add(of(single, members_));
  return estimate;
}

std::vector<std::pair<graph::TypeId, graph::TypeId>> StateBound::pairs() const {
  std::vector<std::pair<graph::TypeId, graph::TypeId>> pairs;
  for (const Pair& pair : pairs_) pairs.emplace_back(pair.a, pair.b);
  return pairs;
}

std::uint32_t tightened_lower_bound(const Dependencies& dependencies) {
  const PathClasses classes(dependencies);
  if (!classes.complete()) return lower_bound(dependencies);
  return StateBound(classes)(classes.start()).bound;
}

}  // namespace sheaf::batching
