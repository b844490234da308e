// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

// What a way to store weights was applied to.
struct Stored {
  std::uint32_t layers = 0;
  std::vector<std::string> left;  // layers that stay dense, each with the reason
};

// Stores dense layers as circulant blocks of `block`, padded with zeros (block_grid()). Layers of
// several groups stay dense, and those that padding would more than double, such as a first
// convolution of 3 channels: every padded row is read and converted.
Stored make_block_circulant(LayerShapes& shapes, std::uint32_t block);

// Stores dense layers as power-of-two coefficients times bases of `basis` x `basis`, of whose rows
// the share `row_density` is kept (SmartDeal). Full connections and kernels of height 1 or `basis`,
// as SmartDeal's public code does; kernels of other heights stay dense unless `every_kernel`, and
// so do depthwise kernels, each of which would need a basis of its own size.
Stored make_pow2_basis(LayerShapes& shapes, std::uint32_t basis, double row_density,
                       bool every_kernel = false);

}  // namespace sheaf::backend::cim
