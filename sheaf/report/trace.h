// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "sheaf/runtime/profile.h"

namespace sheaf::report {

// One session's slices: a process of the trace.
struct TraceLane {
  std::string name;
  const runtime::Profile* profile;
};

// Hands a trace to `write`, piece by piece: JSON of the Trace Event Format, as ui.perfetto.dev and
// chrome://tracing read it. Complete events ("X") for stages, nested by time, in thread 1, for
// those that a helper did in thread 2; counters ("C") of ready nodes and live bytes. A batch is
// named after its type and has in its arguments cell, rows, gathered bytes, flops and GFLOP/s.
// Times are microseconds since the first slice. "otherData" says how many slices were dropped.
void write_trace(std::span<const TraceLane> lanes,
                 const std::function<void(std::string_view)>& write);

}  // namespace sheaf::report
