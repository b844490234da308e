// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sheaf/batching/search/limits.h"
#include "sheaf/batching/search/path_classes.h"
#include "sheaf/batching/search/state_bound.h"

namespace sheaf::batching {

// The types of a short schedule: of every step, the `width` states with the smallest bounds are
// followed; of equals those with the smaller total, then those found first. From the deadline on
// only one is.
[[nodiscard]] std::vector<graph::TypeId> beam_search(const PathClasses& classes, StateBound& bound,
                                                     std::uint32_t width, const Deadline& deadline);

}  // namespace sheaf::batching
