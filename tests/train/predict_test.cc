// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/predict.h"

#include <gtest/gtest.h>

namespace sheaf::train {
namespace {

using Names = std::vector<std::string>;

const std::vector<std::uint32_t> kPredicted = {1, 0, 2};

TEST(LabelNames, AreThoseOfTheOutputsInTheirOrder) {
  EXPECT_EQ(label_names(nn::Sentence{.ids = {1, 2, 3}}, kPredicted, {"a", "b", "c"}),
            (Names{"b", "a", "c"}));
}

TEST(LabelNames, OfLatticesBeginAtTheFirstWord) {
  EXPECT_EQ(label_names(nn::Lattice{}, kPredicted, {"a", "b", "c"}), (Names{"a", "c"}));
}

TEST(LabelNames, AreNumbersWhereThereIsNoName) {
  EXPECT_EQ(label_names(nn::Tree{}, kPredicted, {"a"}), (Names{"1", "a", "2"}));
}

}  // namespace
}  // namespace sheaf::train
