// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/runtime/backend.h"
#include "sheaf/runtime/profile.h"

namespace sheaf::runtime {

// Throws UnsupportedError with the backend's reason when it cannot run one of the cells.
void require_support(const Backend& backend, const memory_plan::CompiledNetwork& network);

// Reserves the arena and runs the batches of `plan` from `first_batch` on, in order. A slice per
// batch goes to `profile`, where there is one.
void execute(const memory_plan::MemoryPlan& plan, std::size_t first_batch, Backend& backend,
             Profile* profile = nullptr);

}  // namespace sheaf::runtime
