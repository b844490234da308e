// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/nearest.h"

#include <algorithm>
#include <vector>

namespace sheaf::base {

unsigned edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table: a swap looks two rows back.
  std::vector<unsigned> before(b.size() + 1);
  std::vector<unsigned> last(b.size() + 1);
  std::vector<unsigned> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<unsigned>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = static_cast<unsigned>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const unsigned replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string suggest(std::string_view word, std::span<const std::string> names) {
  const std::string* best = nullptr;
  unsigned distance = 0;
  for (const std::string& name : names) {
    const unsigned d = edit_distance(word, name);
    if (best == nullptr || d < distance) {
      best = &name;
      distance = d;
    }
  }
  // More edits than half the word is a different word, not a slip.
  if (best != nullptr && distance * 2 <= std::max(word.size(), best->size())) {
    return "did you mean '" + *best + "'?";
  }
  std::string all = "known are";
  for (const std::string& name : names) all += " '" + name + "'";
  return all;
}

}  // namespace sheaf::base
