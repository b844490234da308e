// SPDX-License-Identifier: Apache-2.0
//
// Measures what batches take on this machine: where the table of policy `cost` comes from.
#pragma once

#include <cstdint>
#include <string>

#include "sheaf/base/clock.h"
#include "sheaf/batching/cost_table.h"
#include "sheaf/graph/network.h"

namespace sheaf::engine {

struct CalibrateOptions {
  std::string isa = "auto";
  std::uint32_t most_rows = 128;  // of a batch: 1, 2, 4, ... are measured, fewer of large cells
  std::uint32_t samples = 7;      // of each figure, which is their median
  double sample_ns = 50'000;      // a sample runs at least so long, if need be several times
};

// Runs batches of every type of `network` on operands that are gathered, with weights of its
// shapes (its own are not touched and need not have values). Types that no graph can hold, since
// no type makes their operands, get the curve of nothing. `clock` should have a resolution well
// below sample_ns. Throws UnsupportedError when the backend lacks a kernel.
[[nodiscard]] batching::CostTable calibrate(const graph::Network& network, const base::Clock& clock,
                                            const CalibrateOptions& options = {});

}  // namespace sheaf::engine
