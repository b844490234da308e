// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/circulant.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/backend/cpu/circulant_pack.h"
#include "sheaf/compress/block_circulant/block_circulant.h"
#include "sheaf/memory_plan/compiled_cell.h"
#include "tests/backend/isas.h"
#include "tests/backend/matrix.h"

namespace sheaf::backend::cpu {
namespace {

using memory_plan::ProductPart;
using test::Matrix;
using test::same_bits;

constexpr std::size_t kMostRows = 150;  // more than are transformed at a time

// What a product that adds finds in a column.
float base_of(std::size_t column) { return static_cast<float>(column % 7) * 0.25F; }

// Widths of the k-ranges and of the parts, in blocks.
struct Blocks {
  std::vector<std::uint32_t> ranges;
  std::vector<std::uint32_t> parts;
};

// Ones, whole vectors of every instruction set, remainders, gates of an LSTM.
const std::vector<Blocks> kBlocks = {{{1}, {1}},          {{3}, {5}},
                                     {{16}, {16}},        {{7, 2}, {4}},
                                     {{2, 9}, {6, 6, 6}}, {{17, 16}, {16, 16, 16, 16}},
                                     {{1, 1, 1}, {33}}};
const std::vector<std::uint32_t> kSizes = {2, 4, 8, 16, 32, 64};

// One product: a weight per part and range, a bias per part.
class CirculantCase {
 public:
  CirculantCase(const KernelTable& table, std::uint32_t k, const Blocks& blocks,
                std::uint64_t seed = 1)
      : table_(table), rng_(seed, "circulant") {
    product_.encoding = tensor::block_circulant(k);
    for (const std::uint32_t range : blocks.ranges) {
      operands_.push_back(Matrix::random(kMostRows, range * k, rng_));
      product_.ranges.push_back({{}, range * k});
      product_.k += range * k;
    }
    for (const std::uint32_t part : blocks.parts) add_part(part * k);
    product_.n =
        static_cast<std::uint32_t>(tensor::round_up(product_.n, memory_plan::kPanelAlignment));
    packed_ = pack_circulant(product_, binding_, parameters_, table.circulant_lanes);
  }

  [[nodiscard]] const memory_plan::Product& product() const { return product_; }
  [[nodiscard]] std::vector<Matrix>& operands() { return operands_; }

  // Rows [first, first + rows), into rows of `out` or of what is unwritten.
  [[nodiscard]] Matrix run(std::size_t first, std::size_t rows, bool adds = false) const {
    Matrix out(kMostRows + 1, product_.n, 16);
    for (std::size_t i = 0; adds && i < rows; ++i) {
      for (std::size_t j = 0; j < product_.n; ++j) out.at(i, j) = base_of(j);
    }
    std::vector<ProductArgs::Range> ranges;
    for (const Matrix& operand : operands_) {
      ranges.push_back({operand.row(first).data(), operand.stride(), operand.width()});
    }
    const std::size_t k = product_.encoding.block;
    tensor::AlignedBuffer scratch(circulant_scratch(rows, product_.k / k, k));
    table_.circulant({.ranges = ranges,
                      .block = k,
                      .weights = packed_.panels.data(),
                      .columns = packed_.columns,
                      .bias = adds ? nullptr : packed_.bias.data(),
                      .out = out.data(),
                      .out_stride = out.stride(),
                      .rows = rows,
                      .scratch = scratch.data()});
    return out;
  }

  // Row i, column `column` of part p in double, without the bias, and the sum of magnitudes.
  [[nodiscard]] std::pair<double, double> expected(std::size_t i, std::size_t p,
                                                   std::uint32_t column) const {
    double sum = 0;
    double magnitude = 0;
    for (std::size_t r = 0; r < operands_.size(); ++r) {
      const tensor::Tensor& weight = dense_[p * operands_.size() + r];
      for (std::uint32_t j = 0; j < weight.shape().cols; ++j) {
        const double term = static_cast<double>(weight.row(column)[j]) * operands_[r].at(i, j);
        sum += term;
        magnitude += std::abs(term);
      }
    }
    return {sum, magnitude};
  }
  [[nodiscard]] float bias(std::size_t p, std::uint32_t column) const {
    return parameters_[binding_[product_.parts[p].bias]].value.values()[column];
  }

 private:
  graph::SlotId add_parameter(tensor::Shape shape, tensor::Encoding encoding) {
    const auto id = parameters_.declare("p" + std::to_string(binding_.size()), shape);
    parameters_.encode(id, encoding);
    tensor::Tensor value(parameters_[id].stored_shape());
    for (float& v : value.values()) v = rng_.uniform(-1, 1);
    parameters_.assign(id, std::move(value));
    binding_.push_back(id);
    return static_cast<graph::SlotId>(binding_.size() - 1);
  }

  void add_part(std::uint32_t width) {
    ProductPart part{.terms = {}, .width = width, .column = product_.n};
    std::uint32_t first_k = 0;
    for (const memory_plan::KRange& range : product_.ranges) {
      const auto slot = add_parameter({width, range.width}, product_.encoding);
      part.terms.push_back({slot, first_k, range.width});
      dense_.push_back(
          compress::expand(parameters_[binding_[slot]].value, product_.encoding.block));
      first_k += range.width;
    }
    part.bias = add_parameter({1, width}, tensor::kDense);
    product_.n += static_cast<std::uint32_t>(tensor::padded(width));
    product_.parts.push_back(std::move(part));
  }

  const KernelTable& table_;
  base::Rng rng_;
  memory_plan::Product product_;
  graph::ParameterStore parameters_;
  graph::Binding binding_;
  std::vector<tensor::Tensor> dense_;  // by part and range
  std::vector<Matrix> operands_;
  PackedProduct packed_;
};

class Circulant : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] const KernelTable& table() const { return choose_kernels(GetParam()); }
};

TEST_P(Circulant, IsTheDenseProductOfTheExpandedMatrix) {
  for (const std::uint32_t k : kSizes) {
    for (const Blocks& blocks : kBlocks) {
      const CirculantCase c(table(), k, blocks);
      for (const bool adds : {false, true}) {
        const Matrix out = c.run(0, 5, adds);
        for (std::size_t i = 0; i < 5; ++i) {
          for (std::size_t p = 0; p < blocks.parts.size(); ++p) {
            for (std::uint32_t j = 0; j < blocks.parts[p] * k; ++j) {
              const std::size_t column = c.product().parts[p].column + j;
              const double base = adds ? base_of(column) : c.bias(p, j);
              const auto [sum, magnitude] = c.expected(i, p, j);
              ASSERT_NEAR(out.at(i, column), base + sum, 3e-6 * (1 + magnitude + std::abs(base)))
                  << "k " << k << ", row " << i << ", column " << column;
            }
          }
        }
      }
    }
  }
}

TEST_P(Circulant, RowHasTheSameBitsInEveryNumberOfRows) {
  for (const std::uint32_t k : {2U, 8U, 64U}) {
    for (const Blocks& blocks : {Blocks{{7, 2}, {4}}, {{2, 3}, {6, 6, 6}}, {{17}, {1, 32}}}) {
      if (table().circulant_lanes == 0 && k == 64) continue;  // slow, and none differs from k = 8
      const CirculantCase c(table(), k, blocks);
      const Matrix all = c.run(0, kMostRows);
      for (const std::size_t rows : {1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 25, 63, 64, 65, 130}) {
        const std::size_t first = (rows * 7) % (kMostRows - rows);
        const Matrix some = c.run(first, rows);
        for (std::size_t i = 0; i < rows; ++i) {
          for (const ProductPart& part : c.product().parts) {
            ASSERT_TRUE(same_bits(some.row(i).subspan(part.column, part.width),
                                  all.row(first + i).subspan(part.column, part.width)))
                << "k " << k << ", " << rows << " rows, row " << i;
          }
        }
      }
    }
  }
}

TEST_P(Circulant, WritesTheColumnsOfItsPartsOnly) {
  for (const std::uint32_t k : kSizes) {
    const CirculantCase c(table(), k, {{3}, {1, 3, 1}});
    const Matrix out = c.run(0, 4);
    std::vector<bool> written(out.stride(), false);
    for (const ProductPart& part : c.product().parts) {
      std::fill_n(written.begin() + part.column, part.width, true);
    }
    for (std::size_t i = 0; i < kMostRows + 1; ++i) {
      for (std::size_t j = 0; j < out.stride(); ++j) {
        const bool mine = i < 4 && written[j];
        EXPECT_EQ(out.whole_row(i)[j] == test::kUnwritten, !mine)
            << "k " << k << ' ' << i << ' ' << j;
      }
    }
  }
}

TEST_P(Circulant, NaNStaysInItsRow) {
  CirculantCase c(table(), 8, {{5}, {7}});
  const Matrix before = c.run(0, 13);
  c.operands()[0].at(6, 3) = std::nanf("");
  const Matrix after = c.run(0, 13);
  for (std::size_t i = 0; i < 13; ++i) {
    const auto width = c.product().parts[0].width;
    EXPECT_EQ(same_bits(after.row(i).first(width), before.row(i).first(width)), i != 6) << i;
  }
}

TEST_P(Circulant, OfRandomShapesIsTheDenseProduct) {
  base::Rng rng(11, "shapes");
  for (std::size_t n = 0; n < 60; ++n) {
    const std::uint32_t k = kSizes[rng.below(6)];
    Blocks blocks;
    for (std::uint32_t i = 0; i < 1 + rng.below(3); ++i) blocks.ranges.push_back(1 + rng.below(20));
    for (std::uint32_t i = 0; i < 1 + rng.below(4); ++i) blocks.parts.push_back(1 + rng.below(40));
    const CirculantCase c(table(), k, blocks, n);
    const std::size_t rows = 1 + rng.below(20);
    const Matrix out = c.run(0, rows);
    for (std::size_t sample = 0; sample < 40; ++sample) {
      const std::size_t i = rng.below(static_cast<std::uint32_t>(rows));
      const std::size_t p = rng.below(static_cast<std::uint32_t>(blocks.parts.size()));
      const std::uint32_t j = rng.below(blocks.parts[p] * k);
      const auto [sum, magnitude] = c.expected(i, p, j);
      ASSERT_NEAR(out.at(i, c.product().parts[p].column + j), c.bias(p, j) + sum,
                  3e-6 * (2 + magnitude));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, Circulant, testing::ValuesIn(test::isas()), test::isa_name);

TEST(CirculantPack, RefusesAParameterThatIsStoredInAnotherWay) {
  graph::ParameterStore parameters;
  parameters.assign(parameters.declare("W", {8, 8}), tensor::Tensor({8, 8}));
  memory_plan::Product product{.encoding = tensor::block_circulant(4)};
  product.parts.push_back({.terms = {{0, 0, 8}}, .width = 8, .column = 0});
  product.k = 8;
  product.n = 32;
  try {
    static_cast<void>(pack_circulant(product, {0}, parameters, 4));
    FAIL() << "nothing was thrown";
  } catch (const base::UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "[parameter W] encoding: got dense, expected block_circulant:k=4, for which the "
                 "network was compiled; compile it again");
  }
}

}  // namespace
}  // namespace sheaf::backend::cpu
