// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/hoisting.h"

#include <utility>

namespace sheaf::memory_plan {
namespace {

// A window of `batches` batches with `rows` rows in all.
bool pays(Hoist hoist, const SplitCell& split, std::uint32_t batches, std::uint32_t rows) {
  if (batches < 2) return false;
  return hoist == Hoist::on || rows <= few_rows(split.weight_bytes) * batches;
}

}  // namespace

void Hoisting::choose(const batching::Schedule& schedule, const CompiledNetwork& network,
                      Hoist hoist) {
  any_ = false;
  if (hoist == Hoist::off || !network.any_split) return;
  link(schedule, network);
  const auto size = [&](std::uint32_t batch) { return schedule.batches[batch].size(); };
  for (std::uint32_t b = 0; b < schedule.batches.size(); ++b) {
    const SplitCell* const split = network.types[schedule.batches[b].type].split.get();
    if (split == nullptr || first_[b] != b) continue;
    std::uint32_t rows = size(b);
    std::uint32_t batches = 1;
    std::uint32_t last = b;
    for (std::uint32_t c = next_[b]; c != kNone && rows + size(c) <= kPrefixRows; c = next_[c]) {
      rows += size(c);
      ++batches;
      last = c;
    }
    const bool hoisted = pays(hoist, *split, batches, rows);
    any_ |= hoisted;
    const std::uint32_t end = next_[last];
    for (std::uint32_t c = b; c != end; c = next_[c]) first_[c] = hoisted ? b : kNone;
    next_[last] = kNone;
  }
}

// Every batch of a split type is the first of its window, until it is known to belong to another.
void Hoisting::link(const batching::Schedule& schedule, const CompiledNetwork& network) {
  const auto count = static_cast<std::uint32_t>(schedule.batches.size());
  first_.assign(count, kNone);
  next_.assign(count, kNone);
  next_of_type_.assign(network.types.size(), kNone);
  for (std::uint32_t b = count; b-- > 0;) {
    const graph::TypeId type = schedule.batches[b].type;
    if (network.types[type].split == nullptr) continue;
    first_[b] = b;
    next_[b] = std::exchange(next_of_type_[type], b);
  }
}

}  // namespace sheaf::memory_plan
