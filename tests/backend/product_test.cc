// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/backend/isas.h"
#include "tests/backend/matrix.h"

namespace sheaf::backend::cpu {
namespace {

using test::Matrix;
using test::same_bits;

constexpr std::size_t kMostRows = 70;

// Widths of the k-ranges of a product; odd ones, LAC's 57, whole vectors.
const std::vector<std::vector<std::size_t>> kRanges = {
    {1}, {3}, {57}, {64}, {1, 3, 57}, {20, 20}, {128, 7}, {3, 1, 1, 2}};
const std::vector<std::size_t> kColumns = {32, 64, 96, 128, 160, 224};

// Operands and weights of one product, packed for a table as kernels.h says.
class ProductCase {
 public:
  ProductCase(const KernelTable& table, const std::vector<std::size_t>& widths, std::size_t n,
              std::uint64_t seed = 1)
      : table_(table), n_(n), rng_(seed, "product"), bias_(Matrix::random(1, n, rng_)) {
    for (const std::size_t width : widths) {
      operands_.push_back(Matrix::random(kMostRows, width, rng_));
      k_ += width;
    }
    weights_.resize(k_ * n);
    for (float& w : weights_) w = rng_.uniform(-1, 1);
    panels_ = pack(0, k_);
  }

  [[nodiscard]] std::size_t k() const { return k_; }
  [[nodiscard]] std::vector<Matrix>& operands() { return operands_; }
  [[nodiscard]] float bias(std::size_t j) const { return bias_.at(0, j); }
  [[nodiscard]] float weight(std::size_t k, std::size_t j) const { return weights_[k * n_ + j]; }
  // Row i of all ranges side by side.
  [[nodiscard]] std::vector<float> row(std::size_t i) const {
    std::vector<float> values;
    for (const Matrix& operand : operands_) {
      const auto part = operand.row(i);
      values.insert(values.end(), part.begin(), part.end());
    }
    return values;
  }

  // Rows [first, first + rows).
  [[nodiscard]] Matrix run(std::size_t first, std::size_t rows) const {
    std::vector<ProductArgs::Range> ranges;
    for (const Matrix& operand : operands_) {
      ranges.push_back({operand.row(first).data(), operand.stride(), operand.width()});
    }
    return run(ranges, rows);
  }
  [[nodiscard]] Matrix run(const std::vector<ProductArgs::Range>& ranges, std::size_t rows) const {
    Matrix out(kMostRows + 1, n_, 16);
    table_.product({.ranges = ranges,
                    .k = k_,
                    .panels = panels_.data(),
                    .initial = bias_.data(),
                    .initial_stride = 0,
                    .out = out.data(),
                    .out_stride = out.stride(),
                    .rows = rows,
                    .n = n_});
    return out;
  }

  // The first `cut` ranges, then the others, which go on from the sums of these.
  [[nodiscard]] Matrix run_in_two(std::size_t cut, std::size_t rows) const {
    std::vector<ProductArgs::Range> ranges;
    std::size_t first = 0;
    for (const Matrix& operand : operands_) {
      if (ranges.size() < cut) first += operand.width();
      ranges.push_back({operand.row(0).data(), operand.stride(), operand.width()});
    }
    const tensor::AlignedBuffer before = pack(0, first);
    const tensor::AlignedBuffer after = pack(first, k_);
    Matrix sums(kMostRows + 1, n_, 32);
    Matrix out(kMostRows + 1, n_, 16);
    ProductArgs args{.ranges = std::span(ranges).first(cut),
                     .k = first,
                     .panels = before.data(),
                     .initial = bias_.data(),
                     .initial_stride = 0,
                     .out = sums.data(),
                     .out_stride = sums.stride(),
                     .rows = rows,
                     .n = n_};
    table_.product(args);
    args.ranges = std::span(ranges).subspan(cut);
    args.k = k_ - first;
    args.panels = after.data();
    args.initial = sums.data();
    args.initial_stride = sums.stride();
    args.out = out.data();
    args.out_stride = out.stride();
    table_.product(args);
    return out;
  }

 private:
  // Steps [begin, end) of k.
  [[nodiscard]] tensor::AlignedBuffer pack(std::size_t begin, std::size_t end) const {
    const std::size_t width = table_.panel_width;
    tensor::AlignedBuffer panels((end - begin) * n_);
    float* to = panels.data();
    for (std::size_t panel = 0; panel < n_ / width; ++panel) {
      for (std::size_t k = begin; k < end; ++k) {
        for (std::size_t j = 0; j < width; ++j) *to++ = weight(k, panel * width + j);
      }
    }
    return panels;
  }

  const KernelTable& table_;
  std::size_t n_;
  base::Rng rng_;
  Matrix bias_;
  std::size_t k_ = 0;
  std::vector<Matrix> operands_;
  std::vector<float> weights_;
  tensor::AlignedBuffer panels_;
};

class Product : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] const KernelTable& table() const { return choose_kernels(GetParam()); }
};

// |error| <= (2 k + 2) ulp/2 of the sum of magnitudes, whether or not products are rounded.
TEST_P(Product, IsTheSumInDouble) {
  for (const auto& widths : kRanges) {
    for (const std::size_t n : kColumns) {
      const ProductCase c(table(), widths, n);
      const Matrix out = c.run(0, kMostRows);
      for (std::size_t i = 0; i < kMostRows; ++i) {
        const auto row = c.row(i);
        for (std::size_t j = 0; j < n; ++j) {
          double sum = c.bias(j);
          double magnitude = std::abs(sum);
          for (std::size_t k = 0; k < row.size(); ++k) {
            const double term = static_cast<double>(row[k]) * c.weight(k, j);
            sum += term;
            magnitude += std::abs(term);
          }
          const double most = static_cast<double>(2 * c.k() + 2) * 0x1p-24 * magnitude;
          ASSERT_NEAR(out.at(i, j), sum, most) << "row " << i << ", column " << j << ", n " << n;
        }
      }
    }
  }
}

// The bits of one chain: from the bias, over k in order; a multiply-add rounds once or twice.
bool is_chain(const ProductCase& c, const Matrix& out, std::size_t rows, std::size_t n,
              bool fused) {
  for (std::size_t i = 0; i < rows; ++i) {
    const auto row = c.row(i);
    for (std::size_t j = 0; j < n; ++j) {
      float sum = c.bias(j);
      for (std::size_t k = 0; k < row.size(); ++k) {
        const float term = row[k] * c.weight(k, j);
        sum = fused ? std::fma(row[k], c.weight(k, j), sum) : sum + term;
      }
      if (sum != out.at(i, j)) return false;
    }
  }
  return true;
}

TEST_P(Product, IsOneChainOverKInOrder) {
  for (const auto& widths : kRanges) {
    const ProductCase c(table(), widths, 96);
    for (const std::size_t rows : {1, 2, 3, 4, 5, 13, 64}) {
      const Matrix out = c.run(0, rows);
      const bool fused = is_chain(c, out, rows, 96, true);
      const bool may_be_unfused = table().name == "scalar";
      EXPECT_TRUE(fused || (may_be_unfused && is_chain(c, out, rows, 96, false))) << rows;
    }
  }
}

TEST_P(Product, ChainDoesNotDependOnRows) {
  for (const auto& widths : kRanges) {
    for (const std::size_t n : kColumns) {
      const ProductCase c(table(), widths, n);
      std::vector<Matrix> alone;
      for (std::size_t i = 0; i < kMostRows; ++i) alone.push_back(c.run(i, 1));
      for (std::size_t rows = 1; rows <= kMostRows; ++rows) {
        const Matrix out = c.run(0, rows);
        for (std::size_t i = 0; i < rows; ++i) {
          ASSERT_TRUE(same_bits(out.row(i), alone[i].row(0)))
              << "row " << i << " of " << rows << ", n " << n << ", k " << c.k();
        }
      }
    }
  }
}

TEST_P(Product, ARowDoesNotDependOnItsNeighbours) {
  for (std::size_t rows = 1; rows <= 40; ++rows) {
    ProductCase c(table(), {3, 57}, 96);
    const Matrix before = c.run(0, rows);
    const std::size_t kept = rows / 2;
    for (Matrix& operand : c.operands()) {
      for (std::size_t i = 0; i < kMostRows; ++i) {
        if (i == kept) continue;
        for (float& x : operand.row(i)) x = std::numeric_limits<float>::quiet_NaN();
      }
    }
    ASSERT_TRUE(same_bits(c.run(0, rows).row(kept), before.row(kept))) << rows << " rows";
  }
}

TEST_P(Product, RangesSideBySideAreOneRange) {
  for (const auto& widths : {std::vector<std::size_t>{20, 20}, {1, 56}, {3, 1, 57}}) {
    const ProductCase c(table(), widths, 128);
    Matrix joined(kMostRows, c.k());
    for (std::size_t i = 0; i < kMostRows; ++i) {
      const auto row = c.row(i);
      std::copy(row.begin(), row.end(), joined.row(i).begin());
    }
    for (std::size_t rows = 1; rows <= kMostRows; ++rows) {
      const Matrix split = c.run(0, rows);
      const Matrix whole = c.run({{joined.data(), joined.stride(), c.k()}}, rows);
      for (std::size_t i = 0; i < rows; ++i) {
        ASSERT_TRUE(same_bits(split.row(i), whole.row(i))) << "row " << i << " of " << rows;
      }
    }
  }
}

TEST_P(Product, GoingOnFromStoredSumsIsTheSameChain) {
  for (const auto& widths : {std::vector<std::size_t>{20, 20}, {57, 7}, {3, 1, 57}}) {
    for (const std::size_t n : kColumns) {
      const ProductCase c(table(), widths, n);
      for (std::size_t rows = 1; rows <= kMostRows; ++rows) {
        const Matrix whole = c.run(0, rows);
        const Matrix in_two = c.run_in_two(widths.size() - 1, rows);
        for (std::size_t i = 0; i < rows; ++i) {
          ASSERT_TRUE(same_bits(in_two.row(i), whole.row(i)))
              << "row " << i << " of " << rows << ", n " << n;
        }
      }
    }
  }
}

TEST_P(Product, AStrideOfZeroIsOneRowForAll) {
  ProductCase c(table(), {20}, 64);
  const Matrix alone = c.run(3, 1);
  for (std::size_t rows = 1; rows <= 30; ++rows) {
    const Matrix out = c.run({{c.operands()[0].row(3).data(), 0, 20}}, rows);
    for (std::size_t i = 0; i < rows; ++i) {
      ASSERT_TRUE(same_bits(out.row(i), alone.row(0))) << "row " << i << " of " << rows;
    }
  }
}

TEST_P(Product, WritesNothingBesideItsRowsAndColumns) {
  for (const std::size_t n : kColumns) {
    const ProductCase c(table(), {5}, n);
    for (std::size_t rows = 1; rows <= kMostRows; ++rows) {
      const Matrix out = c.run(0, rows);
      for (std::size_t i = 0; i <= kMostRows; ++i) {
        for (std::size_t j = i < rows ? n : 0; j < out.stride(); ++j) {
          ASSERT_EQ(out.at(i, j), test::kUnwritten) << "row " << i << " of " << rows;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, Product, testing::ValuesIn(test::isas()), test::isa_name);

}  // namespace
}  // namespace sheaf::backend::cpu
