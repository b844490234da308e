// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/product.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::study {
namespace {

std::string refusal(const ProductOptions& options) {
  return test::message_of<base::UsageError>([&] { (void)study_product(options); });
}

TEST(StudyProduct, MultipliesWhatItIsGiven) {
  const ProductStudy study = study_product({.weights = "3 -2, 5; 1 7 0", .inputs = {2, -3, 4}});
  EXPECT_EQ(study.flow.y, (std::vector<std::int64_t>{6 + 6 + 20, 2 - 21}));
  const auto json = product_json(study);
  EXPECT_EQ(json["y"], json["exact"]);
  EXPECT_EQ(json["readings"].size(), json["conversions"]);
}

TEST(StudyProduct, RandomNumbersFollowTheSeed) {
  const auto y = [](std::uint64_t seed) { return study_product({.seed = seed}).flow.weights; };
  EXPECT_EQ(y(1), y(1));
  EXPECT_NE(y(1), y(2));
}

TEST(StudyProduct, TakesEveryChipOfCrossbars) {
  for (const char* chip : {"isaac", "forms", "reboc", "tinyadc", "teaching", "pipelayer"}) {
    const ProductStudy study = study_product({.hw = chip});
    EXPECT_EQ(study.flow.y, study.flow.product) << chip;
  }
}

TEST(StudyProduct, SaysWhatIsWrong) {
  EXPECT_EQ(refusal({.weights = "3 x"}),
            "[--weights] not a whole number of 32 bits: got x, expected numbers such as 3 -2, "
            "outputs apart by ;");
  EXPECT_EQ(refusal({.weights = "3 1; 2"}),
            "[--weights] outputs with different numbers of weights: got 1, expected 2");
  EXPECT_EQ(refusal({.weights = " ; "}),
            "[--weights] weights of an output: got 0, expected 1 to 64");
  EXPECT_EQ(refusal({.weights = "3 1", .inputs = {1}}),
            "[--inputs] wrong number of inputs: got 1, expected 2");
  EXPECT_EQ(refusal({.weights = "9"}),
            "[weights] out of the format's range: got 9, expected -8 to 7");
  EXPECT_EQ(refusal({.rows = 65}), "[--rows] out of range: got 65, expected 1 to 64");
  EXPECT_EQ(refusal({.outputs = 33}),
            "[--weights] too many columns for a picture: got 132, expected 1 to 128");
}

TEST(StudyProduct, ADigitalChipHasNoCrossbars) {
  EXPECT_EQ(
      test::message_of<base::UnsupportedError>([] { (void)study_product({.hw = "smartdeal"}); }),
      "[chip smartdeal] values of products: got PEs without crossbars, expected PEs of kind "
      "crossbars");
}

}  // namespace
}  // namespace sheaf::study
