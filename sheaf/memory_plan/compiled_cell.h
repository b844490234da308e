// SPDX-License-Identifier: Apache-2.0
//
// A cell as it runs on a block of nodes: a list of steps, each a look-up, a product, a product of a
// matrix and a vector, a spatial op, a product of integers, or a region, with every value's place
// decided. Holds no weights: it is shared by all batch types of the cell.
//
// A value has one row per node, or, where it is a matrix, several, one after the other: row c of
// node i is row i * rows + c of the block. Every step names the rows per node that it works on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sheaf/graph/cell.h"
#include "sheaf/memory_plan/cell_report.h"
#include "sheaf/tensor/aligned_buffer.h"
#include "sheaf/tensor/encoding.h"

namespace sheaf::memory_plan {

// Where a value's rows lie. Buffers of a block hold whole values of its nodes, one after the other.
struct Place {
  enum class Kind : std::uint8_t {
    none,
    input,      // index: cell input; rows in the arena, or gathered
    output,     // index: output port; rows in the arena
    product,    // index: product buffer; results of products and what lies beside them
    block,      // index: first float per node of a buffer that lives for the block
    tile,       // index: first float per row of a buffer that lives within one region
    parameter,  // index: slot; one row for all
    early,      // rows in the arena that the prefix of the cell wrote (split_cell.h)
  };
  Kind kind = Kind::none;
  std::uint32_t index = 0;
  std::uint32_t column = 0;  // first column
  std::uint32_t stride = 0;  // floats between rows, of `product`, `block`, `tile` and `early`

  friend bool operator==(const Place&, const Place&) = default;
};

// Copies rows `payload` of a table; a table's row is a value, column by column.
struct Lookup {
  graph::SlotId table;
  Place to;
  std::uint32_t width;
  std::uint32_t rows = 1;
};

// A range of k of a product: the rows of one value.
struct KRange {
  Place from;
  std::uint32_t width;
};

// One affine op among those that a product joins: columns [column, column + width) of the result.
struct ProductPart {
  struct Term {
    graph::SlotId slot;
    std::uint32_t first_k;            // where the term's columns begin in k
    std::uint32_t width;              // columns of the weight ...
    std::uint32_t weight_column = 0;  // ... and the first of them
    // Of W^T: `width` rows of the weight from `weight_row` on are k, its columns from
    // `weight_column` on are the part's.
    bool transposed = false;
    std::uint32_t weight_row = 0;
  };
  std::vector<Term> terms;  // of the product's encoding
  static constexpr graph::SlotId kNoBias = ~0U;
  graph::SlotId bias = kNoBias;
  std::uint32_t width;
  std::uint32_t column;  // a multiple of kRowAlignment
};

// All affine ops that read the same values in the same order, as one product [rows x k] [k x n].
// Its weights have one encoding.
struct Product {
  std::vector<KRange> ranges;
  std::vector<ProductPart> parts;
  std::uint32_t k = 0;
  std::uint32_t n = 0;  // columns with padding, a multiple of kPanelAlignment
  std::uint32_t rows = 1;
  // In a product buffer, or, of a single part, an output whose rows are n floats apart. Writes n
  // columns: those beyond its parts are padding, or will be written later. An encoded product
  // writes the columns of its parts only.
  Place to;
  tensor::Encoding encoding;
  bool adds = false;  // to what a product of the same parts has written, instead of to the bias
  // What the sums begin with, n columns in rows of their own; of kind `none`: the bias.
  Place initial;
};

// A buffer for results of products, in the planned order.
struct ProductBuffer {
  std::uint32_t width = 0;  // floats between rows
  std::uint32_t rows = 1;   // per node
};

// Unplanned: puts parameters of a product beside each other, once per call whatever the number of
// nodes, because they do not lie so.
struct Repack {
  struct Piece {
    std::uint32_t part;
    std::uint32_t term;  // or kBias
  };
  static constexpr std::uint32_t kBias = ~0U;
  std::uint32_t product;
  std::vector<Piece> pieces;
};

// to = M v: `rows` rows of M, each one column, times as many elements of v.
struct MatVec {
  Place matrix, vector, to;
  std::uint32_t width;
  std::uint32_t rows;
};

// A spatial op, node by node.
struct Spatial {
  struct Operand {
    Place from;
    tensor::Shape shape;
  };
  static constexpr graph::SlotId kNoSlot = ~0U;
  ops::OpKind kind;
  ops::Window window;
  std::vector<Operand> operands;  // one or two
  Place to;
  tensor::Shape shape;  // of the result
  graph::SlotId weights = kNoSlot;
  graph::SlotId bias = kNoSlot;
};

// Products of integers (docs/quantised.md), of rows or of the places of a window: a
// quantised_affine or a quantised_conv2d. to = bias + the sum over the terms, from the left, of
// input_scale * scales[j] * (sum over k of W[j][k] * q[k]), k in order.
struct IntegerProduct {
  struct Term {
    Place from;                 // quantised values
    tensor::Shape shape;        // of a node's
    graph::SlotId weights;      // integers
    graph::SlotId scales;       // of their rows
    graph::SlotId input_scale;  // of `from`
  };
  static constexpr graph::SlotId kNoBias = ~0U;
  std::vector<Term> terms;  // of a convolution one
  graph::SlotId bias = kNoBias;
  Place to;
  tensor::Shape shape;  // of a node's result
  tensor::Bits bits;
  ops::Window window;  // of a convolution; of others without taps

  [[nodiscard]] bool slides() const { return window.taps() > 0; }
  // Columns of the weights of a term.
  [[nodiscard]] std::uint32_t inputs(const Term& term) const {
    if (!slides()) return term.shape.cols;
    return static_cast<std::uint32_t>(window.taps() * (term.shape.size() / window.pixels()));
  }
};

// Columns of a product's result are padded to this: two AVX-512 vectors, a multiple of every
// panel's width.
inline constexpr std::uint32_t kPanelAlignment = 32;

// One op of a region: to[j] = op(a[j], b[j]) for the columns of every row. A concat has become
// copies.
struct RegionOp {
  ops::OpKind kind;  // element-wise or row ops, `copy`, and `constant`, which fills
  std::uint32_t width;
  Place to, a, b;
  graph::SlotId slot =
      0;  // transitions of a viterbi step, key of a dropout mask, scale of integers
  float scalar = 0;
  std::uint32_t a_width = 0;  // columns of `a`
};

// Element-wise and row ops that run one after the other on a tile of rows small enough for the L1
// cache. All its values have equally many rows.
struct Region {
  std::vector<RegionOp> ops;
  std::uint32_t rows = 1;
  std::uint32_t tile_floats = 0;  // per row, of temporaries
};

struct Step {
  enum class Kind : std::uint8_t {
    lookup,
    repack,
    product,
    matvec,
    spatial,
    integer_product,
    region
  };
  Kind kind;
  std::uint32_t index;
};

struct CompiledCell {
  std::string name;
  std::vector<graph::CellInput> inputs;
  std::uint32_t fixed_inputs = 0;
  std::vector<std::uint32_t> output_widths;
  std::vector<std::uint32_t> output_rows;
  // By port: the table whose row the value is and stays, or kNoTable. Nothing is written then.
  std::vector<graph::SlotId> output_tables;
  static constexpr graph::SlotId kNoTable = ~0U;
  std::vector<Lookup> lookups;
  std::vector<Product> products;
  std::vector<ProductBuffer> product_buffers;
  std::vector<Repack> repacks;
  std::vector<MatVec> matvecs;
  std::vector<Spatial> spatials;
  std::vector<IntegerProduct> integer_products;
  std::vector<Region> regions;
  std::vector<Step> steps;  // in the order in which they run
  bool reads_payload = false;
  std::uint32_t block_floats = 0;              // per node, of block buffers
  std::vector<graph::SlotId> parameter_order;  // as laid out
  CellReport report;

  // Throws InternalError when a step reads a place that nothing has written.
  void verify() const;
  [[nodiscard]] std::string to_string() const;
};

// Floats of a value, from its first to its last; padding lies between its rows only.
[[nodiscard]] constexpr std::size_t value_floats(std::uint32_t rows, std::uint32_t width) {
  return (rows - 1) * tensor::padded(width) + width;
}

// Floats from the value of one node to that of the next.
[[nodiscard]] constexpr std::uint32_t value_stride(std::uint32_t rows, std::uint32_t width) {
  return static_cast<std::uint32_t>(rows * tensor::padded(width));
}

}  // namespace sheaf::memory_plan
