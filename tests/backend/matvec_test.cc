// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/backend/isas.h"
#include "tests/backend/matrix.h"

namespace sheaf::backend::cpu {
namespace {

using test::Matrix;
using test::same_bits;

constexpr std::size_t kSizes[] = {1, 7, 16, 33, 64, 100, 128, 200};

class MatVec : public testing::TestWithParam<std::string> {
 protected:
  // One row more than is written.
  [[nodiscard]] Matrix run(const Matrix& matrix, const Matrix& vector) const {
    Matrix to(2, matrix.width());
    choose_kernels(GetParam())
        .matvec({.matrix = matrix.data(),
                 .stride = matrix.stride(),
                 .vector = vector.data(),
                 .to = to.data(),
                 .rows = matrix.rows(),
                 .width = matrix.width()});
    return to;
  }
  // The bits of one chain from 0 over the columns; a multiply-add rounds once or twice.
  static std::vector<float> chain(const Matrix& matrix, const Matrix& vector, bool fused) {
    std::vector<float> result;
    for (std::size_t j = 0; j < matrix.width(); ++j) {
      float sum = 0;
      for (std::size_t c = 0; c < matrix.rows(); ++c) {
        const float term = vector.at(0, c) * matrix.at(c, j);
        sum = fused ? std::fma(vector.at(0, c), matrix.at(c, j), sum) : sum + term;
      }
      result.push_back(sum);
    }
    return result;
  }

  base::Rng rng_{3, "matvec"};
};

TEST_P(MatVec, IsOneChainOverTheColumns) {
  for (const std::size_t width : kSizes) {
    for (const std::size_t columns : kSizes) {
      const Matrix matrix = Matrix::random(columns, width, rng_);
      const Matrix vector = Matrix::random(1, columns, rng_);
      const Matrix got = run(matrix, vector);
      const bool fused = same_bits(got.row(0), chain(matrix, vector, true));
      const bool may_be_unfused = GetParam() == "scalar";
      EXPECT_TRUE(fused || (may_be_unfused && same_bits(got.row(0), chain(matrix, vector, false))))
          << width << " x " << columns;
    }
  }
}

TEST_P(MatVec, ColumnsMayLieApart) {
  for (const std::size_t width : kSizes) {
    const Matrix close = Matrix::random(33, width, rng_);
    Matrix apart(33, width, 48);
    for (std::size_t c = 0; c < 33; ++c) {
      std::copy(close.row(c).begin(), close.row(c).end(), apart.row(c).begin());
    }
    const Matrix vector = Matrix::random(1, 33, rng_);
    EXPECT_TRUE(same_bits(run(close, vector).row(0), run(apart, vector).row(0))) << width;
  }
}

TEST_P(MatVec, WritesNothingBesideItsRow) {
  for (const std::size_t width : kSizes) {
    const Matrix matrix = Matrix::random(5, width, rng_);
    const Matrix got = run(matrix, Matrix::random(1, 5, rng_));
    for (const float value : got.whole_row(1)) ASSERT_EQ(value, test::kUnwritten) << width;
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, MatVec, testing::ValuesIn(test::isas()), test::isa_name);

}  // namespace
}  // namespace sheaf::backend::cpu
