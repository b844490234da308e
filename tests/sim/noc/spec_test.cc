// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/spec.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::sim::noc {
namespace {

using test::message_of;

std::string refusal(const std::string& rates) {
  return message_of<base::UsageError>([&] { static_cast<void>(parse_rates(rates)); });
}

TEST(Spec, SizesAreColumnsByRows) {
  EXPECT_EQ(parse_size("8x4").columns(), 8U);
  EXPECT_EQ(parse_size("8x4").rows(), 4U);
}

TEST(Spec, SweepsIncludeTheirEnd) {
  EXPECT_EQ(parse_rates("0.3"), std::vector<double>{0.3});
  const std::vector<double> rates = parse_rates("0.05:0.45:0.05");
  ASSERT_EQ(rates.size(), 9U);
  EXPECT_NEAR(rates[8], 0.45, 1e-12);
  EXPECT_EQ(parse_rates("0.1:0.1:1").size(), 1U);
}

TEST(Spec, RefusesSizesThatAreNone) {
  for (const char* text : {"8", "8x", "x8", "8x8x8", "-1x8", "8 x 8"}) {
    EXPECT_EQ(message_of<base::UsageError>([&] { static_cast<void>(parse_size(text)); }),
              "[--mesh] wrong size of a mesh: got '" + std::string(text) +
                  "', expected COLUMNSxROWS, 8x8 for instance");
  }
  EXPECT_EQ(message_of<base::UsageError>([] { static_cast<void>(parse_size("0x8")); }),
            "[--mesh] wrong size of a mesh: got 0x8, expected COLUMNSxROWS of 1 to 4096 nodes "
            "together");
}

TEST(Spec, RefusesRatesThatAreNone) {
  EXPECT_EQ(refusal("fast"), "[--rate] wrong rate: got 'fast', expected a number, or FROM:TO:STEP");
  EXPECT_EQ(refusal("0.1:0.2"),
            "[--rate] wrong rate: got '0.1:0.2', expected a number, or FROM:TO:STEP");
  EXPECT_EQ(refusal("0.2:0.1:0.1"),
            "[--rate] wrong rate: got '0.2:0.1:0.1', expected FROM <= TO and STEP > 0");
  EXPECT_EQ(refusal("0:1:0"), "[--rate] wrong rate: got '0:1:0', expected FROM <= TO and STEP > 0");
  EXPECT_EQ(refusal("0:1:1e-9"),
            "[--rate] wrong rate: got '0:1:1e-9', expected at most 10000 rates");
  EXPECT_EQ(refusal("nan"),
            "[--rate] wrong rate: got nan, expected 0 to 1 flits per node and cycle");
  EXPECT_EQ(refusal("1.5"),
            "[--rate] wrong rate: got 1.500000, expected 0 to 1 flits per node and cycle");
}

}  // namespace
}  // namespace sheaf::sim::noc
