// SPDX-License-Identifier: Apache-2.0
//
// The gradient of a cell is a cell: batched, planned and packed as any other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sheaf/graph/cell.h"

namespace sheaf::autodiff {

// Something that a call of a cell was given or has made.
struct ForwardValue {
  enum class Kind : std::uint8_t {
    operand,  // what its fixed input `index` reads
    output,   // its output port `index`
    table,    // row `payload` of the table in slot `index`
    one,      // 1: what a bias is multiplied with
  };
  Kind kind;
  std::uint32_t index = 0;

  friend bool operator==(const ForwardValue&, const ForwardValue&) = default;
};

// That a gradient is one of a convolution's weights: of x, a picture, and delta, its gradient by
// the result, in the places of a window.
struct ConvolutionWeights {
  ops::Window window;
  std::uint32_t channels = 0;  // of x
  bool depthwise = false;
  bool one_row = false;  // x holds its pixels in one row

  friend bool operator==(const ConvolutionWeights&, const ConvolutionWeights&) = default;
};

// A parameter's gradient: columns [column, column + width) of it are, summed over all calls,
// delta^T x; of a vector, delta. The rows of matrices are summed over as well.
struct WeightGradient {
  graph::SlotId slot;
  std::uint32_t delta;  // output port of the gradient cell
  ForwardValue x;
  std::uint32_t column = 0;
  std::uint32_t width = 0;
  std::optional<ConvolutionWeights> convolution = {};
};

// The gradient of the table row that a call looks up.
struct TableGradient {
  graph::SlotId slot;
  std::uint32_t port;  // of the gradient cell
};

// A cell, and its gradient. The gradient cell's slots have the names of the cell's.
struct CellGradient {
  static constexpr std::uint32_t kNone = ~0U;

  graph::Cell forward;  // the cell with what its gradient reads as further outputs
  graph::Cell backward;
  std::vector<ForwardValue> reads;  // by fixed input of `backward`
  // Inputs of `backward` after these, repeated: the gradient of each output of the cell, a term per
  // consumer. Of a loss there are none: the gradient of a loss is 1.
  std::uint32_t outputs = 0;
  std::vector<std::uint32_t> input_ports;  // by input of the cell: the port that has its gradient,
                                           // or kNone; a repeated input's is that of every term
  std::vector<WeightGradient> weights;
  std::vector<TableGradient> tables;
};

// The gradient of `cell` with respect to its inputs and parameters. `is_loss`: it has one output of
// one column, which is summed over all calls. Nothing where no output depends on an input or a
// parameter. Throws UnsupportedError for an op without a gradient.
[[nodiscard]] std::optional<CellGradient> differentiate(const graph::Cell& cell,
                                                        bool is_loss = false);

}  // namespace sheaf::autodiff
