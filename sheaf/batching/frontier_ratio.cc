// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/frontier_ratio.h"

namespace sheaf::batching {

// Lanes of 8 bits, or of 32 where a node has too many operands for them.
void FrontierRatio::choose_lanes() {
  lane_bits_ = dependencies_->most_producers() < 256 ? 8 : 32;
  lanes_ = 64 / lane_bits_;
  ones_ = 0;
  for (unsigned lane = 0; lane < lanes_; ++lane) ones_ |= Word{1} << (lane * lane_bits_);
  high_ = ones_ << (lane_bits_ - 1);
  words_ = (dependencies_->type_count() + lanes_ - 1) / lanes_;
}

void FrontierRatio::find_relevant() {
  const auto types = static_cast<graph::TypeId>(dependencies_->type_count());
  types_below(*dependencies_, below_);
  const auto at = [&](graph::TypeId b, graph::TypeId a) {
    return below_[std::size_t{b} * types + a];
  };
  relevant_.assign(types * words_, 0);
  recurs_.assign(types, false);
  counted_.assign(types, false);
  asked_by_.assign(std::size_t{types} * types, false);
  for (graph::TypeId a = 0; a < types; ++a) {
    recurs_[a] = at(a, a) != 0;
    if (!recurs_[a]) continue;
    for (graph::TypeId b = 0; b < types; ++b) {
      if (at(b, a) == 0) continue;
      relevant_[b * words_ + word_of(a)] |= lane_of(a);
      counted_[b] = true;
      asked_by_[std::size_t{a} * types + b] = true;
    }
  }
}

void FrontierRatio::open(const Dependencies& dependencies, const Frontier& frontier) {
  dependencies_ = &dependencies;
  typed_.assign(dependencies.type_count(), 0);
  choose_lanes();
  find_relevant();
  blocked_.assign(dependencies.size() * words_, 0);
  for (LocalId v = 0; v < dependencies.size(); ++v) {
    if (frontier.has_run(v)) continue;
    const graph::TypeId own = dependencies.type(v);
    if (counted_[own]) count_blocked(v, frontier);
    if ((blocked_[v * words_ + word_of(own)] & lane_of(own)) == 0) ++typed_[own];
  }
}

void FrontierRatio::count_blocked(LocalId v, const Frontier& frontier) {
  const Word* relevant = &relevant_[dependencies_->type(v) * words_];
  Word* mine = &blocked_[v * words_];
  for (const LocalId u : dependencies_->producers(v)) {
    if (frontier.has_run(u)) continue;
    const graph::TypeId type = dependencies_->type(u);
    const Word* theirs = &blocked_[u * words_];
    for (std::size_t w = 0; w < words_; ++w) {
      const Word itself = w == word_of(type) ? lane_of(type) & ones_ : 0;
      mine[w] += (nonzero(theirs[w]) | itself) & relevant[w];
    }
  }
}

graph::TypeId FrontierRatio::best(const Frontier& frontier) const {
  graph::TypeId best = 0;
  std::uint64_t best_ready = 0;
  for (graph::TypeId a = 0; a < typed_.size(); ++a) {
    const std::uint64_t ready = frontier.count(a);
    if (ready == 0) continue;
    const std::uint64_t mine = ready * typed_[best];
    const std::uint64_t theirs = best_ready * typed_[a];
    if (best_ready == 0 || mine > theirs || (mine == theirs && ready > best_ready)) {
      best = a;
      best_ready = ready;
    }
  }
  return best;
}

void FrontierRatio::ran(graph::TypeId a, std::span<const LocalId> batch) {
  typed_[a] -= static_cast<std::uint32_t>(batch.size());
  if (!recurs_[a]) return;
  // The innermost loop of the policy: nothing in it is looked up twice.
  const Word lane = lane_of(a);
  const Word one = lane & ones_;
  const std::size_t words = words_;
  Word* const counts = blocked_.data() + word_of(a);
  const std::uint8_t* const asked_by = &asked_by_[a * typed_.size()];
  const Dependencies& dependencies = *dependencies_;
  std::uint32_t reached = 0;
  stack_.assign(batch.begin(), batch.end());
  while (!stack_.empty()) {
    const LocalId v = stack_.back();
    stack_.pop_back();
    // Neither v nor anything above it is an a-node that has still to run.
    for (const LocalId w : dependencies.consumers(v)) {
      const graph::TypeId type = dependencies.type(w);
      if (asked_by[type] == 0) continue;
      const Word left = counts[w * words] -= one;
      if ((left & lane) != 0) continue;
      if (type == a) {
        ++reached;
      } else {
        stack_.push_back(w);
      }
    }
  }
  typed_[a] += reached;
}

}  // namespace sheaf::batching
