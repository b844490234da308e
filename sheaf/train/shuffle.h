// SPDX-License-Identifier: Apache-2.0
//
// In which order the instances of an epoch come. A function of (seed, epoch) and nothing else: a
// run that is resumed goes on in the order in which it began.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sheaf::train {

// A permutation of 0, ..., instances - 1, each equally likely but for a bias below
// instances^2 / 2^64 (Fisher and Yates with Philox).
[[nodiscard]] std::vector<std::uint32_t> shuffled(std::uint32_t instances, std::uint64_t seed,
                                                  std::uint64_t epoch);

// The same order, but minibatches hold instances of similar length: each run of `pool` minibatches
// of `batch` instances is sorted by length, and then the minibatches are shuffled (all but a last
// one that is not full). `lengths` by instance; batch > 0, pool > 0. Batching across instances does
// not need it.
[[nodiscard]] std::vector<std::uint32_t> bucketed(std::span<const std::uint32_t> lengths,
                                                  std::uint32_t batch, std::uint32_t pool,
                                                  std::uint64_t seed, std::uint64_t epoch);

}  // namespace sheaf::train
