// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/predict.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::train {
namespace {

using Names = std::vector<std::string>;

const engine::InstanceOutputs kOutputs{.rows = {{0, 1, 0}, {1, 0, 0}, {0, 0, 1}}, .labels = {}};

TEST(LabelNames, AreThoseOfTheOutputsInTheirOrder) {
  EXPECT_EQ(label_names(nn::Sentence{.ids = {1, 2, 3}}, kOutputs, {"a", "b", "c"}),
            (Names{"b", "a", "c"}));
}

TEST(LabelNames, OfLatticesBeginAtTheFirstWord) {
  EXPECT_EQ(label_names(nn::Lattice{}, kOutputs, {"a", "b", "c"}), (Names{"a", "c"}));
}

TEST(LabelNames, AreNumbersWhereThereIsNoName) {
  EXPECT_EQ(label_names(nn::Tree{}, kOutputs, {"a"}), (Names{"1", "a", "2"}));
}

TEST(LabelNames, OfTranslationsAreRefused) {
  const auto translator = nn::make_model("lstm_nmt", {.hidden = 4});
  EXPECT_EQ(test::message_of<base::UnsupportedError>([&] { require_labels(*translator); }),
            "[--model-dir] labels of data: got model lstm_nmt, whose outputs are words of a "
            "translation, expected a model that labels its input");
  require_labels(*nn::make_model("tree_lstm", {.hidden = 4}));
}

}  // namespace
}  // namespace sheaf::train
