// SPDX-License-Identifier: Apache-2.0
#include "sheaf/target/quantity.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sheaf::target {
namespace {

TEST(Quantity, UnitsBecomeTheOneOfTheStruct) {
  EXPECT_EQ(parse_quantity("0.083 mm2", Quantity::area), 83000.0);
  EXPECT_EQ(parse_quantity("1200um2", Quantity::area), 1200.0);
  EXPECT_EQ(parse_quantity("10 uW", Quantity::power), 0.01);
  EXPECT_EQ(parse_quantity("2.6 W", Quantity::power), 2600.0);
  EXPECT_EQ(parse_quantity("64 KB", Quantity::bytes), 65536.0);
  EXPECT_EQ(parse_quantity("50 fJ/bit", Quantity::byte_energy), 0.4);
  EXPECT_EQ(parse_quantity("1 day", Quantity::long_time), 86400.0);
  EXPECT_EQ(parse_quantity("2 Mohm", Quantity::resistance), 2e6);
  EXPECT_EQ(parse_quantity("-3", Quantity::plain), -3.0);
  EXPECT_EQ(parse_quantity("1e3", Quantity::plain), 1000.0);
  EXPECT_TRUE(std::isinf(parse_quantity("inf", Quantity::plain).value()));
}

TEST(Quantity, RefusesOtherUnitsAndNone) {
  EXPECT_FALSE(parse_quantity("2 mW", Quantity::area));
  EXPECT_FALSE(parse_quantity("1200", Quantity::area));
  EXPECT_FALSE(parse_quantity("12 um2", Quantity::plain));
  EXPECT_FALSE(parse_quantity("12  um2", Quantity::area));
  EXPECT_FALSE(parse_quantity("12 um", Quantity::area));
  EXPECT_FALSE(parse_quantity("12 UM2", Quantity::area));
  EXPECT_FALSE(parse_quantity("nan", Quantity::plain));
  EXPECT_FALSE(parse_quantity("", Quantity::plain));
  EXPECT_FALSE(parse_quantity("mm2", Quantity::area));
  EXPECT_FALSE(parse_quantity("1e999 um2", Quantity::area));
}

TEST(Quantity, WhatIsPrintedIsReadAsTheSameNumber) {
  for (int i = 0; i <= static_cast<int>(Quantity::resistance); ++i) {
    const auto quantity = static_cast<Quantity>(i);
    for (const double value : {0.0, 0.1, 1.0 / 3, 83000.00000000001, 5e-324, 1e300}) {
      EXPECT_EQ(parse_quantity(format_quantity(value, quantity), quantity), value);
    }
  }
}

}  // namespace
}  // namespace sheaf::target
