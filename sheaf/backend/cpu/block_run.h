// SPDX-License-Identifier: Apache-2.0
//
// One block of nodes of one batch: gathers, then the steps of the compiled cell.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/backend/cpu/integer_pack.h"
#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/backend/cpu/pack.h"
#include "sheaf/memory_plan/memory_plan.h"
#include "sheaf/runtime/profile.h"

namespace sheaf::backend::cpu {

// Rows of a block, at most. Large enough that a panel of weights, once in the L1 cache, meets
// several tiles of rows; small enough that what a product writes (64 rows x 1024 columns: 256 KiB)
// stays in the L2 cache for the region that follows.
inline constexpr std::uint32_t kBlockRows = 64;

// The same for cells whose weights do not fit into an L2 cache of 2 MiB, so that every block reads
// them from further away: 2 to 3 % faster than 64 rows at hidden 512, and no slower than 256.
inline constexpr std::uint32_t kBlockRowsOfLargeWeights = 128;
inline constexpr std::size_t kLargeWeightFloats = std::size_t{1} << 19U;

// Rows of a block: kBlockRows or kBlockRowsOfLargeWeights.
inline constexpr std::uint32_t kRowsByWeights = 0;

// Rows of a block that another thread may take: fewer do not pay for reading the weights twice.
inline constexpr std::uint32_t kLeastSharedRows = 14;

// Floats of matrices in the scratch memory of a block: cells that work on matrices take smaller
// blocks. 1 MiB, half of a 2 MiB L2 cache.
inline constexpr std::uint32_t kMatrixFloats = 1U << 18U;

// Floats that a region works on at a time, operands and temporaries: half of a 32 KiB L1 cache.
inline constexpr std::uint32_t kTileFloats = 4096;

// The weights of a batch type as kernels read them.
struct TypeWeights {
  std::vector<PackedProduct> products;
  std::vector<PackedProduct> spatials;
  std::vector<IntegerFactors> integers;
  std::vector<PackedProduct> apart;  // by repack: of its product, as its parameters lie unplanned
  std::vector<tensor::AlignedBuffer>
      slots;  // parameter vectors and Viterbi tables, padded; by slot, empty for others
  std::vector<const float*> tables;     // embedding tables, by look-up
  std::vector<std::uint64_t> versions;  // of the parameters that this was packed from
  bool packed = false;
};

// Scratch memory of a cell for a block of nodes; offsets in floats.
struct ScratchLayout {
  explicit ScratchLayout(const memory_plan::CompiledCell& cell,
                         std::uint32_t most_rows = kRowsByWeights);

  std::uint32_t block_rows = 0;          // nodes of a block, at most most_rows
  std::vector<std::size_t> inputs;       // gathered inputs
  std::vector<std::size_t> products;     // product buffers
  std::size_t block = 0;                 // block buffers
  std::size_t tile = 0;                  // temporaries of a region
  std::size_t spectra = 0;               // of encoded products
  std::size_t pictures = 0;              // of spatial ops
  std::size_t integers = 0;              // of products of integers
  std::vector<std::uint32_t> tile_rows;  // by region: rows that it works on at a time
  std::size_t floats = 0;                // in all
};

struct BatchContext {
  const KernelTable& kernels;
  const memory_plan::CompiledCell& cell;
  TypeWeights& weights;  // repacks write it
  const ScratchLayout& layout;
  const memory_plan::MemoryPlan& plan;
  const memory_plan::BatchPlan& batch;
  float* arena;
  float* early;  // early values of the batch's first node; null where there are none
  std::span<const float* const> parameters;  // values of every parameter
  float* scratch;
  ProductArgs::Range*
      ranges;  // room for the ranges or terms of any product, the rows of any window
  const graph::Binding& binding;
  runtime::IntegerProducts& integer_products;
  runtime::Profile* profile = nullptr;  // that times steps; null: none are timed
};

// Runs nodes [first_row, first_row + rows) of the batch; rows <= layout.block_rows.
void run_block(const BatchContext& context, std::uint32_t first_row, std::uint32_t rows) noexcept;

}  // namespace sheaf::backend::cpu
