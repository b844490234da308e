// SPDX-License-Identifier: Apache-2.0
//
// Promise 1 for row ops: a row's bits depend on that row alone, not on how many there are, where it
// lies or how far apart rows are.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/backend/rows_fixture.h"

namespace sheaf::backend::cpu {
namespace {

using test::same_bits;

class RowsPromise : public Rows {
 protected:
  static constexpr std::size_t kMostRows = 70;
  // Runs rows [first, first + rows) of the operands with the result `gap` floats further apart.
  [[nodiscard]] Matrix run_rows(OpKind kind, std::size_t first, std::size_t rows, std::size_t gap) {
    Matrix to(rows, a_.width(), gap);
    RowsArgs given = args(a_, b_, to);
    given.a += first * a_.stride();
    given.b += first * b_.stride();
    given.table = table_.data();
    given.table_stride = table_.stride();
    given.scalar = 0.75F;
    kernel(kind)(given);
    return to;
  }
  void fill(std::size_t width) {
    base::Rng rng(width, "rows");
    a_ = Matrix::random(kMostRows, width, rng, 8);
    b_ = Matrix::random(kMostRows, width, rng, 8);
    table_ = Matrix::random(width, width, rng);
  }

  static constexpr std::array kKinds = {
      OpKind::constant,  OpKind::copy,    OpKind::add,  OpKind::sub,         OpKind::mul,
      OpKind::one_minus, OpKind::sigmoid, OpKind::tanh, OpKind::log_softmax, OpKind::viterbi_step};
  Matrix a_{1, 1}, b_{1, 1}, table_{1, 1};
};

INSTANTIATE_TEST_SUITE_P(Isa, RowsPromise, testing::ValuesIn(test::isas()), test::isa_name);

TEST_P(RowsPromise, EveryTableHasEveryOpOfARegion) {
  for (const OpKind kind : kKinds) EXPECT_NE(kernel(kind), nullptr) << ops::schema(kind).name;
}

TEST_P(RowsPromise, ARowDoesNotDependOnTheNumberOfRows) {
  for (const std::size_t width : {2, 18, 58}) {
    fill(width);
    for (const OpKind kind : kKinds) {
      std::vector<Matrix> alone;
      for (std::size_t i = 0; i < kMostRows; ++i) alone.push_back(run_rows(kind, i, 1, 0));
      for (std::size_t rows = 1; rows <= kMostRows; ++rows) {
        const Matrix all = run_rows(kind, 0, rows, 0);
        for (std::size_t i = 0; i < rows; ++i) {
          ASSERT_TRUE(same_bits(all.row(i), alone[i].row(0)))
              << ops::schema(kind).name << ", row " << i << " of " << rows << ", " << width;
        }
      }
    }
  }
}

// Rows without gaps may be run as one long row; rows with gaps may not.
TEST_P(RowsPromise, ARowDoesNotDependOnTheGapsBetweenRows) {
  for (const std::size_t width : {2, 16, 18, 58}) {
    fill(width);
    for (const OpKind kind : kKinds) {
      const Matrix dense = run_rows(kind, 0, kMostRows, 0);
      const Matrix apart = run_rows(kind, 0, kMostRows, 48);
      for (std::size_t i = 0; i < kMostRows; ++i) {
        ASSERT_TRUE(same_bits(dense.row(i), apart.row(i))) << ops::schema(kind).name;
      }
    }
  }
}

TEST_P(RowsPromise, AnElementDoesNotDependOnItsColumn) {
  constexpr std::size_t kWidth = 57;
  base::Rng rng(5, "columns");
  for (int i = 0; i < 50; ++i) {
    const float x = rng.uniform(-9, 9);
    const float y = rng.uniform(-9, 9);
    const Matrix a = Matrix::of({x}, kWidth);
    const Matrix b = Matrix::of({y}, kWidth);
    for (const OpKind kind : {OpKind::add, OpKind::sub, OpKind::mul, OpKind::one_minus,
                              OpKind::sigmoid, OpKind::tanh}) {
      const Matrix to = run(kind, a, b);
      const auto row = to.row(0);
      EXPECT_TRUE(std::all_of(row.begin(), row.end(), [&](float z) { return z == row[0]; }))
          << ops::schema(kind).name;
    }
  }
}

TEST_P(RowsPromise, AStrideOfZeroIsOneRowForAll) {
  for (const std::size_t width : {2, 16, 58}) {
    fill(width);
    Matrix same(kMostRows, width);
    for (std::size_t i = 0; i < kMostRows; ++i) {
      std::copy(b_.row(0).begin(), b_.row(0).end(), same.row(i).begin());
    }
    for (const OpKind kind : {OpKind::add, OpKind::sub, OpKind::mul}) {
      const Matrix wanted = run(kind, a_, same);
      const Matrix mirrored = run(kind, same, a_);
      Matrix to(kMostRows, width);
      RowsArgs given = args(a_, b_, to);
      given.b_stride = 0;
      kernel(kind)(given);
      Matrix to_mirrored(kMostRows, width);
      given = args(b_, a_, to_mirrored);
      given.a_stride = 0;
      kernel(kind)(given);
      for (std::size_t i = 0; i < kMostRows; ++i) {
        ASSERT_TRUE(same_bits(to.row(i), wanted.row(i))) << ops::schema(kind).name;
        ASSERT_TRUE(same_bits(to_mirrored.row(i), mirrored.row(i))) << ops::schema(kind).name;
      }
    }
  }
}

// Copies and fills make the parts of a concat, which may begin anywhere.
TEST_P(RowsPromise, CopyAndFillWriteExactlyTheirColumns) {
  for (const std::size_t width : {1, 5, 16, 17, 57}) {
    fill(width);
    for (const OpKind kind : {OpKind::copy, OpKind::constant}) {
      for (const std::size_t column : {0, 3, 16, 21}) {
        Matrix to(4, column + width, 32);
        RowsArgs given = args(a_, b_, to);
        given.to += column;
        given.width = width;
        given.scalar = 0.75F;
        kernel(kind)(given);
        for (std::size_t i = 0; i < to.rows(); ++i) {
          for (std::size_t j = 0; j < to.stride(); ++j) {
            const bool inside = j >= column && j < column + width;
            const float wanted = kind == OpKind::copy ? a_.at(i, inside ? j - column : 0) : 0.75F;
            ASSERT_EQ(to.at(i, j), inside ? wanted : test::kUnwritten);
          }
        }
      }
    }
  }
}

TEST_P(RowsPromise, NothingIsWrittenBeyondThePaddingOfARow) {
  for (const std::size_t width : {2, 10, 16, 18, 34, 58, 114}) {
    fill(width);
    const std::size_t padded = tensor::round_up(width, tensor::kRowAlignment);
    for (const OpKind kind : kKinds) {
      const Matrix to = run_rows(kind, 0, 5, 32);
      for (std::size_t i = 0; i < to.rows(); ++i) {
        for (std::size_t j = padded; j < to.stride(); ++j) {
          ASSERT_EQ(to.at(i, j), test::kUnwritten) << ops::schema(kind).name << " " << width;
        }
      }
    }
  }
}

}  // namespace
}  // namespace sheaf::backend::cpu
