// SPDX-License-Identifier: Apache-2.0
//
// A batching problem reduced to its strings.
//
// A sequence of types runs a whole graph exactly when the types of every path, from a node that
// waits for none to one that nothing waits for, are a subsequence of it: a node runs at the first
// mention of its type after the last of its operands, so the step at which it runs is the latest of
// the greedy matches of the paths that end at it. A shortest schedule is thus a shortest common
// supersequence of the paths' strings. (ED-Batch, ICML 2023, appendix A.1, uses one direction of
// this, to show that the problem is NP-hard.)
//
// Hence nodes may be merged, and left out, as long as the strings stay the same but for
// subsequences of others. Nodes with the same strings below them are one class. Class u is
// *covered* by class v when each string that starts at u is a subsequence of one that starts at v;
// what is used is a simulation, which is sufficient for it and easy to compute:
//   - some successor of v covers u, or
//   - u and v are of one type and every successor of u is covered by some successor of v.
// What has still to run is then a set of classes none of which covers another: the strings that
// start at them. Running type a replaces its a-classes by their successors (advance()). Of a
// minibatch, few instances are not covered by others, and only these have classes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/batching/dependencies.h"
#include "sheaf/batching/search/class_set.h"

namespace sheaf::batching {

class PathClasses {
 public:
  static constexpr std::size_t kMostClasses = 4096;

  // O(nodes x classes) time, O(classes^2) memory; nothing is kept when there are more than `most`.
  explicit PathClasses(const Dependencies& dependencies, std::size_t most = kMostClasses);

  // False when there were too many; then nothing else may be asked.
  [[nodiscard]] bool complete() const { return complete_; }

  // Successors of a class have smaller ids, and none covers another.
  [[nodiscard]] std::size_t size() const { return types_.size(); }
  [[nodiscard]] std::size_t type_count() const { return type_count_; }
  [[nodiscard]] std::size_t words() const { return set_words(size()); }
  [[nodiscard]] graph::TypeId type(ClassId c) const { return types_[c]; }
  [[nodiscard]] std::span<const ClassId> successors(ClassId c) const {
    return {successors_.data() + begin_[c], begin_[c + 1] - begin_[c]};
  }
  // Classes that c covers, itself included.
  [[nodiscard]] ClassSet covered_by(ClassId c) const { return covered_[c].first(words()); }
  // Classes that some successor of c covers.
  [[nodiscard]] ClassSet covered_below(ClassId c) const { return below_[c].first(words()); }

  // What has to run before the first step.
  [[nodiscard]] ClassSet start() const { return start_; }

  // What is left of `state` when all that is ready of `type` has run. `next` may not be `state`.
  void advance(ClassSet state, graph::TypeId type, MutableClassSet next) const;

 private:
  void build(const Dependencies& dependencies, std::size_t most);
  [[nodiscard]] ClassId class_of(graph::TypeId type, std::vector<ClassId>& successors);
  [[nodiscard]] ClassId find(graph::TypeId type, std::span<const ClassId> successors) const;
  [[nodiscard]] ClassId cover(ClassId v);
  void unite_over(ClassSet alike, MutableClassSet over) const;
  [[nodiscard]] bool covers(const Dependencies& dependencies, std::span<const LocalId> part,
                            std::vector<std::uint32_t>& place) const;
  [[nodiscard]] bool all_in(ClassId c, ClassSet set) const;
  void resize(std::size_t size);
  void reduce(MutableClassSet state) const;

  std::size_t type_count_;
  bool complete_ = true;
  std::vector<graph::TypeId> types_;
  std::vector<std::size_t> begin_ = {0};
  std::vector<ClassId> successors_;
  std::vector<std::vector<ClassId>> led_by_;  // classes by their first successor ...
  std::vector<ClassId> last_;                 // ... and those without one
  ClassSets of_type_;                         // classes by type
  ClassSets covered_;
  ClassSets below_;
  ClassSets over_;  // the transpose of below_: classes some successor of which covers c
  std::vector<SetWord> start_;
};

}  // namespace sheaf::batching
