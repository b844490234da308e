// SPDX-License-Identifier: Apache-2.0
//
// How many batches what is left of a problem needs at least.
//
// Of one type t: the largest number h_t of t-nodes on one path (ED-Batch, ICML 2023, appendix A.3).
// Of two types {a, b}: drop all other types from every path; the batches of types a and b, in
// order, are a common supersequence of what remains. L(u, v), a number that no common supersequence
// of the strings that start at classes u and v can beat, follows from what its first letter may be,
// a letter that neither begins with being wasted:
//
//   type(u) not in {a, b}:  L(u, v) = max over u' of L(u', v), and likewise for v
//   type(u) == type(v):     L(u, v) = 1 + max over u', v' of L(u', v')
//   otherwise:              L(u, v) = 1 + min(max over u' of L(u', v), max over v' of L(u, v'))
//
// u' being a successor of u or nothing, for which L is the longest of the other's strings. It holds
// by induction: after a first letter that u begins with, the strings of each u' have still to be
// matched. It is never below h_a + h_b of (u, v), by the same induction. Every batch has one type,
// so that bounds of disjoint groups of types may be added up.
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/batching/search/path_classes.h"

namespace sheaf::batching {

class StateBound {
 public:
  // `classes` is complete and outlives this. Takes O(classes^2) time and memory.
  explicit StateBound(const PathClasses& classes);

  struct Estimate {
    std::uint32_t bound = 0;  // of the batches that are still needed
    std::uint64_t total = 0;  // sum of the members' own bounds: of two states of one bound, the one
                              // with the smaller total has fewer paths in its way
  };
  [[nodiscard]] Estimate operator()(ClassSet state);

  // The types whose bound is taken together.
  [[nodiscard]] std::vector<std::pair<graph::TypeId, graph::TypeId>> pairs() const;

 private:
  // Neither is above twice the number of classes.
  using Length = std::uint16_t;
  static_assert(2 * PathClasses::kMostClasses < 1U << 16);

  struct Single {
    graph::TypeId type;
    std::vector<Length> height;  // by class
  };
  struct Pair {
    graph::TypeId a;
    graph::TypeId b;
    std::size_t stride;
    std::vector<Length> table;  // [u + 1][v + 1]; 0 stands for nothing

    [[nodiscard]] const Length* row(std::size_t u) const { return &table[u * stride]; }
  };

  [[nodiscard]] Single heights(graph::TypeId type) const;
  [[nodiscard]] Pair pair_table(graph::TypeId a, graph::TypeId b) const;
  [[nodiscard]] static Estimate of(const Single& single, std::span<const ClassId> members);
  [[nodiscard]] static Estimate of(const Pair& pair, std::span<const ClassId> members);
  void choose_groups();

  const PathClasses* classes_;
  std::vector<Single> singles_;
  std::vector<Pair> pairs_;
  std::vector<ClassId> members_;
};

// A number of batches that no schedule can beat, never below lower_bound(): types that mix are
// bounded in pairs. Equal to lower_bound() where there are more than PathClasses::kMostClasses.
[[nodiscard]] std::uint32_t tightened_lower_bound(const Dependencies& dependencies);

}  // namespace sheaf::batching
