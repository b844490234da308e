// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unordered_map>

#include "sheaf/batching/fsm_table.h"
#include "sheaf/batching/schedule.h"

namespace sheaf::batching {

// The choices of `schedule` by state; where it does not always choose the same in a state, what it
// chooses most often, of equals the first type. Throws InternalError for a schedule with a batch
// that is not all ready nodes of its type, which is none that a state machine could make.
[[nodiscard]] std::unordered_map<StateKey, FsmState> distil(const Dependencies& dependencies,
                                                            const Schedule& schedule,
                                                            StateEncoding encoding);

}  // namespace sheaf::batching
