// SPDX-License-Identifier: Apache-2.0
//
// A cell as it runs on a block of rows: a list of steps, each a look-up, a product or a region,
// with every value's place decided. Holds no weights: it is shared by all batch types of the cell.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sheaf/graph/cell.h"

namespace sheaf::memory_plan {

// Where a value's rows lie.
struct Place {
  enum class Kind : std::uint8_t {
    none,
    input,      // index: cell input; rows in the arena, or gathered
    output,     // index: output port; rows in the arena
    product,    // index: product; rows of its result
    block,      // index: first float per row of a buffer that lives for the block
    tile,       // index: first float per row of a buffer that lives within one region
    parameter,  // index: slot; one row for all
  };
  Kind kind = Kind::none;
  std::uint32_t index = 0;
  std::uint32_t column = 0;  // first column
  std::uint32_t stride = 0;  // floats between rows, of `block` and `tile`

  friend bool operator==(const Place&, const Place&) = default;
};

// Copies rows `payload` of a table to a block buffer.
struct Lookup {
  graph::SlotId table;
  Place to;
  std::uint32_t width;
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
    std::uint32_t first_k;  // where the term's columns begin in k
    std::uint32_t width;    // columns of the weight
  };
  std::vector<Term> terms;
  static constexpr graph::SlotId kNoBias = ~0U;
  graph::SlotId bias = kNoBias;
  std::uint32_t width;
  std::uint32_t column;  // a multiple of kRowAlignment
};

// All affine ops that read the same values in the same order, as one product [rows x k] [k x n].
struct Product {
  std::vector<KRange> ranges;
  std::vector<ProductPart> parts;
  std::uint32_t k = 0;
  std::uint32_t n = 0;  // columns with padding, a multiple of kPanelAlignment
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
  graph::SlotId slot = 0;  // transitions of a viterbi step
  float scalar = 0;
};

// Element-wise and row ops that run one after the other on a tile of rows small enough for the L1
// cache.
struct Region {
  std::vector<RegionOp> ops;
  std::uint32_t tile_floats = 0;  // per row, of temporaries
};

struct Step {
  enum class Kind : std::uint8_t { lookup, product, region };
  Kind kind;
  std::uint32_t index;
};

struct CompiledCell {
  std::string name;
  std::vector<graph::CellInput> inputs;
  std::uint32_t fixed_inputs = 0;
  std::vector<std::uint32_t> output_widths;
  std::vector<Lookup> lookups;
  std::vector<Product> products;
  std::vector<Region> regions;
  std::vector<Step> steps;         // in the order in which they run
  std::uint32_t block_floats = 0;  // per row, of block buffers

  // Throws InternalError when a step reads a place that nothing has written.
  void verify() const;
  [[nodiscard]] std::string to_string() const;
};

}  // namespace sheaf::memory_plan
