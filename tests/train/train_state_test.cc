// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/train_state.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::train {
namespace {

using nlohmann::json;

TrainState example() {
  TrainState state{.step = 12345678901234567ULL,
                   .minibatch = 3,
                   .epoch_loss = 0.1 + 0.2,
                   .epoch_terms = 99,
                   .history = {},
                   .best = BestEpoch{.epoch = 1, .value = 1.0 / 3}};
  for (const std::uint64_t epoch : {1U, 2U}) {
    state.history.push_back({.step = 10 * epoch,
                             .loss = 1e300 / 3,
                             .terms = 7,
                             .metrics = {{"accuracy", 0.7}, {"perplexity", 1e-320}}});
  }
  return state;
}

TEST(TrainState, ReadsBackToTheBit) {
  for (const TrainState& state : {TrainState{}, example()}) {
    EXPECT_EQ(parse_train_state(json::parse(to_json(state).dump()), "x"), state);
  }
}

TEST(TrainState, ReadsBackMetricsThatAreNotFinite) {
  TrainState state = example();
  state.history[0].metrics = {{"a", std::numeric_limits<double>::infinity()},
                              {"b", -std::numeric_limits<double>::infinity()},
                              {"c", std::nan("")}};
  const TrainState back = parse_train_state(json::parse(to_json(state).dump()), "x");
  EXPECT_EQ(back.history[0].metrics.at("a"), state.history[0].metrics["a"]);
  EXPECT_EQ(back.history[0].metrics.at("b"), state.history[0].metrics["b"]);
  EXPECT_TRUE(std::isnan(back.history[0].metrics.at("c")));
}

TEST(TrainState, MeanLossIsThatOfItsTerms) {
  EXPECT_EQ((EpochRecord{.loss = 6, .terms = 4, .metrics = {}}.mean_loss()), 1.5);
  EXPECT_EQ(EpochRecord{}.mean_loss(), 0);
}

TEST(TrainState, MessagesNameFileAndKey) {
  const auto message = [](const std::string& path, const json& value) {
    json text = json::parse(to_json(example()).dump());
    text[json::json_pointer(path)] = value;
    return test::message_of<base::DataError>([&] { (void)parse_train_state(text, "f"); });
  };
  EXPECT_EQ(message("/step", -1), "[f] state of the training, step: got -1, expected a count");
  EXPECT_EQ(message("/minibatch", 1.5),
            "[f] state of the training, minibatch: got 1.5, expected a count");
  EXPECT_EQ(message("/epoch_loss", "many"),
            "[f] state of the training, epoch_loss: got \"many\", expected a number");
  EXPECT_EQ(message("/epoch", 3U),
            "[f] state of the training, epoch: got 3, expected as many as the history has");
  EXPECT_EQ(message("/history", 3),
            "[f] state of the training, history: got number, expected an array");
  EXPECT_EQ(message("/history/1", json::object()),
            "[f] state of the training, step: got none, expected a value");
  EXPECT_EQ(message("/history/1/metrics", json::array()),
            "[f] state of the training, metrics: got array, expected an object");
  EXPECT_EQ(message("/best/epoch", 2U),
            "[f] state of the training, best: got 2, expected an epoch of the history");
  EXPECT_EQ(test::message_of<base::DataError>([] { (void)parse_train_state(json(3), "f"); }),
            "[f] state of the training, step: got none, expected a value");
}

}  // namespace
}  // namespace sheaf::train
