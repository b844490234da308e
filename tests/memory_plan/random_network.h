// SPDX-License-Identifier: Apache-2.0
//
// Random cells from all ops, and random graphs of calls of them, for properties that hold for every
// cell.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sheaf/base/rng.h"
#include "sheaf/graph/graph.h"

namespace sheaf::test {

// Widths of cell inputs and of most values: odd ones, one vector, more than one, and LAC's 57.
[[nodiscard]] std::span<const std::uint32_t> widths();

// Values stay below a few units, so that errors relative to 1 say something. Look-ups use the slots
// "table<width>".
[[nodiscard]] graph::Cell random_cell(const std::string& name, base::Rng& rng);

// A network with a source of rows of each width (types 0 ..), then two random cells, each bound to
// two sets of parameters; every parameter has a value.
[[nodiscard]] graph::Network random_network(base::Rng& rng);

// `instances` instances of `calls` calls of random cells each, whose operands are any ports that
// fit.
[[nodiscard]] graph::Graph random_graph(const graph::Network& network, std::uint32_t instances,
                                        std::uint32_t calls, base::Rng& rng);

// Gives every parameter values, uniform in +-1/sqrt(columns), vectors in +-1.
void fill_parameters(graph::ParameterStore& parameters, base::Rng& rng);

}  // namespace sheaf::test
