// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/runtime/backend.h"

namespace sheaf::runtime {

// Throws UnsupportedError with the backend's reason when it cannot run one of the cells.
void require_support(const Backend& backend, const memory_plan::CompiledNetwork& network);

// Reserves the arena and runs the batches of `plan` from `first_batch` on, in order.
void execute(const memory_plan::MemoryPlan& plan, std::size_t first_batch, Backend& backend);

}  // namespace sheaf::runtime
