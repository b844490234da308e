// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/batching/dependencies.h"
#include "sheaf/batching/schedule.h"
#include "sheaf/batching/type_components.h"

namespace sheaf::batching {

// Appends the batches of one component whose longest path has `levels` nodes; what it waits for
// outside of it has run.
//
// The height of a node is the number of nodes of its own type on the longest path from it; the
// greatest height of a type bounds the batches that it still needs. A step takes the type with the
// largest share of its highest nodes ready: where all are, the bound sinks by one. Of equals it
// stays with the type that ran last, whose weights are in the cache, else takes the one with more
// ready nodes. O(edges x types of the component).
void append_greedily(const Dependencies& dependencies, const TypeComponents& components,
                     std::uint32_t component, std::uint32_t levels, Schedule& schedule);

}  // namespace sheaf::batching
