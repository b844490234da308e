// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/free_lines.h"

#include <algorithm>

namespace sheaf::memory_plan {

std::uint64_t FreeLines::take(std::uint64_t lines) {
  for (auto gap = gaps_.begin(); gap != gaps_.end(); ++gap) {
    if (gap->end - gap->begin < lines) continue;
    const std::uint64_t begin = gap->begin;
    gap->begin += lines;
    if (gap->begin == gap->end) gaps_.erase(gap);
    return begin;
  }
  const std::uint64_t begin = top_;
  top_ += lines;
  peak_ = std::max(peak_, top_);
  return begin;
}

void FreeLines::clear() {
  gaps_.clear();
  top_ = 0;
  peak_ = 0;
}

void FreeLines::give(std::uint64_t begin, std::uint64_t end) {
  const auto after =
      std::lower_bound(gaps_.begin(), gaps_.end(), begin,
                       [](const Gap& gap, std::uint64_t b) { return gap.begin < b; });
  const bool joins_after = after != gaps_.end() && after->begin == end;
  const bool joins_before = after != gaps_.begin() && (after - 1)->end == begin;
  if (joins_before && joins_after) {
    (after - 1)->end = after->end;
    gaps_.erase(after);
  } else if (joins_before) {
    (after - 1)->end = end;
  } else if (joins_after) {
    after->begin = begin;
  } else {
    gaps_.insert(after, {begin, end});
  }
  if (gaps_.back().end == top_) {
    top_ = gaps_.back().begin;
    gaps_.pop_back();
  }
}

}  // namespace sheaf::memory_plan
