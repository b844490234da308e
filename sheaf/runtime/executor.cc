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

void execute(const memory_plan::MemoryPlan& plan, std::size_t first_batch, Backend& backend,
             Profile* profile) {
  backend.reserve(plan.arena_floats);
  for (std::size_t b = first_batch; b < plan.batches.size(); ++b) {
    const std::uint64_t begin = profile == nullptr ? 0 : profile->now_ns();
    const auto* const prefix = plan.prefix_before(plan.batches[b]);
    if (prefix != nullptr) backend.run(plan, *prefix);
    backend.run(plan, plan.batches[b]);
    if (profile != nullptr) profile->add_batch(plan, b, begin, profile->now_ns());
  }
}

}  // namespace sheaf::runtime
