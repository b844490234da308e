// SPDX-License-Identifier: Apache-2.0
//
// Element-wise ops and log-softmax against libm in double.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/backend/rows_fixture.h"

namespace sheaf::backend::cpu {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kDenormal = std::numeric_limits<float>::denorm_min();

// Numbers at the edges: zeros, denormals, where exp over- and underflows, huge ones, infinities.
const std::vector<float> kEdges = {
    0.0F,   -0.0F,   kDenormal, -kDenormal, 1e-39F,     -1e-39F,    1e-20F, -1e-20F, 0.624999F,
    0.625F, -0.625F, 1.0F,      -1.0F,      87.3F,      -87.3F,     87.4F,  -87.4F,  88.0F,
    -88.0F, 88.8F,   -88.8F,    104.0F,     -104.0F,    1e4F,       -1e4F,  1e30F,   -1e30F,
    3e38F,  -3e38F,  kInfinity, -kInfinity, 16777216.F, -16777216.F};

std::vector<float> wide_range() {
  std::vector<float> values = kEdges;
  for (int i = -4000; i <= 4000; ++i) values.push_back(static_cast<float>(i) * 0.027F);
  base::Rng rng(3, "wide range");
  for (int i = 0; i < 4000; ++i) {
    const float magnitude = std::pow(10.0F, rng.uniform(-38, 38));
    values.push_back(rng.below(2) == 0 ? magnitude : -magnitude);
  }
  return values;
}

INSTANTIATE_TEST_SUITE_P(Isa, Rows, testing::ValuesIn(test::isas()), test::isa_name);

TEST_P(Rows, ArithmeticIsExact) {
  std::vector<float> left;
  std::vector<float> right;
  for (const float a : kEdges) {
    for (const float b : kEdges) {
      left.push_back(a);
      right.push_back(b);
    }
  }
  for (const std::size_t width : {1, 3, 16, 17, 57}) {
    const Matrix a = Matrix::of(left, width);
    const Matrix b = Matrix::of(right, width);
    const Matrix sum = run(OpKind::add, a, b);
    const Matrix difference = run(OpKind::sub, a, b);
    const Matrix product = run(OpKind::mul, a, b);
    const Matrix complement = run(OpKind::one_minus, a);
    const Matrix copy = run(OpKind::copy, a);
    const auto same = [](float got, float want) {
      return got == want || (std::isnan(got) && std::isnan(want));
    };
    for (std::size_t i = 0; i < a.rows(); ++i) {
      for (std::size_t j = 0; j < width; ++j) {
        const float x = a.at(i, j);
        const float y = b.at(i, j);
        ASSERT_TRUE(same(sum.at(i, j), x + y)) << x << " + " << y;
        ASSERT_TRUE(same(difference.at(i, j), x - y)) << x << " - " << y;
        ASSERT_TRUE(same(product.at(i, j), x * y)) << x << " * " << y;
        ASSERT_TRUE(same(complement.at(i, j), 1 - x)) << "1 - " << x;
        ASSERT_TRUE(same(copy.at(i, j), x)) << x;
      }
    }
  }
}

TEST_P(Rows, SigmoidIsWithin3e7) {
  const Matrix x = Matrix::of(wide_range(), 57);
  const Matrix y = run(OpKind::sigmoid, x);
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t j = 0; j < x.width(); ++j) {
      const double want = 1 / (1 + std::exp(-static_cast<double>(x.at(i, j))));
      ASSERT_NEAR(y.at(i, j), want, 3e-7) << "sigmoid(" << x.at(i, j) << ")";
    }
  }
}

TEST_P(Rows, TanhIsWithin3e7) {
  const Matrix x = Matrix::of(wide_range(), 57);
  const Matrix y = run(OpKind::tanh, x);
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t j = 0; j < x.width(); ++j) {
      const double want = std::tanh(static_cast<double>(x.at(i, j)));
      ASSERT_NEAR(y.at(i, j), want, 3e-7) << "tanh(" << x.at(i, j) << ")";
    }
  }
}

// A slope of 1e-7 would be multiplied by the number of paths through a graph, which has no bound.
TEST_P(Rows, SaturatedActivationsAreOneAndHaveNoSlope) {
  std::vector<float> values = {9.5F, 10, 13, 20, 88, 1e3F, 1e9F, 3e38F};
  const std::size_t positive = values.size();
  for (std::size_t i = 0; i < positive; ++i) values.push_back(-values[i]);
  const Matrix x = Matrix::of(values, values.size());
  const Matrix ones = Matrix::of(std::vector<float>(values.size(), 1), values.size());
  const Matrix tanh = run(OpKind::tanh, x);
  const Matrix tanh_slope = run(OpKind::tanh_grad, tanh, ones);
  const Matrix sigmoid = run(OpKind::sigmoid, x);
  const Matrix sigmoid_slope = run(OpKind::sigmoid_grad, sigmoid, ones);
  for (std::size_t j = 0; j < values.size(); ++j) {
    ASSERT_EQ(tanh.at(0, j), std::copysign(1.0F, values[j])) << "tanh(" << values[j] << ")";
    ASSERT_EQ(tanh_slope.at(0, j), 0) << "at " << values[j];
    if (values[j] < 20) continue;
    ASSERT_EQ(sigmoid.at(0, j), 1) << "sigmoid(" << values[j] << ")";
    ASSERT_EQ(sigmoid_slope.at(0, j), 0) << "at " << values[j];
  }
}

// sigmoid(x) is close to exp(x) for large negative x: its relative error is that of exp.
TEST_P(Rows, ExpIsWithinAFewUnitsInTheLastPlace) {
  std::vector<float> values;
  for (int i = 0; i <= 8700; ++i) values.push_back(static_cast<float>(-i) * 0.01F);
  const Matrix x = Matrix::of(values, 16);
  const Matrix y = run(OpKind::sigmoid, x);
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t j = 0; j < x.width(); ++j) {
      const double want = 1 / (1 + std::exp(-static_cast<double>(x.at(i, j))));
      ASSERT_NEAR(y.at(i, j), want, 4e-7 * want) << "sigmoid(" << x.at(i, j) << ")";
    }
  }
}

TEST_P(Rows, TanhOfASmallNumberIsThatNumber) {
  const Matrix x = Matrix::of({kDenormal, -kDenormal, 1e-39F, 1e-30F, -1e-30F, 1e-10F, -1e-10F}, 7);
  const Matrix y = run(OpKind::tanh, x);
  for (std::size_t j = 0; j < 7; ++j) EXPECT_EQ(y.at(0, j), x.at(0, j));
}

TEST_P(Rows, NanGoesThroughSigmoidAndTanh) {
  const Matrix x = Matrix::of({1, kNan, -kNan, 2}, 4);
  for (const OpKind kind : {OpKind::sigmoid, OpKind::tanh}) {
    const Matrix y = run(kind, x);
    EXPECT_FALSE(std::isnan(y.at(0, 0)));
    EXPECT_TRUE(std::isnan(y.at(0, 1)));
    EXPECT_TRUE(std::isnan(y.at(0, 2)));
    EXPECT_FALSE(std::isnan(y.at(0, 3)));
  }
}

std::vector<double> log_softmax_of(std::span<const float> a) {
  const double most = *std::max_element(a.begin(), a.end());
  double sum = 0;
  for (const float x : a) sum += std::exp(x - most);
  std::vector<double> result;
  for (const float x : a) result.push_back(x - most - std::log(sum));
  return result;
}

// Relative to the result: a large value that all columns share costs no digits.
void expect_log_softmax(const Matrix& x, const Matrix& y) {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    const auto want = log_softmax_of(x.row(i));
    for (std::size_t j = 0; j < x.width(); ++j) {
      ASSERT_NEAR(y.at(i, j), want[j], 2e-7 * std::abs(want[j]) + 6e-7)
          << "row " << i << ", column " << j << " of " << x.width();
    }
  }
}

TEST_P(Rows, LogSoftmaxIsThatOfDouble) {
  for (const std::size_t width : {1, 2, 5, 15, 16, 17, 18, 57, 64}) {
    for (const float range : {0.01F, 1.0F, 30.0F, 1000.0F}) {
      base::Rng rng(width, "log-softmax");
      const Matrix x = Matrix::random(40, width, rng, range);
      expect_log_softmax(x, run(OpKind::log_softmax, x));
    }
  }
}

TEST_P(Rows, LogSoftmaxDoesNotChangeWithAValueThatAllColumnsShare) {
  const Matrix x = Matrix::of({1, 2, 3, 0, -1}, 5);
  const Matrix shifted = Matrix::of({4097, 4098, 4099, 4096, 4095}, 5);
  EXPECT_TRUE(test::same_bits(run(OpKind::log_softmax, x).row(0),
                              run(OpKind::log_softmax, shifted).row(0)));
}

TEST_P(Rows, LogSoftmaxOfOneColumnIsZero) {
  const Matrix x = Matrix::of({0.0F, -3.5F, 88.8F, -1e4F, 1e30F}, 1);
  const Matrix y = run(OpKind::log_softmax, x);
  for (std::size_t i = 0; i < x.rows(); ++i) EXPECT_EQ(y.at(i, 0), 0);
}

TEST_P(Rows, LogSoftmaxTakesWhatIsRuledOutAsMinusInfinity) {
  const Matrix x = Matrix::of({1.0F, -kInfinity, 2.0F, -kInfinity, 0.5F}, 5);
  const Matrix y = run(OpKind::log_softmax, x);
  const double log_sum = std::log(std::exp(1.0) + std::exp(2.0) + std::exp(0.5));
  EXPECT_NEAR(y.at(0, 0), 1 - log_sum, 1e-6);
  EXPECT_EQ(y.at(0, 1), -kInfinity);
  EXPECT_NEAR(y.at(0, 2), 2 - log_sum, 1e-6);
  EXPECT_EQ(y.at(0, 3), -kInfinity);
}

TEST_P(Rows, NanSpoilsItsOwnLogSoftmaxRowOnly) {
  for (std::size_t bad = 0; bad < 18; ++bad) {
    base::Rng rng(bad, "nan");
    Matrix x = Matrix::random(3, 18, rng);
    x.at(1, bad) = kNan;
    const Matrix y = run(OpKind::log_softmax, x);
    for (std::size_t j = 0; j < 18; ++j) {
      EXPECT_FALSE(std::isnan(y.at(0, j)));
      EXPECT_TRUE(std::isnan(y.at(1, j)));
      EXPECT_FALSE(std::isnan(y.at(2, j)));
    }
  }
}

}  // namespace
}  // namespace sheaf::backend::cpu
