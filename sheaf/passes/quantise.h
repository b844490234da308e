// SPDX-License-Identifier: Apache-2.0
//
// Products of floats become products of integers (docs/quantised.md):
//
//   W x + U h + b  ->  s_x t_W (Q(W) Q(x)) + s_h t_U (Q(U) Q(h)) + b
//
// with Q(x) = round(x / s_x) in `bits.input` bits, s_x fixed beforehand by what x has been in a run
// over data, and Q(W) in `bits.weight` bits, a scale t_W for each of its rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sheaf/graph/network.h"
#include "sheaf/tensor/quantisation.h"

namespace sheaf::passes {

// The weights, by name, whose products can become products of integers: those of affine ops and of
// convolutions (not of depthwise ones) that are nothing else, in the order of the parameters.
[[nodiscard]] std::vector<std::string> quantisable_weights(const graph::Network& network);

// A value that products read, and which port of its type's nodes returns it where the cells have
// been given such ports.
struct ProductInput {
  graph::TypeId type;
  graph::ValueId value;  // of the type's cell
  std::uint32_t port;
  std::vector<std::string> weights;  // that multiply it
};
struct ObservedNetwork {
  graph::Network network;  // of the same types, parameters and ids
  std::vector<ProductInput> inputs;
};

// What the products of `weights` read, type by type, in the order of the ops. Throws NotFoundError
// for a weight that there is not.
[[nodiscard]] std::vector<ProductInput> product_inputs(const graph::Network& network,
                                                       std::span<const std::string> weights);

// The network with further outputs: what the products of `weights` read. Throws NotFoundError for a
// weight that there is not.
[[nodiscard]] ObservedNetwork observe_product_inputs(const graph::Network& network,
                                                     std::span<const std::string> weights);

// The network, which it takes over (copy_network.h), with the products of `weights` in integers.
// Ids of types and parameters, and their names, stay; a weight holds its integers from then on, and
// its encoding stays, too. New parameters:
//
//   WEIGHT.scale             [1 x rows]  scales of its rows
//   TYPE.SLOT.input_scale    [1 x 1]     scale of what is multiplied by WEIGHT (and by other
//   weights
//                                        of the type), SLOT being the first of them
//
// An op all of whose weights are not named stays as it is. `bounds`: of
// product_inputs() with the same weights, the largest magnitudes that are to be told apart.
// Throws UsageError where only some weights of an op are named, where a weight has no value, or
// where the sum of a row could exceed 32 bits.
[[nodiscard]] graph::Network quantise(graph::Network network, tensor::Bits bits,
                                      std::span<const std::string> weights,
                                      std::span<const float> bounds);

// The same network, whatever the values: its weights and scales have to be assigned, as those of a
// file.
[[nodiscard]] graph::Network quantised_form(graph::Network network, tensor::Bits bits,
                                            std::span<const std::string> weights);

// Leaves out the weights of ops that have other weights, too, which are not named, until there are
// none.
[[nodiscard]] std::vector<std::string> whole_products(const graph::Network& network,
                                                      std::vector<std::string> weights);

}  // namespace sheaf::passes
