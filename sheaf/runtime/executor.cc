// SPDX-License-Identifier: Apache-2.0
#include "sheaf/runtime/executor.h"

#include "sheaf/base/error.h"

namespace sheaf::runtime {

void require_support(const Backend& backend, const memory_plan::CompiledNetwork& network) {
  for (const memory_plan::CompiledType& type : network.types) {
    const Support support = backend.supports(*type.cell);
    if (support.ok) continue;
    throw base::UnsupportedError({.place = "cell " + type.cell->name,
                                  .what = "backend " + std::string(backend.name()),
                                  .got = support.reason});
  }
}

void execute(const memory_plan::MemoryPlan& plan, std::size_t first_batch, Backend& backend) {
  backend.reserve(plan.arena_floats);
  for (std::size_t b = first_batch; b < plan.batches.size(); ++b) {
    backend.run(plan, plan.batches[b]);
  }
}

}  // namespace sheaf::runtime
