// SPDX-License-Identifier: Apache-2.0
//
// Where the numbers of a block-circulant matrix stand in crossbars, and which inputs drive them.
//
// W is m x n in p x q blocks of k x k; block (i, j) is C[r][c] = w_ij[(r - c) mod k]. Row j k + d
// of the column of block row i and copy s holds w_ij[(d + s) mod k]. In step t that row is driven
// by x_j[(t D - d) mod k]; the column then gives y_i[t D + s]. D copies, which divide k, so take k
// / D steps: with D = 1 a column per block row, with D = k the dense matrix and one step. (ReBoc,
// DATE 2020; the equations are a reconstruction, the names are the paper's: copies are its
// intra-crossbar weight duplication, and since the input of a step is that of the one before,
// rotated by D, inputs are fetched once, its input slice reuse.)
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sheaf::backend::cim {

// How the strips of rows that a matrix taller than a crossbar is cut into are placed: both readings
// of the paper's "horizontal weight slicing". Strips never cut a block. In both, the bit slices of
// a weight lie side by side in columns of one row, so that one drive serves all of them.
enum class Slicing : std::uint8_t {
  apart,   // H2: a crossbar per strip, all at a time; "slicing" means the bit slices
  packed,  // H1: strips side by side in one crossbar while its columns last, one after the other
};
inline constexpr std::array<std::string_view, 2> kSlicingNames = {"apart", "packed"};

struct CirculantShape {
  std::uint32_t block = 1;       // k; 1: a dense matrix
  std::uint32_t block_rows = 1;  // p
  std::uint32_t block_cols = 1;  // q
};

struct CrossbarGrid {
  std::uint32_t rows = 128;
  std::uint32_t columns = 128;
  std::uint32_t columns_per_weight = 1;  // bit slices, times 2 for a pair of signs
};

// Counts of one copy of a matrix.
struct CirculantPlacement {
  std::uint32_t duplicates = 1;     // D
  std::uint32_t strip_rows = 0;     // R' = floor(R / k) k
  std::uint32_t strips = 0;         // ceil(n / R')
  std::uint32_t packed = 1;         // strips that share a crossbar, one after the other
  std::uint32_t column_groups = 0;  // crossbars side by side that a row passes
  std::uint64_t crossbars = 0;
  std::uint64_t used_cells = 0;
  std::uint32_t steps = 0;  // k / D
};

// The most copies that divide k and take no more crossbars than one does.
[[nodiscard]] std::uint32_t free_duplicates(const CirculantShape& shape, const CrossbarGrid& grid,
                                            Slicing slicing);

// Throws ConfigError for a block larger than the crossbar's rows; `duplicates` must divide k.
[[nodiscard]] CirculantPlacement place_circulant(const CirculantShape& shape,
                                                 const CrossbarGrid& grid, Slicing slicing,
                                                 std::uint32_t duplicates);

// One column of cells: (block row, copy, slice of the weight) in a strip.
struct ColumnOf {
  std::uint32_t strip;
  std::uint32_t block_row;
  std::uint32_t copy;
  std::uint32_t slice;  // < columns_per_weight
};
struct ColumnAt {
  std::uint64_t crossbar;
  std::uint32_t column;
};
[[nodiscard]] ColumnAt column_at(const CirculantPlacement& placement, const CirculantShape& shape,
                                 const CrossbarGrid& grid, const ColumnOf& column);

// Which of the k numbers of a block row d of a copy holds, which input drives row d in step t (from
// 0), and which output the copy's column gives.
[[nodiscard]] constexpr std::uint32_t stored_number(std::uint32_t d, std::uint32_t copy,
                                                    std::uint32_t block) {
  return (d + copy) % block;
}
[[nodiscard]] constexpr std::uint32_t driving_input(std::uint32_t d, std::uint32_t step,
                                                    std::uint32_t duplicates, std::uint32_t block) {
  return (step * duplicates + block - d) % block;
}
[[nodiscard]] constexpr std::uint32_t output_of(std::uint32_t copy, std::uint32_t step,
                                                std::uint32_t duplicates) {
  return step * duplicates + copy;
}

}  // namespace sheaf::backend::cim
