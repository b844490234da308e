// SPDX-License-Identifier: Apache-2.0
//
// One graph under several schedules, side by side, so that a person sees why one needs fewer
// batches.
#pragma once

#include <span>
#include <string>

#include "sheaf/batching/schedule.h"

namespace sheaf::report {

struct ScheduleView {
  std::string title;
  const batching::Schedule* schedule;
};

// SVG: a node at each cell call, coloured and numbered by batch, operands as lines, results above
// what they are made of. A call that reads one other and is read by none (a head) is a square
// beside it.
[[nodiscard]] std::string to_svg(const graph::Graph& graph, std::span<const ScheduleView> views,
                                 const std::string& title);

// For terminals: the batches of each schedule, one per line, with a mark per node; the schedules
// side by side.
[[nodiscard]] std::string to_text(const graph::Graph& graph, std::span<const ScheduleView> views);

}  // namespace sheaf::report
