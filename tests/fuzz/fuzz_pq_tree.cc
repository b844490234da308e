// SPDX-License-Identifier: Apache-2.0
//
// The first byte is a number of leaves, 1 to 12; every two bytes after it are a set. Whatever the
// sets, the tree permits as many orders as the dynamic programme counts, keeps every accepted set
// together in its frontier, holds together, and is as it was when a set is refused.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "sheaf/base/error.h"
#include "sheaf/memory_plan/pq_tree.h"
#include "tests/memory_plan/order_oracle.h"

namespace {

constexpr std::size_t kMostSets = 24;
constexpr std::uint32_t kFewLeaves = 8;  // every refusal is proved for these

void holds(bool condition) {
  if (!condition) std::abort();
}

bool reduce(sheaf::memory_plan::PqTree& tree, std::uint32_t set) {
  const bool empty = set == 0;
  try {
    const bool done = tree.reduce(sheaf::test::leaves_of(set));
    holds(!empty);
    return done;
  } catch (const sheaf::base::UsageError&) {
    holds(empty);  // the only fault that these sets can have
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint32_t leaves = 1 + data[0] % 12U;
  sheaf::memory_plan::PqTree tree(leaves);
  std::vector<std::uint32_t> accepted;
  for (std::size_t i = 1; i + 1 < size && i < 2 * kMostSets; i += 2) {
    const std::uint32_t set = (data[i] | data[i + 1] << 8U) & ((1U << leaves) - 1);
    const std::string before = tree.to_string();
    const bool done = reduce(tree, set);
    tree.verify();
    if (done) accepted.push_back(set);
    holds(done || tree.to_string() == before);
    if (done || set == 0 || leaves > kFewLeaves) continue;
    std::vector<std::uint32_t> refused = accepted;
    refused.push_back(set);
    holds(sheaf::test::count_orders(leaves, refused) == 0);
  }
  holds(tree.order_count() == sheaf::test::count_orders(leaves, accepted));
  const std::vector<std::uint32_t> frontier = tree.frontier();
  for (const std::uint32_t set : accepted) {
    holds(sheaf::test::is_consecutive(frontier, set));
  }
  return 0;
}
