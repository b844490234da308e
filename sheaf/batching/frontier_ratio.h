// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/batching/frontier.h"

namespace sheaf::batching {

// |Frontier_a(G)| / |Frontier(G^a)| for every type a, kept while a schedule is made. Frontier(G^a)
// are the a-nodes that wait for no other a-node, through whatever path; where the ratio is 1,
// taking a is part of some shortest schedule (ED-Batch, lemma 2.1; its equation 1 prints the ratio
// upside down).
//
// Kept incrementally: blocked(v, a) counts the operands of v behind which an a-node has not run. It
// reaches zero once, so each (edge, type) is touched once in a whole schedule: O(edges x types),
// nothing per step. The counts of a node are lanes of one or more machine words, eight types to a
// word as a rule, so that the types of an edge are added up together.
//
// A value: a copy is a snapshot.
class FrontierRatio {
 public:
  FrontierRatio() = default;
  FrontierRatio(const Dependencies& dependencies, const Frontier& frontier) {
    open(dependencies, frontier);
  }

  // From any point of a schedule: `frontier` says what has run. Keeps memory.
  void open(const Dependencies& dependencies, const Frontier& frontier);

  // |Frontier(G^a)|.
  [[nodiscard]] std::uint32_t typed_count(graph::TypeId a) const { return typed_[a]; }

  [[nodiscard]] float ratio(const Frontier& frontier, graph::TypeId a) const {
    return static_cast<float>(frontier.count(a)) / static_cast<float>(typed_[a]);
  }

  // The type with the highest ratio; of equals the one with more ready nodes, then the first.
  [[nodiscard]] graph::TypeId best(const Frontier& frontier) const;

  // To be told of every batch that ran.
  void ran(graph::TypeId a, std::span<const LocalId> batch);

 private:
  using Word = std::uint64_t;

  void choose_lanes();
  void find_relevant();
  void count_blocked(LocalId v, const Frontier& frontier);
  // 1 in each lane that is not 0.
  [[nodiscard]] Word nonzero(Word counts) const {
    const Word low_bits = high_ - ones_;
    return ((((counts & low_bits) + low_bits) | counts) & high_) >> (lane_bits_ - 1);
  }
  [[nodiscard]] std::size_t word_of(graph::TypeId a) const { return a / lanes_; }
  // All bits of the lane of a.
  [[nodiscard]] Word lane_of(graph::TypeId a) const {
    return (~Word{0} >> (64 - lane_bits_)) << (a % lanes_ * lane_bits_);
  }

  const Dependencies* dependencies_ = nullptr;
  std::vector<std::uint8_t> below_;  // types_below()
  unsigned lane_bits_ = 8;
  unsigned lanes_ = 8;                 // per word
  Word ones_ = 0;                      // 1 in each lane
  Word high_ = 0;                      // the highest bit of each lane
  std::size_t words_ = 1;              // per node
  std::vector<std::uint8_t> recurs_;   // by type: whether one of its nodes can come after another
  std::vector<std::uint8_t> counted_;  // by type: whether it has any count to keep
  std::vector<std::uint8_t>
      asked_by_;  // [a][b]: whether a, which recurs, may be the type of a b-node or of one below
  std::vector<Word>
      relevant_;  // by type: lanes of the recurring types that it or what lies below it may be
  std::vector<Word> blocked_;  // by node
  std::vector<std::uint32_t> typed_;
  std::vector<LocalId> stack_;
};

}  // namespace sheaf::batching
