// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/circulant_placement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <map>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "tests/message_of.h"

namespace sheaf::backend::cim {
namespace {

using Vector = std::vector<std::int64_t>;

// w[i][j] are the k numbers of block (i, j); x has q k numbers.
struct Product {
  CirculantShape shape;
  std::vector<std::vector<Vector>> w;
  Vector x;
};

Product random_product(std::uint64_t seed, CirculantShape shape) {
  base::Rng rng(seed, "circulant");
  const auto number = [&] { return static_cast<std::int64_t>(rng.below(255)) - 127; };
  Product product{shape, {}, {}};
  for (std::uint32_t i = 0; i < shape.block_rows; ++i) {
    product.w.emplace_back();
    for (std::uint32_t j = 0; j < shape.block_cols; ++j) {
      Vector block(shape.block);
      for (auto& value : block) value = number();
      product.w.back().push_back(block);
    }
  }
  product.x.resize(shape.block_cols * shape.block);
  for (auto& value : product.x) value = number();
  return product;
}

// By the definition: C[r][c] = w[(r - c) mod k].
Vector dense_product(const Product& p) {
  const std::uint32_t k = p.shape.block;
  Vector y(p.shape.block_rows * k, 0);
  for (std::uint32_t i = 0; i < p.shape.block_rows; ++i) {
    for (std::uint32_t j = 0; j < p.shape.block_cols; ++j) {
      for (std::uint32_t r = 0; r < k; ++r) {
        for (std::uint32_t c = 0; c < k; ++c) {
          y[i * k + r] += p.w[i][j][(r + k - c) % k] * p.x[j * k + c];
        }
      }
    }
  }
  return y;
}

using Spectrum = std::vector<std::complex<double>>;

Spectrum transform(const Spectrum& x, double sign) {
  const std::size_t k = x.size();
  Spectrum y(k);
  for (std::size_t f = 0; f < k; ++f) {
    for (std::size_t t = 0; t < k; ++t) {
      y[f] += x[t] * std::polar(1.0, sign * 2 * M_PI * static_cast<double>(f * t % k) /
                                         static_cast<double>(k));
    }
  }
  return y;
}

Spectrum as_spectrum(const Vector& values, std::size_t first, std::size_t count) {
  return transform(Spectrum(values.begin() + static_cast<std::ptrdiff_t>(first),
                            values.begin() + static_cast<std::ptrdiff_t>(first + count)),
                   -1);
}

// y_i = IFFT(sum_j FFT(w_ij) FFT(x_j)).
Vector spectral_product(const Product& p) {
  const std::uint32_t k = p.shape.block;
  Vector y;
  for (std::uint32_t i = 0; i < p.shape.block_rows; ++i) {
    Spectrum sum(k);
    for (std::uint32_t j = 0; j < p.shape.block_cols; ++j) {
      const Spectrum w = as_spectrum(p.w[i][j], 0, k);
      const Spectrum x = as_spectrum(p.x, std::size_t{j} * k, k);
      for (std::uint32_t f = 0; f < k; ++f) sum[f] += w[f] * x[f];
    }
    for (const auto& value : transform(sum, 1)) y.push_back(std::llround(value.real() / k));
  }
  return y;
}

struct Run {
  Vector y;
  std::uint64_t conversions = 0;
  std::uint64_t crossbars = 0;
};

// Fills crossbars by the placement, drives their rows step by step, and adds strips up.
Run crossbar_product(const Product& p, const CrossbarGrid& grid, Slicing slicing,
                     std::uint32_t duplicates) {
  const std::uint32_t k = p.shape.block;
  const CirculantPlacement placement = place_circulant(p.shape, grid, slicing, duplicates);
  // [crossbar][column][row]; what a column holds is set once.
  std::map<std::pair<std::uint64_t, std::uint32_t>, Vector> cells;
  const std::uint32_t blocks_in_strip = placement.strip_rows / k;
  Run run;
  run.y.assign(p.shape.block_rows * k, 0);
  for (std::uint32_t strip = 0; strip < placement.strips; ++strip) {
    for (std::uint32_t i = 0; i < p.shape.block_rows; ++i) {
      for (std::uint32_t s = 0; s < duplicates; ++s) {
        for (std::uint32_t slice = 0; slice < grid.columns_per_weight; ++slice) {
          const ColumnAt at = column_at(placement, p.shape, grid, {strip, i, s, slice});
          EXPECT_LT(at.crossbar, placement.crossbars);
          Vector column(grid.rows, 0);
          for (std::uint32_t b = 0; b < blocks_in_strip; ++b) {
            const std::uint32_t j = strip * blocks_in_strip + b;
            if (j >= p.shape.block_cols) break;
            for (std::uint32_t d = 0; d < k; ++d) {
              column[b * k + d] = p.w[i][j][stored_number(d, s, k)];
            }
          }
          EXPECT_TRUE(cells.emplace(std::pair{at.crossbar, at.column}, column).second);
          run.crossbars = std::max(run.crossbars, at.crossbar + 1);
        }
        const ColumnAt at = column_at(placement, p.shape, grid, {strip, i, s, 0});
        const Vector& column = cells.at({at.crossbar, at.column});
        for (std::uint32_t t = 0; t < placement.steps; ++t) {
          std::int64_t sum = 0;
          for (std::uint32_t b = 0; b < blocks_in_strip; ++b) {
            const std::uint32_t j = strip * blocks_in_strip + b;
            if (j >= p.shape.block_cols) break;
            for (std::uint32_t d = 0; d < k; ++d) {
              sum += column[b * k + d] * p.x[j * k + driving_input(d, t, duplicates, k)];
            }
          }
          run.y[i * k + output_of(s, t, duplicates)] += sum;
          run.conversions += grid.columns_per_weight;
        }
      }
    }
  }
  return run;
}

TEST(CirculantPlacement, WorkedVectorOfFour) {
  const Product p{{4, 1, 1}, {{{1, 2, 3, 4}}}, {5, 6, 7, 8}};
  const Vector expected = {66, 68, 66, 60};
  EXPECT_EQ(dense_product(p), expected);
  EXPECT_EQ(spectral_product(p), expected);
  for (const std::uint32_t duplicates : {1U, 2U, 4U}) {
    EXPECT_EQ(crossbar_product(p, {8, 8, 1}, Slicing::apart, duplicates).y, expected);
  }
}

TEST(CirculantPlacement, TwoCopiesOfFourAreTheWorkedRows) {
  // [1,2], [2,3], [3,4], [4,1]
  const Vector w = {1, 2, 3, 4};
  const std::vector<Vector> expected = {{1, 2}, {2, 3}, {3, 4}, {4, 1}};
  for (std::uint32_t d = 0; d < 4; ++d) {
    for (std::uint32_t s = 0; s < 2; ++s) {
      EXPECT_EQ(w[stored_number(d, s, 4)], expected[d][s]);
    }
  }
}

TEST(CirculantPlacement, DenseCirculantAndSpectralProductsAreEqual) {
  const std::vector<CirculantShape> shapes = {{4, 1, 1}, {8, 3, 5}, {16, 2, 7},
                                              {6, 2, 3}, {1, 5, 9}, {32, 1, 2}};
  std::uint64_t seed = 0;
  for (const CirculantShape& shape : shapes) {
    const Product p = random_product(++seed, shape);
    const Vector expected = dense_product(p);
    EXPECT_EQ(spectral_product(p), expected);
    for (std::uint32_t d = 1; d <= shape.block; ++d) {
      if (shape.block % d != 0) continue;
      for (const Slicing slicing : {Slicing::apart, Slicing::packed}) {
        for (const std::uint32_t columns_per_weight : {1U, 2U, 3U}) {
          const CrossbarGrid grid{32, 24, columns_per_weight};
          EXPECT_EQ(crossbar_product(p, grid, slicing, d).y, expected);
        }
      }
    }
  }
}

TEST(CirculantPlacement, ConversionsPerOutputDoNotDependOnCopies) {
  const Product p = random_product(9, {16, 2, 7});
  const CrossbarGrid grid{32, 64, 4};
  const std::uint64_t expected = 2ULL * 16 * 4 * 4;  // m, columns per weight, 7 blocks in 4 strips
  for (const std::uint32_t d : {1U, 2U, 4U, 8U, 16U}) {
    EXPECT_EQ(crossbar_product(p, grid, Slicing::apart, d).conversions, expected);
    EXPECT_EQ(crossbar_product(p, grid, Slicing::packed, d).conversions, expected);
  }
}

TEST(CirculantPlacement, EveryCrossbarOfThePlacementIsUsed) {
  for (const Slicing slicing : {Slicing::apart, Slicing::packed}) {
    const Product p = random_product(3, {8, 3, 21});
    const CrossbarGrid grid{32, 24, 2};
    EXPECT_EQ(crossbar_product(p, grid, slicing, 2).crossbars,
              place_circulant(p.shape, grid, slicing, 2).crossbars);
  }
}

TEST(CirculantPlacement, PackedStripsOfAConvolutionShareOneCrossbar) {
  // 576 x 64 in blocks of 64: five strips of 8 columns, one after the other.
  const CirculantShape shape{64, 1, 9};
  const CirculantPlacement placement = place_circulant(shape, {128, 128, 8}, Slicing::packed, 1);
  EXPECT_EQ(placement.crossbars, 1U);
  EXPECT_EQ(placement.packed, 5U);
  EXPECT_EQ(placement.strips, 5U);
  EXPECT_EQ(free_duplicates(shape, {128, 128, 8}, Slicing::packed), 2U);
}

TEST(CirculantPlacement, BlockLargerThanTheCrossbarIsRefused) {
  EXPECT_EQ(test::message_of<base::ConfigError>([] {
              static_cast<void>(place_circulant({256, 1, 1}, {128, 128, 8}, Slicing::apart, 1));
            }),
            "[mapping.block] block size: got 256, expected at most the 128 rows of a crossbar; a "
            "strip of rows must hold whole blocks");
}

}  // namespace
}  // namespace sheaf::backend::cim
