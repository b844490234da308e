// SPDX-License-Identifier: Apache-2.0
#include "sheaf/tensor/encoding.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::tensor {
namespace {

std::string refusal(std::string_view text) {
  return test::message_of<base::UsageError>(
      [&] { static_cast<void>(parse_encoding(text, "here")); });
}

TEST(Encoding, ComesBackFromItsText) {
  for (const Encoding encoding :
       {kDense, block_circulant(2), block_circulant(8), block_circulant(64)}) {
    EXPECT_EQ(parse_encoding(to_string(encoding), "here"), encoding);
  }
  EXPECT_EQ(to_string(kDense), "dense");
  EXPECT_EQ(to_string(block_circulant(16)), "block_circulant:k=16");
}

TEST(Encoding, SuggestsTheNearestName) {
  EXPECT_EQ(refusal("block_circular:k=8"),
            "[here] unknown encoding: got 'block_circular'; did you mean 'block_circulant'?");
  EXPECT_EQ(refusal("").substr(0, 33), "[here] unknown encoding: got ''; ");
}

TEST(Encoding, WantsAPowerOfTwoFrom2To64) {
  const std::string end =
      ", expected k= a power of two from 2 to 64; for example block_circulant:k=8";
  const std::string begin = "[here] block size of block_circulant: got ";
  EXPECT_EQ(refusal("block_circulant"), begin + "none" + end);
  for (const char* rest : {"k=", "k=0", "k=1", "k=3", "k=12", "k=128", "k=8x", "k=-8", "8", "n=8",
                           "k=99999999999999999999", "k=8,k=8"}) {
    EXPECT_EQ(refusal(std::string("block_circulant:") + rest), begin + "'" + rest + "'" + end);
  }
}

TEST(Encoding, DenseTakesNoParameters) {
  EXPECT_EQ(refusal("dense:k=8"), "[here] parameters of encoding dense: got 'k=8', expected none");
}

TEST(Encoding, FitsWhereItDividesRowsAndColumns) {
  EXPECT_TRUE(fits(block_circulant(8), {16, 24}));
  EXPECT_FALSE(fits(block_circulant(8), {16, 20}));
  EXPECT_FALSE(fits(block_circulant(8), {20, 16}));
  EXPECT_FALSE(fits(block_circulant(8), {0, 16}));
  EXPECT_TRUE(fits(kDense, {5, 7}));
}

TEST(Encoding, StoresOneNumberOfK) {
  EXPECT_EQ(stored_shape(block_circulant(8), {16, 24}), (Shape{2, 24}));
  EXPECT_EQ(stored_shape(kDense, {16, 24}), (Shape{16, 24}));
}

// k = 8: 2 real bins and 3 complex ones of 4 multiply-adds each.
TEST(Encoding, CountsTheMultiplyAddsOfSpectra) {
  EXPECT_EQ(product_flops(kDense, {16, 24}), 2U * 16 * 24);
  EXPECT_EQ(product_flops(block_circulant(8), {16, 24}), 2U * 3 * 2 * (2 + 3 * 4));
  EXPECT_EQ(product_flops(block_circulant(2), {4, 4}), 2U * 4 * 2);
}

}  // namespace
}  // namespace sheaf::tensor
