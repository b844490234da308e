// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace sheaf::memory_plan {

// The free lines of an arena; a line is tensor::kRowAlignment floats. Holds memory that is used
// again.
class FreeLines {
 public:
  // The first of `lines` consecutive free lines: in the lowest gap that is large enough, or above
  // all that is taken. O(gaps); in all O(k log k) more for k ranges that were given since the last
  // call.
  [[nodiscard]] std::uint64_t take(std::uint64_t lines);

  // Frees everything and forgets the peak.
  void clear();

  // Frees [begin, end), which was taken.
  void give(std::uint64_t begin, std::uint64_t end) {
    if (!given_.empty() && given_.back().end == begin) {
      given_.back().end = end;
    } else {
      given_.push_back({begin, end});
    }
  }

  // One more than the highest line that was ever taken.
  [[nodiscard]] std::uint64_t peak() const { return peak_; }

 private:
  struct Gap {
    std::uint64_t begin;
    std::uint64_t end;
  };
  void merge_given();

  std::vector<Gap> gaps_;    // below top_, by begin; never adjacent
  std::vector<Gap> given_;   // and not among the gaps yet: batches free many ranges at once
  std::vector<Gap> merged_;  // while they are merged
  std::uint64_t top_ = 0;    // from here on all are free
  std::uint64_t peak_ = 0;
};

}  // namespace sheaf::memory_plan
