// SPDX-License-Identifier: Apache-2.0
//
// Random cells from all ops, and random graphs of calls of them, for properties that hold for every
// cell.
#pragma once

#include <cstdint>
#include <string>

#include "sheaf/base/rng.h"
#include "sheaf/graph/graph.h"

namespace sheaf::test {

// Types of random_network() that are sources: a row of each width (odd ones, one vector, more than
// one, and LAC's 57) and a matrix of each shape.
[[nodiscard]] std::uint32_t sources();

// Values stay below a few units, so that errors relative to 1 say something. Look-ups use the slots
// "table<width>", of matrices "table<width>x<columns>".
[[nodiscard]] graph::Cell random_cell(const std::string& name, base::Rng& rng);

// A network with its sources (types 0 ..), then two random cells, each bound to
// two sets of parameters; every parameter has a value.
[[nodiscard]] graph::Network random_network(base::Rng& rng);

// `instances` instances of `calls` calls of random cells each, whose operands are any ports that
// fit.
[[nodiscard]] graph::Graph random_graph(const graph::Network& network, std::uint32_t instances,
                                        std::uint32_t calls, base::Rng& rng);

// Gives every parameter values, uniform in +-1/sqrt(columns), vectors in +-1.
void fill_parameters(graph::ParameterStore& parameters, base::Rng& rng);

}  // namespace sheaf::test
