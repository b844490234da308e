// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/search/forced_type.h"

#include <algorithm>

namespace sheaf::batching {

ForcedType::ForcedType(const PathClasses& classes)
    : classes_(&classes),
      first_(classes.words(), classes.size() * classes.type_count()),
      below_ready_(classes.words()) {
  const std::size_t types = classes.type_count();
  for (ClassId c = 0; c < classes.size(); ++c) {
    for (const ClassId s : classes.successors(c)) {
      for (graph::TypeId a = 0; a < types; ++a) {
        const MutableClassSet mine = first_[c * types + a];
        if (classes.type(s) == a) {
          put_in(mine, s);
        } else {
          unite(mine, first_[s * types + a]);
        }
      }
    }
  }
}

bool ForcedType::forced(ClassSet state, graph::TypeId a) {
  std::ranges::fill(below_ready_, 0);
  bool ready = false;
  for_each_descending(state, [&](ClassId c) {
    if (classes_->type(c) != a) return;
    unite(below_ready_, classes_->covered_below(c));
    ready = true;
  });
  if (!ready) return false;
  bool forced = true;
  for_each_descending(state, [&](ClassId c) {
    if (!forced || classes_->type(c) == a) return;
    forced = subset(first_[c * classes_->type_count() + a], below_ready_);
  });
  return forced;
}

std::optional<graph::TypeId> ForcedType::operator()(ClassSet state) {
  for (graph::TypeId a = 0; a < classes_->type_count(); ++a) {
    if (forced(state, a)) return a;
  }
  return std::nullopt;
}

}  // namespace sheaf::batching
