// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sheaf::engine {

// How large numbers were: a histogram of their magnitudes with 128 bins to every power of two. Does
// not depend on their order.
class Magnitudes {
 public:
  // Throws DataError for what is not finite.
  void add(std::span<const float> values);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] float largest() const { return largest_; }

  // The least upper end of a bin below which `percent` of all magnitudes lie, but not above the
  // largest; of 100: the largest. 0 < percent <= 100.
  [[nodiscard]] float percentile(double percent) const;

 private:
  std::vector<std::uint64_t> bins_;
  std::uint64_t count_ = 0;
  float largest_ = 0;
};

}  // namespace sheaf::engine
