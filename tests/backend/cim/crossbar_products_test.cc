// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/crossbar_products.h"

#include <gtest/gtest.h>

#include <array>

#include "sheaf/base/error.h"
#include "sheaf/target/read_chip.h"
#include "tests/backend/cim/integer_rows.h"
#include "tests/message_of.h"

namespace sheaf::backend::cim {
namespace {

constexpr graph::ParameterId kParameter = 3;

struct Case {
  std::uint32_t outputs = 20;
  std::uint32_t inputs = 300;
  std::uint32_t count = 5;
  tensor::Bits bits = {8, 8};
  tensor::Encoding encoding = {};
};

class Products {
 public:
  explicit Products(const Case& of)
      : of_(of),
        weights_(test::random_rows(std::size_t{of.outputs} * of.inputs, of.bits.weight, 1)),
        rows_(test::random_rows(std::size_t{of.count} * of.inputs, of.bits.input, 2)) {
    if (!of.encoding.is_dense()) make_circulant();
  }

  std::vector<std::int32_t> run(CrossbarProducts& unit) const {
    unit.prepare({.parameter = kParameter,
                  .name = "W",
                  .version = 1,
                  .outputs = of_.outputs,
                  .inputs = of_.inputs,
                  .values = weights_,
                  .bits = of_.bits,
                  .encoding = of_.encoding});
    std::vector<std::int32_t> sums(std::size_t{of_.count} * of_.outputs);
    unit.multiply(call(0, of_.count, sums.data()));
    return sums;
  }

  runtime::IntegerCall call(std::uint32_t first, std::uint32_t count, std::int32_t* sums) const {
    return {.parameter = kParameter,
            .input_bits = of_.bits.input,
            .rows = rows_.data() + std::size_t{first} * of_.inputs,
            .row_stride = of_.inputs,
            .sums = sums,
            .sum_stride = of_.outputs,
            .count = count,
            .type = 0,
            .batch = 0,
            .nodes = {},
            .positions = 1,
            .first_position = 0};
  }

  [[nodiscard]] std::vector<std::int32_t> naive() const {
    return test::naive_sums(weights_, rows_, of_.inputs);
  }

 private:
  void make_circulant() {
    const std::uint32_t k = of_.encoding.block;
    for (std::uint32_t o = 0; o < of_.outputs; ++o) {
      for (std::uint32_t i = 0; i < of_.inputs; ++i) {
        const std::uint32_t a = (o % k + k - i % k) % k;
        weights_[o * of_.inputs + i] = weights_[(o / k * k + a) * of_.inputs + i / k * k];
      }
    }
  }

  Case of_;
  std::vector<std::int16_t> weights_;
  std::vector<std::int16_t> rows_;
};

TEST(CrossbarProducts, AreExactWhereConvertersAreWideEnough) {
  for (const char* chip : {"isaac", "tinyadc", "reboc"}) {
    for (const tensor::Bits bits : {tensor::Bits{8, 8}, tensor::Bits{4, 6}, tensor::Bits{2, 2}}) {
      const std::vector<std::string> wide = {"adc.bits=9"};
      CrossbarProducts unit(target::read_chip(chip, wide));
      const Products products({.bits = bits});
      EXPECT_EQ(products.run(unit), products.naive()) << chip;
      EXPECT_EQ(unit.conversions().saturated, 0U) << chip;
    }
  }
}

TEST(CrossbarProducts, IsaacsEightBitsSufficeBecauseFullColumnsAreFlipped) {
  CrossbarProducts unit(target::read_chip("isaac"));
  const Products products({.outputs = 8, .inputs = 512});
  EXPECT_EQ(products.run(unit), products.naive());
  EXPECT_EQ(unit.conversions().saturated, 0U);
}

TEST(CrossbarProducts, FlippedColumnsSaturateLessThanPlainOnesUnderNarrowConverters) {
  const Products products({.outputs = 8, .inputs = 512});
  std::array<std::uint64_t, 2> saturated{};
  for (const bool flipped : {false, true}) {
    const std::vector<std::string> narrow = {
        "adc.bits=7", std::string("mapping.columns=") + (flipped ? "flipped" : "plain")};
    CrossbarProducts unit(target::read_chip("isaac", narrow));
    EXPECT_NE(products.run(unit), products.naive());
    saturated[flipped ? 1 : 0] = unit.conversions().saturated;
  }
  EXPECT_GT(saturated[1], 0U);
  EXPECT_LT(saturated[1], saturated[0]);
}

TEST(CrossbarProducts, NarrowConvertersSaturateAndAreCounted) {
  const std::vector<std::string> narrow = {"adc.bits=4", "mapping.columns=plain"};
  CrossbarProducts unit(target::read_chip("isaac", narrow));
  const Products products({});
  EXPECT_NE(products.run(unit), products.naive());
  EXPECT_GT(unit.conversions().saturated, 0U);
  EXPECT_LT(unit.conversions().saturated, unit.conversions().conversions);
}

TEST(CrossbarProducts, ConversionsAreColumnsTimesStripsTimesDigits) {
  CrossbarProducts unit(target::read_chip("isaac"));
  const Case of;
  (void)Products(of).run(unit);
  const std::uint64_t slices = 4, strips = 3, digits = 8;
  EXPECT_EQ(unit.conversions().conversions, of.count * of.outputs * slices * strips * digits);
}

TEST(CrossbarProducts, BlockCirculantMatricesAreCutBetweenBlocks) {
  CrossbarProducts unit(target::read_chip("isaac"));
  const Products products({.outputs = 16, .inputs = 320, .encoding = tensor::block_circulant(16)});
  EXPECT_EQ(products.run(unit), products.naive());
  const std::vector<std::string> small = {"crossbar.rows=8"};
  CrossbarProducts tiny(target::read_chip("isaac", small));
  EXPECT_EQ(test::message_of<base::UnsupportedError>([&] { (void)products.run(tiny); }),
            "[parameter W] blocks: got 16 rows, expected at most the 8 rows of a crossbar");
}

TEST(CrossbarProducts, BlocksOfOneBatchAreOneUse) {
  CrossbarProducts unit(target::read_chip("isaac"));
  const Products products({});
  (void)products.run(unit);
  unit.clear();
  std::vector<std::int32_t> sums(100);
  unit.multiply(products.call(0, 2, sums.data()));
  unit.multiply(products.call(2, 3, sums.data()));
  runtime::IntegerCall next = products.call(0, 1, sums.data());
  next.batch = 1;
  unit.multiply(next);
  ASSERT_EQ(unit.uses().size(), 2U);
  EXPECT_EQ(unit.uses()[0].nodes, 5U);
  EXPECT_EQ(unit.uses()[0].vectors, 5U);
  EXPECT_EQ(unit.uses()[1].nodes, 1U);
  EXPECT_EQ(unit.name(kParameter), "W");
}

TEST(CrossbarProducts, ANodeWhosePositionsAreCutInTwoIsCountedOnce) {
  CrossbarProducts unit(target::read_chip("isaac"));
  const Products products({});
  (void)products.run(unit);
  unit.clear();
  std::vector<std::int32_t> sums(100);
  runtime::IntegerCall call = products.call(0, 5, sums.data());
  call.positions = 4;
  unit.multiply(call);  // the first node, and the first position of the second
  call.first_position = 1;
  call.count = 3;
  unit.multiply(call);
  EXPECT_EQ(unit.uses()[0].nodes, 2U);
  EXPECT_EQ(unit.uses()[0].vectors, 8U);
}

TEST(CrossbarProducts, ChipsWithoutCrossbarsAreRefused) {
  CrossbarProducts unit(target::read_chip("smartdeal"));
  EXPECT_EQ(test::message_of<base::UnsupportedError>([&] { (void)Products({}).run(unit); }),
            "[chip smartdeal] values of products: got PEs without crossbars, expected PEs of kind "
            "crossbars");
}

TEST(CrossbarProducts, AFaultOfAKernelIsKeptAndItsSumsAreZero) {
  CrossbarProducts unit(target::read_chip("isaac"));
  const Products products({.bits = {4, 8}});
  (void)products.run(unit);
  unit.rethrow_fault();                   // nothing yet
  const Products wide({.bits = {8, 8}});  // than the format's 4 bits
  std::vector<std::int32_t> sums(20, 7);
  unit.multiply(wide.call(0, 1, sums.data()));
  EXPECT_EQ(sums, std::vector<std::int32_t>(20, 0));
  EXPECT_THROW(unit.rethrow_fault(), base::UsageError);
  unit.rethrow_fault();  // once
}

TEST(CrossbarProducts, TheEnginesInstructionSetsNeedNotBeTheCrossbars) {
  const Products products({});
  for (const char* isa : {"auto", "avx512", "avx2", "scalar", "reference"}) {
    CrossbarProducts unit(target::read_chip("isaac"), isa);
    EXPECT_EQ(products.run(unit), products.naive()) << isa;
  }
  EXPECT_THROW(CrossbarProducts(target::read_chip("isaac"), "avx51"), base::UsageError);
}

}  // namespace
}  // namespace sheaf::backend::cim
