// SPDX-License-Identifier: Apache-2.0
//
// Products of integers in compiled cells.
#include <gtest/gtest.h>

#include "sheaf/memory_plan/lower.h"
#include "sheaf/memory_plan/split_cell.h"

namespace sheaf::memory_plan {
namespace {

using graph::CellBuilder;

TEST(QuantisedLower, OperandsAreQuantisedOnceForAllProducts) {
  CellBuilder cell("step");
  const auto x = cell.quantise(cell.input("x", 20), 8, "x.scale");
  const auto h = cell.quantise(cell.input("h", 16), 8, "h.scale");
  const auto gate =
      sigmoid(cell.quantised_affine(24, {{"W", "W.scale", x}, {"U", "U.scale", h}}, 6, "b"));
  cell.output(gate * cell.quantised_affine(24, {{"V", "V.scale", x}}, 6));
  EXPECT_EQ(lower(cell.build()).to_string(),
            "compiled cell step\n"
            "  region 0\n"
            "    quantise input[0] -> block[0] : 20\n"
            "    quantise input[1] -> block[32] : 16\n"
            "  integer product 8x6 block[0] (1 x 20) block[32] (1 x 16) -> block[48] (1 x 24)\n"
            "  integer product 8x6 block[0] (1 x 20) -> block[80] (1 x 24)\n"
            "  region 1\n"
            "    sigmoid block[48] -> tile[0] : 24\n"
            "    mul tile[0] block[80] -> output[0] : 24\n");
}

TEST(QuantisedLower, ProductsKnowTheirSlots) {
  CellBuilder cell("step");
  const auto x = cell.quantise(cell.input("x", 20), 8, "x.scale");
  const auto h = cell.quantise(cell.input("h", 16), 8, "h.scale");
  cell.output(cell.quantised_affine(24, {{"W", "W.scale", x}, {"U", "U.scale", h}}, 6, "b"));
  const graph::Cell built = cell.build();
  const CompiledCell compiled = lower(built);
  ASSERT_EQ(compiled.integer_products.size(), 1U);
  const IntegerProduct& product = compiled.integer_products[0];
  const auto name = [&](graph::SlotId slot) { return built.slots()[slot].name; };
  ASSERT_EQ(product.terms.size(), 2U);
  EXPECT_EQ(name(product.terms[0].weights), "W");
  EXPECT_EQ(name(product.terms[0].scales), "W.scale");
  EXPECT_EQ(name(product.terms[0].input_scale), "x.scale");
  EXPECT_EQ(name(product.terms[1].weights), "U");
  EXPECT_EQ(name(product.terms[1].scales), "U.scale");
  EXPECT_EQ(name(product.terms[1].input_scale), "h.scale");
  EXPECT_EQ(name(product.bias), "b");
  EXPECT_EQ(product.inputs(product.terms[0]), 20U);
  EXPECT_FALSE(product.slides());
}

TEST(QuantisedLower, AConvolutionIsAProductThatSlides) {
  CellBuilder cell("conv");
  const auto x = cell.quantise(cell.matrix_input("x", 3, 30), 8, "x.scale");
  cell.output(cell.quantised_conv2d({"W", "W.scale", x}, 5, {6, 5, 3, 3, 1, 1}, 8, "b"));
  const CompiledCell compiled = lower(cell.build());
  EXPECT_TRUE(compiled.spatials.empty());
  ASSERT_EQ(compiled.integer_products.size(), 1U);
  const IntegerProduct& product = compiled.integer_products[0];
  EXPECT_TRUE(product.slides());
  EXPECT_EQ(product.inputs(product.terms[0]), 27U);
  EXPECT_EQ(product.shape, (tensor::Shape{30, 5}));
  EXPECT_EQ(product.to.kind, Place::Kind::output);
}

// What depends on the payload alone can be made early, where a product of floats gains by it.
TEST(QuantisedLower, WhatIsLookedUpIsMultipliedEarlyBesideAProductOfFloats) {
  CellBuilder cell("step");
  const auto x = cell.lookup("table", 16);
  const auto q = cell.quantise(x, 8, "x.scale");
  const auto early = cell.quantised_affine(32, {{"W", "W.scale", q}}, 8);
  cell.output(cell.affine(32, {{"V", early}, {"U", cell.input("h", 16)}}, "b"));
  const auto split = split_cell(lower(cell.build()));
  ASSERT_NE(split, nullptr);
  EXPECT_EQ(split->prefix.integer_products.size(), 1U);
  EXPECT_TRUE(split->rest.integer_products.empty());
}

}  // namespace
}  // namespace sheaf::memory_plan
