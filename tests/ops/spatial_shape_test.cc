// SPDX-License-Identifier: Apache-2.0
#include "sheaf/ops/spatial_shape.h"

#include <gtest/gtest.h>

#include <vector>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::ops {
namespace {

using Shapes = std::vector<tensor::Shape>;

constexpr Window kThree{6, 7, 3, 3, 1, 1};
constexpr Window kPool{6, 7, 2, 2, 2, 0};

tensor::Shape shape(OpKind kind, const Shapes& operands, const OpAttributes& attributes) {
  return infer_shape(kind, operands, attributes);
}

std::string refusal(OpKind kind, const Shapes& operands, const OpAttributes& attributes) {
  return test::message_of<base::UsageError>([&] { (void)shape(kind, operands, attributes); });
}

TEST(Window, PlacesFillWholeStrides) {
  EXPECT_EQ(kThree.out_pixels(), 42U);
  EXPECT_EQ(kPool.out_height(), 3U);
  EXPECT_EQ(kPool.out_width(), 3U);
  EXPECT_EQ((Window{8, 8, 3, 3, 2, 1}.out_pixels()), 16U);
}

TEST(SpatialShape, OpsThatSlideHaveARowPerPlace) {
  const OpAttributes five{.width = 5, .window = kThree};
  EXPECT_EQ(shape(OpKind::conv2d, {{42, 4}}, five), (tensor::Shape{42, 5}));
  EXPECT_EQ(shape(OpKind::conv2d, {{1, 42 * 4}}, five), (tensor::Shape{42, 5}));
  EXPECT_EQ(shape(OpKind::max_pool, {{42, 4}}, {.window = kPool}), (tensor::Shape{9, 4}));
  EXPECT_EQ(shape(OpKind::average_pool, {{42, 4}}, {.window = kPool}), (tensor::Shape{9, 4}));
  EXPECT_EQ(shape(OpKind::depthwise_conv2d, {{42, 4}}, {.window = kPool}), (tensor::Shape{9, 4}));
}

TEST(SpatialShape, TheirGradientsHaveARowPerPixel) {
  const OpAttributes four{.width = 4, .window = kPool};
  EXPECT_EQ(shape(OpKind::conv2d_grad_input, {{9, 5}}, four), (tensor::Shape{42, 4}));
  EXPECT_EQ(shape(OpKind::max_pool_grad, {{42, 4}, {9, 4}}, four), (tensor::Shape{42, 4}));
  EXPECT_EQ(shape(OpKind::average_pool_grad, {{9, 4}}, four), (tensor::Shape{42, 4}));
}

TEST(SpatialShape, RowsAreSummedRepeatedAndReshaped) {
  EXPECT_EQ(shape(OpKind::sum_rows, {{6, 4}}, {}), (tensor::Shape{1, 4}));
  EXPECT_EQ(shape(OpKind::repeat_row, {{1, 4}}, {.rows = 6}), (tensor::Shape{6, 4}));
  EXPECT_EQ(shape(OpKind::reshape, {{6, 4}}, {.width = 8, .rows = 3}), (tensor::Shape{3, 8}));
  EXPECT_EQ(shape(OpKind::add_row, {{6, 4}, {1, 4}}, {}), (tensor::Shape{6, 4}));
}

TEST(SpatialShape, WindowsThatDoNotFitAreRefused) {
  const auto pool = [](const Window& window) {
    return refusal(OpKind::max_pool, {{42, 4}}, {.window = window});
  };
  EXPECT_EQ(pool({0, 7, 2, 2, 1, 0}),
            "[op max_pool] picture: got 0 x 7, expected at least one pixel");
  EXPECT_EQ(pool({6, 7, 2, 2, 0, 0}), "[op max_pool] stride: got 0, expected at least 1");
  EXPECT_EQ(pool({6, 7, 2, 8, 1, 0}), "[op max_pool] window: got 2 x 8, expected 1 x 1 to 6 x 7");
  EXPECT_EQ(pool({6, 7, 0, 2, 1, 0}), "[op max_pool] window: got 0 x 2, expected 1 x 1 to 6 x 7");
  EXPECT_EQ(pool({6, 7, 3, 2, 1, 2}),
            "[op max_pool] padding: got 2, expected less than the window");
}

TEST(SpatialShape, OperandsThatDoNotFitAreRefused) {
  EXPECT_EQ(refusal(OpKind::max_pool, {{41, 4}}, {.window = kPool}),
            "[op max_pool] rows of a picture: got 41, expected 42 pixels");
  EXPECT_EQ(refusal(OpKind::conv2d, {{1, 43}}, {.width = 5, .window = kThree}),
            "[op conv2d] picture: got 1 x 43, expected 42 pixels, as rows or in one row");
  EXPECT_EQ(refusal(OpKind::max_pool_grad, {{42, 4}, {9, 5}}, {.window = kPool}),
            "[op max_pool_grad] operand widths do not fit: got 5, expected 4");
  EXPECT_EQ(refusal(OpKind::reshape, {{6, 4}}, {.width = 5, .rows = 5}),
            "[op reshape] operand does not fit: got 6 x 4, expected 5 x 5 values");
  EXPECT_EQ(refusal(OpKind::repeat_row, {{2, 4}}, {.rows = 5}),
            "[op repeat_row] operand rows do not fit: got 2, expected 1");
  EXPECT_EQ(refusal(OpKind::mul_row, {{6, 4}, {2, 4}}, {}),
            "[op mul_row] operands do not fit: got 2 x 4, expected 1 x 4");
}

}  // namespace
}  // namespace sheaf::ops
