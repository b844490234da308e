// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/shuffle.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "sheaf/base/philox.h"

namespace sheaf::train {
namespace {

std::vector<std::uint32_t> permutation(std::uint32_t size, std::uint64_t seed,
                                       std::string_view purpose, std::uint64_t epoch) {
  std::vector<std::uint32_t> order(size);
  std::iota(order.begin(), order.end(), 0U);
  const base::Philox random(seed, purpose);
  for (std::uint32_t i = size; i > 1; --i) {
    std::swap(order[i - 1], order[random.below(i, epoch, i)]);
  }
  return order;
}

}  // namespace

std::vector<std::uint32_t> shuffled(std::uint32_t instances, std::uint64_t seed,
                                    std::uint64_t epoch) {
  return permutation(instances, seed, "shuffle/instances", epoch);
}

std::vector<std::uint32_t> bucketed(std::span<const std::uint32_t> lengths, std::uint32_t batch,
                                    std::uint32_t pool, std::uint64_t seed, std::uint64_t epoch) {
  const auto size = static_cast<std::uint32_t>(lengths.size());
  std::vector<std::uint32_t> order = shuffled(size, seed, epoch);
  const std::size_t run = std::size_t{batch} * pool;
  for (std::size_t begin = 0; begin < order.size(); begin += run) {
    const auto end =
        order.begin() + static_cast<std::ptrdiff_t>(std::min(begin + run, order.size()));
    std::stable_sort(order.begin() + static_cast<std::ptrdiff_t>(begin), end,
                     [&](std::uint32_t a, std::uint32_t b) { return lengths[a] < lengths[b]; });
  }
  std::vector<std::uint32_t> result;
  result.reserve(order.size());
  for (const std::uint32_t i : permutation(size / batch, seed, "shuffle/minibatches", epoch)) {
    const auto begin = order.begin() + static_cast<std::ptrdiff_t>(i) * batch;
    result.insert(result.end(), begin, begin + batch);
  }
  result.insert(result.end(), order.begin() + static_cast<std::ptrdiff_t>(result.size()),
                order.end());
  return result;
}

}  // namespace sheaf::train
