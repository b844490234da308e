// SPDX-License-Identifier: Apache-2.0
//
// The product of a block of rows with block-circulant weights (circulant.h). Included once per
// instruction set, see kernels_simd.cc.
//
// Vector lanes hold blocks: input blocks while x is transformed, output blocks while spectra are
// multiplied and transformed back. Where a row has so few that they leave half a vector empty,
// transforms take several rows together. No operation mixes lanes, and tiles only choose how many
// chains run next to each other: a block meets the same operations, in the same order, however
// many rows there are. That is how batching changes no bit.
#if defined(SHEAF_BACKEND_CPU_CIRCULANT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SHEAF_BACKEND_CPU_CIRCULANT_INL_H_
#undef SHEAF_BACKEND_CPU_CIRCULANT_INL_H_
#else
#define SHEAF_BACKEND_CPU_CIRCULANT_INL_H_
#endif

#include <array>
#include <cstring>

#include "hwy/highway.h"
#include "sheaf/backend/cpu/circulant.h"
#include "sheaf/backend/cpu/product-inl.h"
#include "sheaf/backend/cpu/real_fft-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// One product while it runs.
struct CirculantRun {
  const CirculantArgs& args;
  std::size_t inputs;  // blocks
  std::size_t stride;  // floats from a coefficient of a row's spectrum to the next
  std::size_t row;     // first of those that are transformed
  std::size_t rows;
  float* spectra;  // [rows][k][stride]
  float* tile;     // [rows of a tile][vectors of output blocks][k][lanes]
  float* spare;    // [k x lanes] and a vector of slack, twice
  float* spare2;
  BackTransform back;
};

// Spectra of kRows rows times those of kVectors vectors of output blocks, for one pair of
// coefficients: complex numbers, or two real ones.
template <std::size_t kRows, std::size_t kVectors, bool kReal>
HWY_INLINE void multiply_pair(const CirculantRun& run, const float* x, const float* w,
                              std::size_t pair) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  const std::size_t k = run.args.block;
  const std::size_t vector_stride = k * run.inputs * kLanes;
  const std::size_t row_stride = k * run.stride;
  V sum[kRows][kVectors][2];
#pragma GCC unroll 12
  for (std::size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) sum[r][v][0] = sum[r][v][1] = hn::Zero(d);
  }
  x += 2 * pair * run.stride;
  w += 2 * pair * run.inputs * kLanes;
  for (std::size_t j = 0; j < run.inputs; ++j, w += 2 * kLanes) {
    V re[kVectors];
    V im[kVectors];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      re[v] = hn::Load(d, w + v * vector_stride);
      im[v] = hn::Load(d, w + v * vector_stride + kLanes);
      if constexpr (kRows > 1) {
        keep_in_register(re[v]);
        keep_in_register(im[v]);
      }
    }
#pragma GCC unroll 12
    for (std::size_t r = 0; r < kRows; ++r) {
      const V a = hn::Set(d, x[r * row_stride + j]);
      const V b = hn::Set(d, x[r * row_stride + run.stride + j]);
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kVectors; ++v) {
        V& y = sum[r][v][0];
        V& z = sum[r][v][1];
        if constexpr (kReal) {
          y = hn::MulAdd(a, re[v], y);
          z = hn::MulAdd(b, im[v], z);
        } else {
          y = hn::NegMulAdd(b, im[v], hn::MulAdd(a, re[v], y));
          z = hn::MulAdd(b, re[v], hn::MulAdd(a, im[v], z));
        }
      }
    }
  }
#pragma GCC unroll 12
  for (std::size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      float* const to = run.tile + ((r * kVectors + v) * k + 2 * pair) * kLanes;
      hn::Store(sum[r][v][0], d, to);
      hn::Store(sum[r][v][1], d, to + kLanes);
    }
  }
}

// In place of less than a vector: what is copied too much will be overwritten, or is slack.
HWY_INLINE void copy_vector(const float* from, float* to) {
  const hn::ScalableTag<float> d;
  hn::StoreU(hn::LoadU(d, from), d, to);
}

// Adds `blocks` blocks of one row to where they belong.
inline void put_blocks(const CirculantRun& run, const float* from, std::size_t row,
                       std::size_t first, std::size_t blocks) {
  const std::size_t k = run.args.block;
  float* const out = run.args.out + (run.row + row) * run.args.out_stride;
  const float* const base = run.args.bias != nullptr ? run.args.bias : out;
  for (std::size_t b = 0; b < blocks; ++b, from += k) {
    const std::uint32_t column = run.args.columns[first + b];
    const hn::ScalableTag<float> d;
    std::size_t i = 0;
    for (; i + hn::Lanes(d) <= k; i += hn::Lanes(d)) {
      const auto sum = hn::Add(hn::LoadU(d, base + column + i), hn::LoadU(d, from + i));
      hn::StoreU(sum, d, out + column + i);
    }
    for (; i < k; ++i) out[column + i] = base[column + i] + from[i];
  }
}

// Output blocks [first, first + blocks) of `rows` rows, a vector of lanes or less in all, back from
// their spectra; those of a row are `stride` floats from those of the row before.
inline void finish_part(const CirculantRun& run, const float* spectra, std::size_t stride,
                        std::size_t row, std::size_t rows, std::size_t first, std::size_t blocks) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<float>());
  const std::size_t k = run.args.block;
  if (rows > 1) {
    for (std::size_t c = 0; c < k; ++c) {
      for (std::size_t r = 0; r < rows; ++r) {
        copy_vector(spectra + r * stride + c * lanes, run.spare2 + c * lanes + r * blocks);
      }
    }
    spectra = run.spare2;
  }
  std::memset(run.spare, 0, k * lanes * sizeof(float));
  run.back(spectra, run.spare, run.spare);
  for (std::size_t r = 0; r < rows; ++r) {
    put_blocks(run, run.spare + r * blocks * k, row + r, first, blocks);
  }
}

// Output blocks [vector * lanes, ...) of `rows` rows.
inline void finish_blocks(const CirculantRun& run, const float* spectra, std::size_t stride,
                          std::size_t row, std::size_t rows, std::size_t vector) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<float>());
  const std::size_t k = run.args.block;
  const std::size_t first = vector * lanes;
  const std::size_t blocks = std::min(lanes, run.args.columns.size() - first);
  const std::uint32_t* const columns = run.args.columns.data() + first;
  const std::size_t together = lanes / blocks;
  if (blocks == lanes && columns[lanes - 1] == columns[0] + (lanes - 1) * k) {
    for (std::size_t r = 0; r < rows; ++r, spectra += stride) {
      float* const out = run.args.out + (run.row + row + r) * run.args.out_stride + columns[0];
      run.back(spectra, run.args.bias != nullptr ? run.args.bias + columns[0] : out, out);
    }
    return;
  }
  for (std::size_t r = 0; r < rows; r += together) {
    const std::size_t some = std::min(together, rows - r);
    finish_part(run, spectra + r * stride, stride, row + r, some, first, blocks);
  }
}

template <std::size_t kRows, std::size_t kVectors>
void circulant_tile(const CirculantRun& run, std::size_t row, std::size_t vector) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<float>());
  const std::size_t k = run.args.block;
  const float* const x = run.spectra + row * k * run.stride;
  const float* const w = run.args.weights + vector * k * run.inputs * lanes;
  multiply_pair<kRows, kVectors, true>(run, x, w, 0);
  for (std::size_t pair = 1; pair < k / 2; ++pair) {
    multiply_pair<kRows, kVectors, false>(run, x, w, pair);
  }
  for (std::size_t v = 0; v < kVectors; ++v) {
    finish_blocks(run, run.tile + v * k * lanes, kVectors * k * lanes, row, kRows, vector + v);
  }
}

template <std::size_t kRows>
void circulant_rows(const CirculantRun& run, std::size_t rows, std::size_t row,
                    std::size_t vector) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return circulant_tile<kRows, 1>(run, row, vector);
    circulant_rows<kRows - 1>(run, rows, row, vector);
  }
}

// Few rows: several vectors of output blocks together, so that there are enough independent chains.
template <std::size_t kRows, std::size_t kVectors>
std::size_t circulant_wide(const CirculantRun& run, std::size_t vector, std::size_t vectors) {
  for (; vector + kVectors <= vectors; vector += kVectors) {
    circulant_tile<kRows, kVectors>(run, 0, vector);
  }
  return vector;
}

inline void multiply_spectra(const CirculantRun& run) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<float>());
  const std::size_t vectors = (run.args.columns.size() + lanes - 1) / lanes;
  constexpr std::size_t kMost = hn::MaxLanes(hn::ScalableTag<float>()) == 16 ? 12 : 6;
  std::size_t vector = 0;
  if (run.rows == 1) {
    vector = circulant_wide<1, 4>(run, vector, vectors);
    vector = circulant_wide<1, 2>(run, vector, vectors);
  } else if (run.rows == 2) {
    if (kMost > 6) vector = circulant_wide<2, 4>(run, vector, vectors);
    vector = circulant_wide<2, 2>(run, vector, vectors);
  } else if (run.rows == 3) {
    vector = circulant_wide<3, 2>(run, vector, vectors);
  } else if (run.rows <= 6 && kMost > 6) {
    if (run.rows == 4) vector = circulant_wide<4, 2>(run, vector, vectors);
    if (run.rows == 5) vector = circulant_wide<5, 2>(run, vector, vectors);
    if (run.rows == 6) vector = circulant_wide<6, 2>(run, vector, vectors);
  }
  const std::size_t tiles = (run.rows + kMost - 1) / kMost;
  for (; vector < vectors; ++vector) {
    std::size_t row = 0;
    for (std::size_t t = 0; t < tiles; ++t) {
      const std::size_t rows = (run.rows - row + tiles - t - 1) / (tiles - t);
      circulant_rows<kMost>(run, rows, row, vector);
      row += rows;
    }
  }
}

// The last `blocks` blocks, less than a vector, of a range; the first of them is block `first` of
// the range and block `at` of all.
inline void transform_part(const CirculantRun& run, ForwardTransform forward,
                           const ProductArgs::Range& range, std::size_t first, std::size_t at) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<float>());
  const std::size_t k = run.args.block;
  const std::size_t blocks = range.k / k - first;
  const std::size_t together = lanes / blocks;
  for (std::size_t row = 0; row < run.rows; row += together) {
    const std::size_t rows = std::min(together, run.rows - row);
    std::memset(run.spare, 0, k * lanes * sizeof(float));
    for (std::size_t r = 0; r < rows; ++r) {
      const float* from = range.a + (run.row + row + r) * range.stride + first * k;
      std::memcpy(run.spare + r * blocks * k, from, blocks * k * sizeof(float));
    }
    forward(run.spare, run.spare2, lanes);
    for (std::size_t r = 0; r < rows; ++r) {
      float* const to = run.spectra + (row + r) * k * run.stride + at;
      for (std::size_t c = 0; c < k; ++c) {
        copy_vector(run.spare2 + c * lanes + r * blocks, to + c * run.stride);
      }
    }
  }
}

// All blocks of x of the run's rows.
inline void transform_rows(const CirculantRun& run, ForwardTransform forward) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<float>());
  const std::size_t k = run.args.block;
  std::size_t at = 0;
  for (const ProductArgs::Range& range : run.args.ranges) {
    const std::size_t blocks = range.k / k;
    const std::size_t whole = blocks / lanes * lanes;
    for (std::size_t row = 0; row < run.rows; ++row) {
      const float* const from = range.a + (run.row + row) * range.stride;
      float* const to = run.spectra + row * k * run.stride + at;
      for (std::size_t b = 0; b < whole; b += lanes) forward(from + b * k, to + b, run.stride);
    }
    if (whole < blocks) transform_part(run, forward, range, whole, at + whole);
    at += blocks;
  }
}

inline void circulant(const CirculantArgs& args) noexcept {
  const std::size_t k = args.block;
  std::size_t inputs = 0;
  for (const ProductArgs::Range& range : args.ranges) inputs += range.k / k;
  CirculantRun run{.args = args,
                   .inputs = inputs,
                   .stride = spectrum_stride(inputs),
                   .row = 0,
                   .rows = 0,
                   .spectra = args.scratch,
                   .tile = nullptr,
                   .spare = nullptr,
                   .spare2 = nullptr,
                   .back = back_transform(k)};
  const ForwardTransform forward = forward_transform(k);
  for (; run.row < args.rows; run.row += run.rows) {
    run.rows = std::min(kSpectrumRows, args.rows - run.row);
    run.tile = run.spectra + run.rows * k * run.stride;
    run.spare = run.tile + kSpectrumTileRows * k * kMostLanes;
    run.spare2 = run.spare + (k + 1) * kMostLanes;
    transform_rows(run, forward);
    multiply_spectra(run);
  }
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SHEAF_BACKEND_CPU_CIRCULANT_INL_H_
