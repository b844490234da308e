// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/pack.h"
#include "sheaf/memory_plan/lower.h"

#include <gtest/gtest.h>

#include <memory>

namespace sheaf::backend::cpu {
namespace {

// A weight that tells where it comes from.
float weight_of(graph::ParameterId parameter, std::uint32_t out, std::uint32_t in) {
  return static_cast<float>(parameter * 10000 + out * 100 + in) + 1;
}

// Two parts over the ranges (x, y), 3 and 4 wide: A x + B y + a, and C (x, y) without a bias.
class Pack : public testing::Test {
 protected:
  Pack() {
    graph::CellBuilder cell("cell");
    const auto x = cell.input("x", 3);
    const auto y = cell.input("y", 4);
    const auto first = cell.affine(20, {{"A", x}, {"B", y}}, "a");
    const auto second = cell.affine(5, {{"C", concat(x, y)}});
    const auto built = std::make_shared<graph::Cell>(cell.output(first).output(second).build());
    network_.add_type("type", built);
    graph::ParameterStore& parameters = network_.parameters();
    for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
      tensor::Tensor value(parameters[id].shape);
      for (std::uint32_t i = 0; i < value.shape().rows; ++i) {
        for (std::uint32_t j = 0; j < value.shape().cols; ++j) {
          value.row(i)[j] = weight_of(id, i, j);
        }
      }
      parameters.assign(id, std::move(value));
    }
    product_ = memory_plan::lower(*built).products.at(0);
  }

  // What stands at row k and a column of the joined matrix.
  [[nodiscard]] float wanted(std::uint32_t k, std::uint32_t column) const {
    const graph::ParameterStore& parameters = network_.parameters();
    if (column < 20) {
      return k < 3 ? weight_of(parameters.find("type.A"), column, k)
                   : weight_of(parameters.find("type.B"), column, k - 3);
    }
    if (column >= 32 && column < 37) return weight_of(parameters.find("type.C"), column - 32, k);
    return 0;
  }

  graph::Network network_;
  memory_plan::Product product_;
};

TEST_F(Pack, PanelsHoldTheTransposedWeightsOfAllPartsAndZeros) {
  ASSERT_EQ(product_.k, 7U);
  ASSERT_EQ(product_.n, 64U);
  for (const std::uint32_t width : {1U, 2U, 4U, 8U, 16U, 32U}) {
    const PackedProduct packed =
        pack(product_, network_.type(0).binding, network_.parameters(), width);
    ASSERT_EQ(packed.panels.size(), 7U * 64U);
    const float* at = packed.panels.data();
    for (std::uint32_t panel = 0; panel < 64 / width; ++panel) {
      for (std::uint32_t k = 0; k < 7; ++k) {
        for (std::uint32_t j = 0; j < width; ++j) {
          ASSERT_EQ(*at++, wanted(k, panel * width + j))
              << "panels of " << width << ", k " << k << ", column " << panel * width + j;
        }
      }
    }
  }
}

TEST_F(Pack, BiasIsPaddedWithZeros) {
  const PackedProduct packed = pack(product_, network_.type(0).binding, network_.parameters(), 32);
  ASSERT_EQ(packed.bias.size(), 64U);
  const graph::ParameterId a = network_.parameters().find("type.a");
  for (std::uint32_t j = 0; j < 64; ++j) {
    EXPECT_EQ(packed.bias.data()[j], j < 20 ? weight_of(a, 0, j) : 0);
  }
}

TEST_F(Pack, BindingSaysWhichParametersFillTheSlots) {
  graph::Binding swapped = network_.type(0).binding;
  const auto b = network_.parameters().declare("other", {20, 4});
  tensor::Tensor value({20, 4});
  std::fill(value.values().begin(), value.values().end(), -7.0F);
  network_.parameters().assign(b, std::move(value));
  swapped[1] = b;
  const PackedProduct packed = pack(product_, swapped, network_.parameters(), 64);
  EXPECT_EQ(packed.panels.data()[2 * 64 + 19], wanted(2, 19));
  EXPECT_EQ(packed.panels.data()[3 * 64 + 0], -7);
  EXPECT_EQ(packed.panels.data()[6 * 64 + 19], -7);
}

TEST(PadRows, PadsEveryRowWithZeros) {
  tensor::Tensor matrix({3, 5});
  for (std::uint32_t i = 0; i < 15; ++i) matrix.values()[i] = static_cast<float>(i + 1);
  const tensor::AlignedBuffer padded = pad_rows(matrix);
  ASSERT_EQ(padded.size(), 3U * 16U);
  for (std::uint32_t i = 0; i < 3; ++i) {
    for (std::uint32_t j = 0; j < 16; ++j) {
      EXPECT_EQ(padded.data()[i * 16 + j], j < 5 ? static_cast<float>(i * 5 + j + 1) : 0);
    }
  }
}

TEST(PadRows, LeavesRowsThatAreFullAsTheyAre) {
  tensor::Tensor matrix({2, 16});
  for (std::uint32_t i = 0; i < 32; ++i) matrix.values()[i] = static_cast<float>(i);
  const tensor::AlignedBuffer padded = pad_rows(matrix);
  ASSERT_EQ(padded.size(), 32U);
  for (std::uint32_t i = 0; i < 32; ++i) EXPECT_EQ(padded.data()[i], static_cast<float>(i));
}

}  // namespace
}  // namespace sheaf::backend::cpu
