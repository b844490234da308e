// SPDX-License-Identifier: Apache-2.0
//
// A unit that multiplies matrices of integers. A backend that runs quantised graphs
// (docs/quantised.md) has one of its own, and uses another where it is given one: simulated
// crossbars, for instance, which hold the weights and give the sums that their cells and converters
// would. Everything but these sums is the backend's: gathers, quantisation, scales and biases.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "sheaf/graph/graph.h"
#include "sheaf/tensor/encoding.h"
#include "sheaf/tensor/quantisation.h"

namespace sheaf::runtime {

// The weights of products: [outputs x inputs] signed integers. One matrix may serve several batch
// types, and several ops of one.
struct IntegerMatrix {
  graph::ParameterId parameter;  // whose integers these are: identity for prepare() and multiply()
  std::string_view name;         // of the parameter; valid during the call
  std::uint64_t version;         // of the parameter
  std::uint32_t outputs;
  std::uint32_t inputs;  // of a convolution: taps, row by row, and the channels of each
  // Row-major, dense whatever `encoding` is: row j are the weights of output j. Magnitudes up to
  // tensor::most_integer(bits.weight). Valid during the call.
  std::span<const std::int16_t> values;
  // Of the largest inputs that it is multiplied with, and of the weights. Both are signed, and
  // symmetric; how a unit holds negative numbers (two's complement, offsets, pairs) is its
  // business.
  tensor::Bits bits;
  // How the parameter is stored: of block_circulant:k=8, every k x k block of `values` is
  // circulant, W[a][b] = w[(a - b) mod k].
  tensor::Encoding encoding;
};

// sums[i][j] = sum over k of rows[i][k] * W[j][k], exactly, for `count` rows.
struct IntegerCall {
  graph::ParameterId parameter;  // W: one that prepare() was given
  std::uint32_t input_bits;      // magnitudes of rows: up to tensor::most_integer(input_bits)
  const std::int16_t* rows;      // [count][inputs]; 64-byte aligned, as every row is
  std::size_t row_stride;        // numbers from one row to the next
  std::int32_t* sums;            // [count][outputs]; 64-byte aligned, as every row is
  std::size_t sum_stride;        // what lies between the rows may be written
  std::uint32_t count;

  // Whose products these are, for those who keep accounts. Row i belongs to node
  // nodes[i / positions], and is its position first_position + i % positions: a column of a matrix
  // value, a pixel of a convolution's result, or 0.
  graph::TypeId type;
  std::uint32_t batch;  // index into MemoryPlan::batches, or kNoBatch for values computed early
  std::span<const graph::NodeId> nodes;
  std::uint32_t positions;
  std::uint32_t first_position;

  static constexpr std::uint32_t kNoBatch = ~std::uint32_t{0};
};

// For one backend at a time.
class IntegerProducts {
 public:
  virtual ~IntegerProducts() = default;

  // Takes a matrix, before the first call with it, and again when its version, its bits or its
  // encoding have changed; what was held under its parameter before is forgotten. The backend has
  // checked that the weights keep to their bits and that no sum can exceed 32 bits: inputs * |W|,
  // summed over the row, is at most 2^31 - 1. May throw for a matrix that the unit has no room for.
  virtual void prepare(const IntegerMatrix& matrix) = 0;

  // All sums are those of exact integers, unless the unit is there to show what it does to them.
  // The sums of a row depend on nothing but the row: not on `count`, nor on calls before.
  virtual void multiply(const IntegerCall& call) noexcept = 0;

  // Whether multiply() may be called by several threads at once. Where it may not, the backend
  // calls it by one thread at a time, batch by batch, block by block, in the order of the plan.
  [[nodiscard]] virtual bool is_concurrent() const { return false; }
};

}  // namespace sheaf::runtime
