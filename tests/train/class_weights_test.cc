// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/class_weights.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::train {
namespace {

using Weights = std::vector<float>;

TEST(BalancedWeights, AreThoseOfScikitLearn) {
  // sklearn.utils.class_weight.compute_class_weight("balanced", classes=[0, 1, 3],
  // y=[0, 0, 0, 1, 1, 3]) is [0.6667, 1, 2].
  const auto tagger = nn::make_model("bilstm_tagger", {.hidden = 4, .classes = 4});
  const std::vector<nn::Instance> instances = {
      nn::Sentence{.ids = {1, 2, 3, 4}, .labels = {0, 1, 0, nn::kNoLabel}},
      nn::Sentence{.ids = {1}}, nn::Sentence{.ids = {1, 2, 3}, .labels = {1, 0, 3}}};
  EXPECT_EQ(balanced_weights(*tagger, instances, 4), (Weights{2.0F / 3, 1, 0, 2}));
}

TEST(ClassWeights, AreReadByLabel) {
  EXPECT_EQ(parse_class_weights("b 2\n\n a\t0.5 \r\nc d  1e-1", "f", {" a", "b", "c d"}),
            (Weights{0.5F, 2, 0.1F}));
}

TEST(ClassWeights, MessagesOfFilesThatAreNone) {
  const auto refusal = [](const char* text) {
    return test::message_of<base::DataError>([&] {
      static_cast<void>(parse_class_weights(text, "f", {"B-X", "O"}));
    });
  };
  const std::string line = ", expected a label, a blank and a number that is not negative";
  EXPECT_EQ(refusal("O 1\nB-X -1\n"), "[f:2] weight of a class: got 'B-X -1'" + line);
  EXPECT_EQ(refusal("O\n"), "[f:1] weight of a class: got 'O'" + line);
  EXPECT_EQ(refusal("O 1x\n"), "[f:1] weight of a class: got 'O 1x'" + line);
  EXPECT_EQ(refusal("O inf\n"), "[f:1] weight of a class: got 'O inf'" + line);
  EXPECT_EQ(refusal("O 1\nB-Y 1\n"),
            "[f:2] class: got 'B-Y', expected a label of the training data; did you mean 'B-X'?");
  EXPECT_EQ(refusal("O 1\nO 2\n"), "[f:2] class: got 'O' again, expected each once");
  EXPECT_EQ(refusal("O 1\n"), "[f] weight of a class: got none, expected 'B-X'");
}

}  // namespace
}  // namespace sheaf::train
