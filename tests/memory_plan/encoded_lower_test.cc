// SPDX-License-Identifier: Apache-2.0
//
// Lowering of cells whose weights are not all dense.
#include <gtest/gtest.h>

#include "sheaf/memory_plan/compiled_network.h"
#include "sheaf/memory_plan/lower.h"

namespace sheaf::memory_plan {
namespace {

using tensor::block_circulant;
using tensor::kDense;

// Two gates over x and h; slots U_0, W_0, b_0, U_1, W_1, b_1.
std::shared_ptr<const graph::Cell> gates(std::uint32_t width = 32) {
  graph::CellBuilder cell("gates");
  const auto x = cell.input("x", width);
  const auto h = cell.input("h", width);
  const auto first = cell.affine(width, {{"U_0", x}, {"W_0", h}}, "b_0");
  const auto second = cell.affine(width, {{"U_1", x}, {"W_1", h}}, "b_1");
  cell.output(sigmoid(first) * sigmoid(second));
  return std::make_shared<const graph::Cell>(cell.build());
}

std::vector<tensor::Encoding> slots(tensor::Encoding u, tensor::Encoding w) {
  return {u, w, kDense, u, w, kDense};
}

TEST(EncodedLower, GatesOfOneEncodingAreOneProduct) {
  const CompiledCell cell =
      lower(*gates(), LayoutMode::planned, slots(block_circulant(8), block_circulant(8)));
  ASSERT_EQ(cell.products.size(), 1U);
  EXPECT_EQ(cell.products[0].encoding, block_circulant(8));
  EXPECT_EQ(cell.products[0].ranges.size(), 2U);
  EXPECT_EQ(cell.products[0].parts.size(), 2U);
  EXPECT_FALSE(cell.products[0].adds);
  EXPECT_NE(cell.products[0].parts[0].bias, ProductPart::kNoBias);
}

TEST(EncodedLower, DenseTermsComeFirstAndEncodedOnesAdd) {
  const CompiledCell cell = lower(*gates(), LayoutMode::planned, slots(block_circulant(8), kDense));
  ASSERT_EQ(cell.products.size(), 2U);
  const Product& dense = cell.products[0];
  const Product& encoded = cell.products[1];
  EXPECT_EQ(dense.encoding, kDense);
  EXPECT_FALSE(dense.adds);
  EXPECT_NE(dense.parts[0].bias, ProductPart::kNoBias);
  ASSERT_EQ(dense.ranges.size(), 1U);
  EXPECT_EQ(dense.ranges[0].from.index, 1U) << "h";
  EXPECT_EQ(encoded.encoding, block_circulant(8));
  EXPECT_TRUE(encoded.adds);
  EXPECT_EQ(encoded.parts[0].bias, ProductPart::kNoBias);
  ASSERT_EQ(encoded.ranges.size(), 1U);
  EXPECT_EQ(encoded.ranges[0].from.index, 0U) << "x";
  EXPECT_EQ(encoded.to, dense.to);
  for (std::size_t p = 0; p < 2; ++p) {
    EXPECT_EQ(encoded.parts[p].column, dense.parts[p].column);
    EXPECT_EQ(encoded.parts[p].terms.size(), 1U);
    EXPECT_EQ(encoded.parts[p].terms[0].first_k, 0U);
    EXPECT_EQ(dense.parts[p].terms[0].first_k, 0U);
  }
}

TEST(EncodedLower, BlocksOfTwoSizesAreTwoProducts) {
  const CompiledCell cell =
      lower(*gates(), LayoutMode::planned, slots(block_circulant(8), block_circulant(4)));
  ASSERT_EQ(cell.products.size(), 2U);
  EXPECT_EQ(cell.products[0].encoding, block_circulant(4));
  EXPECT_TRUE(cell.products[1].adds);
}

TEST(EncodedLower, GatesOfDifferentEncodingsAreApart) {
  std::vector<tensor::Encoding> one = slots(kDense, kDense);
  one[0] = one[1] = block_circulant(8);
  const CompiledCell cell = lower(*gates(), LayoutMode::planned, one);
  ASSERT_EQ(cell.products.size(), 2U);
  EXPECT_EQ(cell.products[0].parts.size(), 1U);
  EXPECT_EQ(cell.products[1].parts.size(), 1U);
  EXPECT_FALSE(cell.products[0].adds || cell.products[1].adds);
}

TEST(EncodedLower, UnplannedRepacksDenseProductsOnly) {
  const auto repacks = [](tensor::Encoding u) {
    return lower(*gates(), LayoutMode::unplanned, slots(u, u)).repacks.size();
  };
  EXPECT_EQ(repacks(kDense), 1U);
  EXPECT_EQ(repacks(block_circulant(8)), 0U);
}

// [a; b] is read part by part where each part is a number of whole blocks, and copied otherwise.
TEST(EncodedLower, ConcatIsWrittenWhereABlockWouldCrossItsParts) {
  for (const std::uint32_t width : {8U, 4U}) {
    graph::CellBuilder cell("concat");
    const auto both = concat(cell.input("a", width), cell.input("b", width));
    cell.output(tanh(cell.affine(16, {{"W", both}})));
    const std::vector<tensor::Encoding> encodings = {block_circulant(8)};
    const CompiledCell compiled = lower(cell.build(), LayoutMode::planned, encodings);
    EXPECT_EQ(compiled.products.at(0).ranges.size(), width == 8 ? 2U : 1U);
  }
}

TEST(EncodedLower, TextNamesTheEncoding) {
  const std::string text =
      lower(*gates(), LayoutMode::planned, slots(block_circulant(8), kDense)).to_string();
  EXPECT_NE(text.find("block_circulant:k=8 +-> product[0]"), std::string::npos) << text;
}

TEST(EncodedLower, TypesOfOneCellShareItWhereTheirEncodingsAreTheSame) {
  graph::Network network;
  const auto cell = gates();
  for (const char* name : {"a", "b", "c"}) network.add_type(name, cell);
  graph::ParameterStore& parameters = network.parameters();
  for (const char* name : {"a.U_0", "c.U_0"}) {
    parameters.encode(parameters.find(name), block_circulant(8));
  }
  const CompiledNetwork compiled = compile_network(network);
  EXPECT_EQ(compiled.types[0].cell, compiled.types[2].cell);
  EXPECT_NE(compiled.types[0].cell, compiled.types[1].cell);
}

}  // namespace
}  // namespace sheaf::memory_plan
