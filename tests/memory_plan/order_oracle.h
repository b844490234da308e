// SPDX-License-Identifier: Apache-2.0
//
// What a PQ tree is held against: the number of orders in which every set is consecutive, from a
// dynamic programme over the prefixes of an order. Sets are bit masks.
#pragma once

#include <cstdint>
#include <vector>

namespace sheaf::test {

// While a set has begun and is not complete, the next leaf must be one of its own.
inline std::uint64_t count_orders(std::uint32_t leaves, const std::vector<std::uint32_t>& sets) {
  const std::uint32_t all = (1U << leaves) - 1;
  std::vector<std::uint64_t> orders(std::size_t{all} + 1, 0);  // that complete a prefix
  orders[all] = 1;
  for (std::uint32_t prefix = all; prefix-- > 0;) {
    std::uint32_t next = all & ~prefix;
    for (const std::uint32_t set : sets) {
      const std::uint32_t begun = prefix & set;
      if (begun != 0 && begun != set) next &= set;
    }
    for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) {
      if ((next >> leaf & 1U) != 0) orders[prefix] += orders[prefix | 1U << leaf];
    }
  }
  return orders[0];
}

inline std::vector<std::uint32_t> leaves_of(std::uint32_t mask) {
  std::vector<std::uint32_t> leaves;
  for (std::uint32_t leaf = 0; leaf < 32; ++leaf) {
    if ((mask >> leaf & 1U) != 0) leaves.push_back(leaf);
  }
  return leaves;
}

inline bool is_consecutive(const std::vector<std::uint32_t>& order, std::uint32_t set) {
  int runs = 0;
  bool inside = false;
  for (const std::uint32_t leaf : order) {
    const bool now = (set >> leaf & 1U) != 0;
    if (now && !inside) ++runs;
    inside = now;
  }
  return runs == 1;
}

}  // namespace sheaf::test
