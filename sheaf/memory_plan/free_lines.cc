// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/free_lines.h"

#include <algorithm>

namespace sheaf::memory_plan {

std::uint64_t FreeLines::take(std::uint64_t lines) {
  if (!given_.empty()) merge_given();
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
  given_.clear();
  top_ = 0;
  peak_ = 0;
}

void FreeLines::merge_given() {
  const auto is_lower = [](const Gap& a, const Gap& b) { return a.begin < b.begin; };
  std::sort(given_.begin(), given_.end(), is_lower);
  merged_.clear();
  auto gap = gaps_.begin();
  auto given = given_.begin();
  while (gap != gaps_.end() || given != given_.end()) {
    const bool from_gaps =
        given == given_.end() || (gap != gaps_.end() && gap->begin < given->begin);
    const Gap next = from_gaps ? *gap++ : *given++;
    if (!merged_.empty() && merged_.back().end == next.begin) {
      merged_.back().end = next.end;
    } else {
      merged_.push_back(next);
    }
  }
  given_.clear();
  gaps_.swap(merged_);
  merged_.reserve(gaps_.capacity());  // so that neither has to grow when they change places
  if (gaps_.back().end == top_) {
    top_ = gaps_.back().begin;
    gaps_.pop_back();
  }
}

}  // namespace sheaf::memory_plan
