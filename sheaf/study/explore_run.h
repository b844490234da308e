// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "sheaf/study/explore_file.h"

namespace sheaf::study {

struct ExploreOptions {
  std::string space;  // a file
  std::string out;    // of results; empty: none is written
  Shard shard;
  std::uint64_t limit = kMostDesigns;
  std::uint32_t threads = 1;
  // Called now and then with how many of how many designs are done.
  std::function<void(std::size_t, std::size_t)> progress;
};

// Evaluates the designs of the shard that `out` does not have yet, some hundreds at a time, which
// are then appended to it. All that is known afterwards, sorted by design.
[[nodiscard]] Results explore(const ExploreOptions& options);

// Writes all of them anew.
void write_results(const Results& results, const std::string& path);

}  // namespace sheaf::study
