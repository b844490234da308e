// SPDX-License-Identifier: Apache-2.0
#include "sheaf/tensor/tensor.h"

#include <gtest/gtest.h>

#include <numeric>
#include <utility>

namespace sheaf::tensor {
namespace {

TEST(Shape, SizeDoesNotOverflow32Bits) {
  EXPECT_EQ((Shape{3, 4}.size()), 12U);
  EXPECT_EQ((Shape{1U << 20U, 1U << 20U}.size()), std::size_t{1} << 40U);
}

TEST(Shape, IsRowsByColumnsInText) { EXPECT_EQ(to_string(Shape{3, 40}), "3 x 40"); }

TEST(Shape, EqualMeansSameRowsAndColumns) {
  EXPECT_EQ((Shape{3, 4}), (Shape{3, 4}));
  EXPECT_NE((Shape{3, 4}), (Shape{4, 3}));
  EXPECT_NE((Shape{3, 4}), (Shape{3, 5}));
}

TEST(Tensor, RowsFollowEachOtherWithoutPadding) {
  Tensor tensor({3, 5});
  std::iota(tensor.values().begin(), tensor.values().end(), 0.0F);
  ASSERT_EQ(tensor.values().size(), 15U);
  for (std::uint32_t i = 0; i < 3; ++i) {
    ASSERT_EQ(tensor.row(i).size(), 5U);
    EXPECT_EQ(tensor.row(i).data(), tensor.values().data() + 5 * i);
    EXPECT_EQ(tensor.row(i)[4], static_cast<float>(5 * i + 4));
  }
}

TEST(Tensor, ConstRowsAreTheSameMemory) {
  Tensor tensor({2, 3});
  tensor.row(1)[2] = 7;
  const Tensor& constant = tensor;
  EXPECT_EQ(constant.row(1).data(), tensor.row(1).data());
  EXPECT_EQ(constant.row(1)[2], 7);
  EXPECT_EQ(constant.values()[5], 7);
}

TEST(Tensor, WithoutAShapeIsEmpty) {
  EXPECT_EQ(Tensor().shape(), Shape{});
  EXPECT_TRUE(Tensor().values().empty());
}

TEST(Tensor, OfNoRowsKeepsItsColumns) {
  const Tensor tensor({0, 7});
  EXPECT_EQ(tensor.shape(), (Shape{0, 7}));
  EXPECT_TRUE(tensor.values().empty());
}

TEST(Tensor, MovesItsValues) {
  Tensor tensor({2, 2});
  tensor.values()[3] = 4;
  const Tensor moved = std::move(tensor);
  EXPECT_EQ(moved.shape(), (Shape{2, 2}));
  EXPECT_EQ(moved.row(1)[1], 4);
}

}  // namespace
}  // namespace sheaf::tensor
