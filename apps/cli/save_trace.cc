// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/save_trace.h"

#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "sheaf/io/file_writer.h"

namespace sheaf::cli {

void save_trace(const std::string& path, std::span<const report::TraceLane> lanes) {
  io::FileWriter file(path);
  report::write_trace(lanes, [&](std::string_view text) { file.append(text); });
  file.commit();
  std::uint64_t dropped = 0;
  for (const report::TraceLane& lane : lanes) dropped += lane.profile->dropped();
  if (dropped > 0) {
    fmt::print(stderr, "sheaf: {}: {} slices after the first {} are not in the trace\n", path,
               dropped, runtime::Profile::kMostSlices);
  }
}

}  // namespace sheaf::cli
