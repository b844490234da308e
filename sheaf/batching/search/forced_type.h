// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "sheaf/batching/search/path_classes.h"

namespace sheaf::batching {

// A type with which some shortest schedule goes on (ED-Batch, ICML 2023, lemma 2.1, made a little
// wider). Type a is one when, for every path that begins with another type and has an a in it,
// the part from its first a on is covered by what lies below some ready a-node.
//
// For let p a q be a shortest schedule with no a in p; then a p q is one too. A path a t: t is in q
// and so in p q. A path x a y with no a in x: as some path a z with a y in z is matched by p a q, z
// is in q, and so is a y. If x is matched within p, x a y is in p q. If not, x is matched in p q
// where it was in p a q, a not being in x, and a y behind it.
class ForcedType {
 public:
  // `classes` is complete and outlives this.
  explicit ForcedType(const PathClasses& classes);

  [[nodiscard]] std::optional<graph::TypeId> operator()(ClassSet state);

 private:
  [[nodiscard]] bool forced(ClassSet state, graph::TypeId a);

  const PathClasses* classes_;
  ClassSets first_;  // [c * types + a]: the first a-classes on the paths below c
  std::vector<SetWord> below_ready_;
};

}  // namespace sheaf::batching
