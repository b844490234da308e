// SPDX-License-Identifier: Apache-2.0
//
// A network as a mapping onto hardware sees it: a plain list of matrices, how often each is
// multiplied, how its weights are stored, and who makes what it reads. No graph, no weights.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sheaf::backend::cim {

enum class LayerKind : std::uint8_t {
  fully_connected,
  conv2d,
  depthwise,  // a group per channel
  gates,      // several products of the same operands, side by side: those of an LSTM or GRU step
};
inline constexpr std::array<std::string_view, 4> kLayerKindNames = {"fully_connected", "conv2d",
                                                                    "depthwise", "gates"};

enum class WeightForm : std::uint8_t {
  dense,
  block_circulant,  // blocks of `block`
  pow2_basis,       // sparse power-of-two coefficients times a basis of `block` x `block`
};

// In place of a layer: what a graph is given, such as pixels and rows of embedding tables.
inline constexpr std::uint32_t kOutside = ~std::uint32_t{0};

// Values that move from one layer to another in a run of the graph.
struct LayerSource {
  std::uint32_t layer;  // index in the list, or kOutside
  std::uint64_t values;
};

// y = W x for every position of every call; x has `inputs` numbers and y `outputs`, in each of
// `groups` that share nothing.
struct LayerShape {
  std::string name;        // "type.slot"
  std::string parameter;   // of the first weight
  std::uint32_t type = 0;  // batch type whose product it is
  LayerKind kind = LayerKind::fully_connected;
  std::uint32_t outputs = 1;
  std::uint32_t inputs = 1;  // of conv2d: taps times channels
  std::uint32_t groups = 1;

  // Of pictures; others have one pixel.
  std::uint32_t in_channels = 1;  // of all groups
  std::uint32_t in_height = 1;
  std::uint32_t in_width = 1;
  std::uint32_t kernel_height = 1;
  std::uint32_t kernel_width = 1;
  std::uint32_t stride = 1;
  std::uint32_t out_width = 1;

  std::uint64_t positions = 1;  // vectors that one call multiplies
  std::uint64_t calls = 1;      // in a run of the graph

  // Widths of what lies side by side in the matrix: operands (of conv2d: channels, once a tap) and
  // products (gates). Empty: one.
  std::vector<std::uint32_t> input_parts;
  std::vector<std::uint32_t> output_parts;

  WeightForm form = WeightForm::dense;
  std::uint32_t block = 1;
  // Non-zeros that a crossbar column may hold (a share of one filter); 0: any number.
  std::uint32_t column_nonzeros = 0;
  // Share of weights that are not 0: of pow2_basis, of the coefficients in the rows that are kept.
  double density = 1;
  // Share of rows of `block` coefficients that are kept, of pow2_basis.
  double row_density = 1;
  std::uint32_t weight_bits = 8;
  std::uint32_t input_bits = 8;
  // Of a digital array: mean share of inputs that are 0, and of Booth digits of the others that are
  // not.
  double zero_inputs = 0;
  double booth_density = 1;

  // Who makes its inputs; values that are only combined with its results, such as the other term of
  // a residual sum, are among them.
  std::vector<LayerSource> sources;
  // Layers whose results of the same call it reads, directly or not: it begins after them.
  std::vector<std::uint32_t> after;

  [[nodiscard]] std::uint64_t weights() const { return std::uint64_t{groups} * outputs * inputs; }
  [[nodiscard]] std::uint64_t vectors() const { return positions * calls; }
  // Of the dense matrix.
  [[nodiscard]] std::uint64_t macs() const { return weights() * vectors(); }
  // Numbers that it returns in a run.
  [[nodiscard]] std::uint64_t results() const {
    return std::uint64_t{groups} * outputs * vectors();
  }
  // Numbers that one position reads.
  [[nodiscard]] std::uint64_t window_values() const { return std::uint64_t{groups} * inputs; }
};

// Blocks of k x k that cover a group's matrix. Every part of it, and of a convolution the channels
// of every tap, has blocks of its own; the last of them is filled up with zeros.
struct BlockGrid {
  std::uint32_t rows;  // p, of outputs
  std::uint32_t cols;  // q, of inputs
};
[[nodiscard]] BlockGrid block_grid(const LayerShape& layer, std::uint32_t block);

struct LayerShapes {
  std::string name;
  std::vector<LayerShape> layers;
  // Multiply-adds without weights, or with those of another op than the above (matvec, gradients):
  // the host does them.
  std::uint64_t host_macs = 0;

  [[nodiscard]] std::uint64_t macs() const;
  [[nodiscard]] std::uint64_t weights() const;
};

}  // namespace sheaf::backend::cim
