// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "sheaf/backend/cim/layer_shape.h"
#include "sheaf/graph/network.h"

namespace sheaf::backend::cim {

// Where values of a cell come from: a product of the cell, one of its inputs, or parameters.
struct Origin {
  enum class Kind : std::uint8_t { product, input, outside };
  Kind kind;
  std::uint32_t index;   // of a product or an input
  std::uint64_t values;  // that move
};

// A product of a cell and what has to move to it at every call.
struct CellProduct {
  LayerShape shape;  // of one call
  std::vector<Origin> origins;
  std::set<std::uint32_t> after;  // products of the cell that have to end before it begins
};

struct CellProducts {
  std::vector<CellProduct> products;
  std::vector<std::vector<Origin>> outputs;  // by port
  std::uint64_t host_macs = 0;               // of one call
};

// Of a quantised network (docs/quantised.md) the products of integers; those of floats are the
// host's. A term of a product of integers is a product of its own, since it has a scale of its own.
[[nodiscard]] CellProducts find_products(const graph::Network& network, graph::TypeId type);

}  // namespace sheaf::backend::cim
