// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/magnitudes.h"

#include <gtest/gtest.h>

#include <limits>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::engine {
namespace {

TEST(Magnitudes, OfAllThatWereAddedTheLargestCounts) {
  Magnitudes magnitudes;
  EXPECT_EQ(magnitudes.count(), 0U);
  magnitudes.add(std::vector<float>{0.5F, -3, 2});
  magnitudes.add(std::vector<float>{0, -0.0F});
  EXPECT_EQ(magnitudes.count(), 5U);
  EXPECT_EQ(magnitudes.largest(), 3);
  EXPECT_EQ(magnitudes.percentile(100), 3);
}

TEST(Magnitudes, PercentileIsRightToOnePart128) {
  Magnitudes magnitudes;
  for (int i = 1; i <= 1000; ++i) {
    const float x = static_cast<float>(i) * (i % 2 == 0 ? 0.01F : -0.01F);
    magnitudes.add({&x, 1});
  }
  for (const double percent : {10.0, 50.0, 90.0, 99.0}) {
    const double exact = percent / 10;
    EXPECT_GE(magnitudes.percentile(percent), exact * 0.9999);
    EXPECT_LE(magnitudes.percentile(percent), exact * (1 + 1.0 / 64));
  }
  EXPECT_EQ(magnitudes.percentile(99.99), 10);
}

TEST(Magnitudes, MessageNamesWhatIsNotFinite) {
  Magnitudes magnitudes;
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(test::message_of<base::DataError>([&] {
              magnitudes.add({&infinity, 1});
            }),
            "[quantise] value in the calibration run: got inf, expected finite numbers");
}

}  // namespace
}  // namespace sheaf::engine
