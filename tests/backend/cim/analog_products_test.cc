// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/analog_products.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/base/error.h"
#include "sheaf/target/read_chip.h"
#include "tests/backend/cim/integer_rows.h"
#include "tests/message_of.h"

namespace sheaf::backend::cim {
namespace {

constexpr std::uint32_t kOutputs = 6;
constexpr std::uint32_t kInputs = 150;
constexpr std::uint32_t kCount = 3;

std::vector<std::int16_t> integers(std::size_t count, std::uint64_t seed) {
  return test::random_rows(count, 8, seed);
}

std::vector<std::int32_t> run(AnalogProducts& unit, std::string_view name = "W") {
  const auto weights = integers(std::size_t{kOutputs} * kInputs, 1);
  const auto rows = integers(std::size_t{kCount} * kInputs, 2);
  unit.prepare({.parameter = 1,
                .name = name,
                .version = 1,
                .outputs = kOutputs,
                .inputs = kInputs,
                .values = weights,
                .bits = {8, 8},
                .encoding = {}});
  std::vector<std::int32_t> sums(std::size_t{kCount} * kOutputs);
  unit.multiply({.parameter = 1,
                 .input_bits = 8,
                 .rows = rows.data(),
                 .row_stride = kInputs,
                 .sums = sums.data(),
                 .sum_stride = kOutputs,
                 .count = kCount,
                 .type = 0,
                 .batch = 0,
                 .nodes = {},
                 .positions = 1,
                 .first_position = 0});
  return sums;
}

std::vector<std::int32_t> naive() {
  return test::naive_sums(integers(std::size_t{kOutputs} * kInputs, 1),
                          integers(std::size_t{kCount} * kInputs, 2), kInputs);
}

target::Chip chip(const std::vector<std::string>& changes) {
  return target::read_chip("isaac", changes);
}

TEST(AnalogProducts, IdealCellsGiveTheProductsOfIntegers) {
  AnalogProducts unit(chip({}), 1);
  EXPECT_EQ(run(unit), naive());
  EXPECT_EQ(unit.conversions().saturated, 0U);
  EXPECT_GT(unit.conversions().conversions, 0U);
}

TEST(AnalogProducts, LeakThatIsTakenOffChangesNothing) {
  AnalogProducts with(chip({"cell.on_off_ratio=20"}), 1, true);
  EXPECT_EQ(run(with), naive());
  AnalogProducts without(chip({"cell.on_off_ratio=20"}), 1, false);
  EXPECT_NE(run(without), naive());
}

TEST(AnalogProducts, CellsFollowFromSeedAndName) {
  const std::vector<std::string> varied = {"cell.device=lognormal", "cell.variation_sigma=0.1"};
  AnalogProducts unit(chip(varied), 1);
  const std::vector<std::int32_t> first = run(unit);
  EXPECT_NE(first, naive());
  AnalogProducts same(chip(varied), 1);
  EXPECT_EQ(run(same), first);
  AnalogProducts other_seed(chip(varied), 2);
  EXPECT_NE(run(other_seed), first);
  AnalogProducts other_name(chip(varied), 1);
  EXPECT_NE(run(other_name, "V"), first);
}

TEST(AnalogProducts, NoiseOfARowDependsOnItsIntegersAndPositionOnly) {
  AnalogProducts unit(chip({"cell.read_noise_sigma=0.3"}), 1);
  const std::vector<std::int32_t> together = run(unit);
  EXPECT_NE(together, naive());
  EXPECT_EQ(run(unit), together);  // what it multiplied before does not show

  // The last row alone.
  const auto rows = integers(std::size_t{kCount} * kInputs, 2);
  std::vector<std::int32_t> alone(kOutputs);
  runtime::IntegerCall call{.parameter = 1,
                            .input_bits = 8,
                            .rows = rows.data() + std::size_t{kCount - 1} * kInputs,
                            .row_stride = kInputs,
                            .sums = alone.data(),
                            .sum_stride = kOutputs,
                            .count = 1,
                            .type = 0,
                            .batch = 9,
                            .nodes = {},
                            .positions = 1,
                            .first_position = 0};
  unit.multiply(call);
  EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.end() - kOutputs));
  call.positions = 4;
  call.first_position = 3;  // the same integers at another pixel
  unit.multiply(call);
  EXPECT_FALSE(std::equal(alone.begin(), alone.end(), together.end() - kOutputs));
}

TEST(AnalogProducts, EveryFieldOfCellsAndWiresMakesAChipAnalog) {
  EXPECT_TRUE(is_ideal(chip({})));
  EXPECT_TRUE(is_ideal(target::read_chip("smartdeal")));
  EXPECT_TRUE(is_ideal(chip({"cell.variation_sigma=0.1"})));  // of a device that is ideal
  for (const char* change :
       {"cell.device=lognormal", "cell.on_off_ratio=20", "cell.read_noise_sigma=0.1",
        "cell.stuck_on_rate=0.1", "cell.stuck_off_rate=0.1", "crossbar.word_wire=1 ohm",
        "crossbar.bit_wire=1 ohm"}) {
    EXPECT_FALSE(is_ideal(chip({change}))) << change;
  }
  EXPECT_TRUE(is_ideal(chip({"cell.drift_nu=0.1"})));
  EXPECT_FALSE(is_ideal(chip({"cell.drift_nu=0.1", "cell.read_after=100 s"})));
}

TEST(AnalogProducts, ChipsWithoutCrossbarsAreRefused) {
  AnalogProducts unit(target::read_chip("smartdeal"), 1);
  EXPECT_EQ(test::message_of<base::UnsupportedError>([&] { (void)run(unit); }),
            "[chip smartdeal] values of products: got PEs without crossbars, expected PEs of kind "
            "crossbars");
}

}  // namespace
}  // namespace sheaf::backend::cim
