// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace sheaf::memory_plan {

// The free lines of an arena; a line is tensor::kRowAlignment floats.
class FreeLines {
 public:
  // The first of `lines` consecutive free lines: in the smallest gap that is large enough, the
  // lowest of those, or above all that is taken. Takes time in the number of gaps.
  [[nodiscard]] std::uint64_t take(std::uint64_t lines);

  // Frees everything and forgets the peak.
  void clear();

  // Frees [begin, end), which was taken.
  void give(std::uint64_t begin, std::uint64_t end);

  // One more than the highest line that was ever taken.
  [[nodiscard]] std::uint64_t peak() const { return peak_; }

 private:
  struct Gap {
    std::uint64_t begin;
    std::uint64_t end;
  };
  std::vector<Gap> gaps_;  // below top_, by begin; never adjacent
  std::uint64_t top_ = 0;  // from here on all are free
  std::uint64_t peak_ = 0;
};

}  // namespace sheaf::memory_plan
