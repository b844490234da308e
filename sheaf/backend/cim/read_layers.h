// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "sheaf/backend/cim/layer_shape.h"
#include "sheaf/graph/graph.h"

namespace sheaf::backend::cim {

// The products of a graph. A layer per product of a batch type that has calls, in the order of the
// types; products of a cell that read the same operands from weights that are stored alike are one
// layer. Graphs of trees or lattices count as static ones do: `calls` is how often a type is
// called, whatever batches it runs in. Products of integers have the bits that they say, others 8.
//
// Where values come from is followed through ops without products: those run where the last product
// before them runs, and move their other operands there.
[[nodiscard]] LayerShapes read_layers(const graph::Graph& graph, const std::string& name);

// How the numbers of all layers are stored.
struct Precision {
  std::uint32_t weight_bits = 8;
  std::uint32_t input_bits = 8;
};
void set_precision(LayerShapes& shapes, Precision precision);

// Stores every dense layer, depthwise ones excepted, as circulant blocks of `block` if that divides
// outputs and inputs; of a convolution, its channels. Returns how many layers it changed.
std::uint32_t make_block_circulant(LayerShapes& shapes, std::uint32_t block);

// Stores every dense layer as power-of-two coefficients times bases of `basis` x `basis`, of whose
// rows the share `row_density` is kept (SmartDeal).
void make_pow2_basis(LayerShapes& shapes, std::uint32_t basis, double row_density);

}  // namespace sheaf::backend::cim
