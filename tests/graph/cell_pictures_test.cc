// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/graph/cell.h"
#include "tests/message_of.h"

namespace sheaf::graph {
namespace {

constexpr ops::Window kWindow{6, 7, 3, 3, 1, 1};

TEST(CellPictures, AConvolutionDeclaresWeightsOfAllTapsAndChannels) {
  CellBuilder builder("cell");
  const Value x = builder.matrix_input("x", 4, 42);
  const Value y = builder.conv2d(x, 5, kWindow, "W", "b");
  EXPECT_EQ(y.rows(), 42U);
  EXPECT_EQ(y.width(), 5U);
  const Cell cell = builder.output(y).build();
  EXPECT_EQ(cell.slots()[0].shape, (tensor::Shape{5, 36}));
  EXPECT_EQ(cell.slots()[1].shape, (tensor::Shape{1, 5}));
  EXPECT_EQ(cell.ops()[1].window, kWindow);
}

TEST(CellPictures, APictureInOneRowHasThePixelsOfItsWindow) {
  CellBuilder builder("cell");
  builder.output(builder.conv2d(builder.input("x", 4 * 42), 5, kWindow, "W"));
  EXPECT_EQ(builder.build().slots()[0].shape, (tensor::Shape{5, 36}));
}

TEST(CellPictures, FlopsAreThoseOfTheProducts) {
  const auto flops = [](auto make) {
    CellBuilder builder("cell");
    builder.output(make(builder));
    return builder.build().flops();
  };
  constexpr std::uint64_t kProducts = 2ULL * 42 * 9 * 4 * 5;
  EXPECT_EQ(flops([](CellBuilder& cell) {
              return cell.conv2d(cell.matrix_input("x", 4, 42), 5, kWindow, "W", "b");
            }),
            kProducts);
  EXPECT_EQ(flops([](CellBuilder& cell) {
              return cell.conv2d(cell.input("x", 4 * 42), 5, kWindow, "W");
            }),
            kProducts);
  EXPECT_EQ(flops([](CellBuilder& cell) {
              return cell.conv2d_grad_input(cell.matrix_input("d", 5, 42), 4, kWindow, "W");
            }),
            kProducts);
  EXPECT_EQ(flops([](CellBuilder& cell) {
              return cell.depthwise_conv2d(cell.matrix_input("x", 4, 42), kWindow, "W");
            }),
            2ULL * 42 * 9 * 4);
  EXPECT_EQ(flops([](CellBuilder& cell) {
              return cell.max_pool(cell.matrix_input("x", 4, 42), kWindow);
            }),
            0U);
}

TEST(CellPictures, ATableOfDataIsMarked) {
  CellBuilder builder("cell");
  builder.output(builder.data_lookup("pixels", 4)).output(builder.lookup("words", 4));
  const Cell cell = builder.build();
  EXPECT_TRUE(cell.slots()[0].is_data);
  EXPECT_FALSE(cell.slots()[1].is_data);
}

TEST(CellPictures, RepeatMakesTheSameCellAgain) {
  CellBuilder builder("cell");
  const Value x = builder.conv2d(builder.data_lookup("pixels", 42), 5, kWindow, "W", "b");
  const Value m = builder.matrix_input("m", 5, 42);
  const Value s = builder.repeated_input("s", 5);
  builder.output(mul_row(scale(relu(x) + m, 3), s)).output(slice(s, 1, 2));
  const Cell cell = builder.build();
  CellBuilder again("cell");
  std::vector<Value> values;
  for (ValueId v = 0; v < cell.ops().size(); ++v) {
    std::vector<Value> operands;
    for (const ValueId operand : cell.ops()[v].operands) operands.push_back(values[operand]);
    values.push_back(again.repeat(cell, v, operands));
  }
  for (const ValueId output : cell.outputs()) again.output(values[output]);
  const Cell copy = again.build();
  EXPECT_EQ(copy.to_string(), cell.to_string());
  EXPECT_TRUE(copy.slots()[0].is_data);
}

TEST(CellPictures, AConvolutionOfWhatIsNoPictureIsRefused) {
  CellBuilder builder("cell");
  const Value x = builder.matrix_input("x", 4, 41);
  EXPECT_EQ(test::message_of<base::UsageError>([&] { (void)builder.conv2d(x, 5, kWindow, "W"); }),
            "[op conv2d] picture: got 41 x 4, expected 42 pixels, as rows or in one row");
}

}  // namespace
}  // namespace sheaf::graph
