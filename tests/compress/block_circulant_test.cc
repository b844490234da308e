// SPDX-License-Identifier: Apache-2.0
#include "sheaf/compress/block_circulant/block_circulant.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "tests/message_of.h"

namespace sheaf::compress {
namespace {

tensor::Tensor random(tensor::Shape shape, std::uint64_t seed = 1) {
  tensor::Tensor tensor(shape);
  base::Rng rng(seed);
  for (float& v : tensor.values()) v = rng.uniform(-1, 1);
  return tensor;
}

double square_norm(const tensor::Tensor& tensor) {
  double sum = 0;
  for (const float v : tensor.values()) sum += static_cast<double>(v) * v;
  return sum;
}

double square_distance(const tensor::Tensor& a, const tensor::Tensor& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.values().size(); ++i) {
    const double d = static_cast<double>(a.values()[i]) - b.values()[i];
    sum += d * d;
  }
  return sum;
}

TEST(BlockCirculant, BlockIsMadeOfItsFirstColumn) {
  tensor::Tensor stored({1, 8});
  const float values[] = {1, 2, 3, 4, 5, 6, 7, 8};
  std::copy_n(values, 8, stored.values().data());
  const tensor::Tensor dense = expand(stored, 4);
  ASSERT_EQ(dense.shape(), (tensor::Shape{4, 8}));
  const std::vector<std::vector<float>> rows = {{1, 4, 3, 2, 5, 8, 7, 6},
                                                {2, 1, 4, 3, 6, 5, 8, 7},
                                                {3, 2, 1, 4, 7, 6, 5, 8},
                                                {4, 3, 2, 1, 8, 7, 6, 5}};
  for (std::uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(std::vector<float>(dense.row(i).begin(), dense.row(i).end()), rows[i]);
  }
}

TEST(BlockCirculant, ProjectionOfAnExpandedMatrixIsWhatWasStored) {
  for (const std::uint32_t k : {2U, 8U, 64U}) {
    const tensor::Tensor stored = random({3, 2 * k});
    const tensor::Tensor again = project(expand(stored, k), k);
    ASSERT_EQ(again.shape(), stored.shape());
    EXPECT_TRUE(std::equal(again.values().begin(), again.values().end(), stored.values().begin()));
    EXPECT_EQ(projection_error(expand(stored, k), k), 0);
  }
}

// Pythagoras: the projection is orthogonal, so |B - C|^2 = |B|^2 - |C|^2.
TEST(BlockCirculant, ProjectionIsOrthogonal) {
  for (const std::uint32_t k : {2U, 4U, 16U}) {
    const tensor::Tensor dense = random({2 * k, 3 * k});
    const tensor::Tensor near = expand(project(dense, k), k);
    EXPECT_NEAR(square_distance(dense, near), square_norm(dense) - square_norm(near),
                1e-5 * square_norm(dense));
    EXPECT_NEAR(projection_error(dense, k),
                std::sqrt(square_distance(dense, near) / square_norm(dense)), 1e-9);
  }
}

TEST(BlockCirculant, NoOtherIsNearer) {
  const std::uint32_t k = 4;
  const tensor::Tensor dense = random({2 * k, 2 * k});
  const double nearest = square_distance(dense, expand(project(dense, k), k));
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    tensor::Tensor other = project(dense, k);
    const tensor::Tensor step = random(other.shape(), seed);
    for (std::size_t i = 0; i < step.values().size(); ++i) {
      other.values()[i] += 0.01F * step.values()[i];
    }
    EXPECT_GT(square_distance(dense, expand(other, k)), nearest);
  }
}

TEST(BlockCirculant, OfZerosHasNoError) {
  tensor::Tensor zeros({4, 4});
  std::fill(zeros.values().begin(), zeros.values().end(), 0.0F);
  EXPECT_EQ(projection_error(zeros, 4), 0);
}

TEST(BlockCirculant, RefusesWhatKDoesNotDivide) {
  EXPECT_EQ(test::message_of<base::UsageError>([] {
              static_cast<void>(project(tensor::Tensor({8, 12}), 8));
            }),
            "[block_circulant] shape: got 8 x 12, expected rows and columns that 8 divides");
}

}  // namespace
}  // namespace sheaf::compress
