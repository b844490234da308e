// SPDX-License-Identifier: Apache-2.0
//
// CpuBackend::add: weight gradients, a block of rows at a time.
#include <algorithm>
#include <cstring>

#include "sheaf/backend/cpu/cpu_backend.h"
#include "sheaf/backend/cpu/flush_denormals.h"

namespace sheaf::backend::cpu {
namespace {

using memory_plan::Offset;
using runtime::OuterProducts;
using tensor::padded;

// Rows of a and b that are multiplied at a time, at most: enough that reading and writing the sums
// costs little, few enough that a panel of b and a tile of a stay in the L1 cache.
constexpr std::uint32_t kDepth = 192;

// Floats from one row of a value to the next: padded in the arena, side by side in a table.
std::size_t stride_of(Offset value, std::uint32_t width) {
  return memory_plan::in_table(value) ? width : padded(width);
}

struct Panels {
  std::uint32_t first;
  std::uint32_t count;
  std::uint32_t width;
  std::size_t depth;  // rows of each
};

// Copies a row's part of each of `count` whole panels; their width, a constant, makes it a few
// moves.
template <std::uint32_t kWidth>
void pack_whole_panels(const float* from, std::uint32_t count, std::size_t depth, float* to) {
  for (std::uint32_t p = 0; p < count; ++p) {
    std::memcpy(to + p * depth * kWidth, from + p * kWidth, kWidth * sizeof(float));
  }
}

// Row k of the panels, 0 beyond `columns`.
void pack_row(const float* from, std::uint32_t columns, const Panels& panels, std::size_t k,
              float* to) {
  std::uint32_t whole = 0;
  const std::uint32_t first = panels.first * panels.width;
  if (panels.width == 32 || panels.width == 16) {
    whole = std::min(panels.count, (columns - std::min(columns, first)) / panels.width);
    const auto pack = panels.width == 32 ? pack_whole_panels<32> : pack_whole_panels<16>;
    pack(from + first, whole, panels.depth, to + k * panels.width);
  }
  for (std::uint32_t p = whole; p < panels.count; ++p) {
    const std::uint32_t column = (panels.first + p) * panels.width;
    const std::uint32_t count = column < columns ? std::min(panels.width, columns - column) : 0;
    float* const at = to + (p * panels.depth + k) * panels.width;
    std::memcpy(at, from + column, count * sizeof(float));
    std::fill(at + count, at + panels.width, 0.0F);
  }
}

// A row of a as row k of its tiles.
void pack_tiles(const float* from, std::uint32_t columns, std::size_t tiles, std::size_t depth,
                float* to) {
  for (std::size_t t = 0; t < tiles; ++t) {
    const std::size_t begin = outer_tile_begin(columns, tiles, t);
    float* const at = to + t * depth * kOuterTileStride;
    // The whole width of a tile, a constant, wherever that lies within the row.
    if (begin + kOuterTileStride <= columns) {
      std::memcpy(at, from + begin, kOuterTileStride * sizeof(float));
    } else {
      std::memcpy(at, from + begin, (columns - begin) * sizeof(float));
    }
  }
}

void make_room(tensor::AlignedBuffer& buffer, std::size_t floats) {
  if (buffer.size() < floats) buffer = tensor::AlignedBuffer(floats);
}

}  // namespace

void CpuBackend::add(const OuterProducts& products) {
  if (products.b.empty()) return add_rows(products);
  const std::uint32_t panels = products.padded_columns() / kernels_.panel_width;
  const auto chunks = pool_ == nullptr ? 1U : std::min(panels, 2 * pool_->threads());
  const auto run = [&](std::size_t chunk, std::uint32_t thread) {
    const auto first = static_cast<std::uint32_t>(panels * chunk / chunks);
    const auto end = static_cast<std::uint32_t>(panels * (chunk + 1) / chunks);
    add_columns(products, first, end - first, lanes_[thread]);
  };
  if (chunks > 1) {
    pool_->parallel_for(chunks, run);
  } else {
    run(0, 0);
  }
}

void CpuBackend::add_columns(const OuterProducts& products, std::uint32_t first_panel,
                             std::uint32_t panels, Lane& lane) const {
  const FlushDenormals flush;
  const std::uint32_t width = kernels_.panel_width;
  const std::size_t most = std::max(1U, kDepth / products.rows);  // values at a time
  const std::size_t blocks = (products.b.size() + most - 1) / most;
  const auto tiles_of = [&](const OuterProducts::Left& left) {
    return (left.width + kernels_.outer_tile_rows - 1) / kernels_.outer_tile_rows;
  };
  std::size_t tiles = 0;
  for (const auto& left : products.lefts) tiles = std::max(tiles, tiles_of(left));
  make_room(lane.panels, most * products.rows * panels * width);
  make_room(lane.left, most * products.rows * tiles * kOuterTileStride);
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::size_t begin = products.b.size() * block / blocks;
    const std::size_t count = products.b.size() * (block + 1) / blocks - begin;
    const Panels to{first_panel, panels, width, count * products.rows};
    std::size_t k = 0;
    for (const Offset value : products.b.subspan(begin, count)) {
      const float* from = value_at(value);
      const std::size_t stride = stride_of(value, products.width);
      for (std::uint32_t r = 0; r < products.rows; ++r) {
        pack_row(from + r * stride, products.width, to, k++, lane.panels.data());
      }
    }
    for (const OuterProducts::Left& left : products.lefts) {
      float* row = lane.left.data();
      for (const Offset value : left.a.subspan(begin, count)) {
        const float* from = value_at(value);
        for (std::uint32_t r = 0; r < products.rows; ++r, row += kOuterTileStride) {
          pack_tiles(from + r * padded(left.width), left.width, tiles_of(left), to.depth, row);
        }
      }
      kernels_.outer_product({.a = lane.left.data(),
                              .panels = lane.panels.data(),
                              .out = left.to + std::size_t{first_panel} * width,
                              .out_stride = products.padded_columns(),
                              .m = left.width,
                              .n = std::size_t{panels} * width,
                              .k = to.depth,
                              .begins = left.begins && block == 0});
    }
  }
}

void CpuBackend::add_rows(const OuterProducts& products) const {
  const FlushDenormals flush;
  const RowsKernel add = kernels_.rows_kernel(ops::OpKind::add);
  for (const OuterProducts::Left& left : products.lefts) {
    if (left.begins) std::fill_n(left.to, padded(left.width), 0.0F);
    for (const Offset value : left.a) {
      const float* from = value_at(value);
      for (std::uint32_t r = 0; r < products.rows; ++r) {
        add({.a = left.to,
             .b = from + r * padded(left.width),
             .to = left.to,
             .rows = 1,
             .width = left.width});
      }
    }
  }
}

}  // namespace sheaf::backend::cpu
