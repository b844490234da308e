// SPDX-License-Identifier: Apache-2.0
//
// What cells and graphs mean, op by op in double precision and as plainly as can be: what the
// engine is compared with. Shares no code with memory_plan and the backends.
#pragma once

#include <span>
#include <vector>

#include "sheaf/graph/graph.h"

namespace sheaf::test {

// A row, or the rows of a matrix one after the other.
using Row = std::vector<double>;

// What one call gives.
struct CallValues {
  std::vector<Row> ports;
  // The smallest lead of a Viterbi step's best score over the next, here or in the calls that this
  // one reads: where it is tiny, rounding may choose another back pointer.
  double lead;
};

// `inputs`: one row per cell input, sums already made.
[[nodiscard]] CallValues evaluate(const graph::Cell& cell, const graph::Binding& binding,
                                  const graph::ParameterStore& parameters,
                                  std::span<const Row> inputs, std::uint32_t payload);

// The values of a result of the engine, whose rows of `width` floats are padded.
[[nodiscard]] std::vector<float> without_padding(std::span<const float> value, std::uint32_t width);

// All calls of a graph, by node.
[[nodiscard]] std::vector<CallValues> evaluate(const graph::Graph& graph);

}  // namespace sheaf::test
