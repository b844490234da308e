// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/updater.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/train/diverged_error.h"
#include "tests/message_of.h"
#include "tests/train/toy.h"

namespace sheaf::train {
namespace {

using test::add_parameter;
using test::dense;
using test::one;
using test::sparse;
using test::values_of;
using Values = std::vector<float>;

LearningRate constant(double rate) { return {.base = rate}; }

// Two parameters of ones and their gradients.
struct Two {
  Two() {
    add_parameter(store, "cell.W", {1, 2}, {1, 1});
    add_parameter(store, "head.b", {1, 2}, {1, 1});
  }
  static graph::Gradients gradients(const Values& first, const Values& second) {
    graph::Gradients gradients(2);
    gradients[0] = dense({1, 2}, first);
    gradients[1] = dense({1, 2}, second);
    return gradients;
  }
  Values values(graph::ParameterId id) const { return values_of(store[id].value); }

  graph::ParameterStore store;
};

TEST(Updater, UpdatesAtTheRateOfTheStepAndSaysTheNorm) {
  Two two;
  Updater updater({.rate = parse_learning_rate("linear", 1, 2)}, two.store);
  graph::Gradients gradients = Two::gradients({1, 2}, {-4, 2});
  Updater::Applied applied = updater.apply(gradients, 0);
  EXPECT_EQ(applied.norm, 5);
  EXPECT_EQ(applied.rate, 1);
  EXPECT_EQ(two.values(0), (Values{0, -1}));
  EXPECT_EQ(two.values(1), (Values{5, -1}));
  gradients = Two::gradients({1, 0}, {0, 0});
  applied = updater.apply(gradients, 1);
  EXPECT_EQ(applied.rate, 0.5);
  EXPECT_EQ(two.values(0), (Values{-0.5F, -1}));
}

TEST(Updater, ClipsByNormAndByValue) {
  Two two;
  Updater by_norm({.rate = constant(1), .clip_norm = 2.5}, two.store);
  graph::Gradients gradients = Two::gradients({1, 2}, {-4, 2});
  EXPECT_EQ(by_norm.apply(gradients, 0).norm, 5);  // the norm before clipping
  EXPECT_NEAR(two.values(1)[0], 3, 1e-5);
  Two other;
  Updater by_value({.rate = constant(1), .clip_value = 1.5}, other.store);
  gradients = Two::gradients({1, 2}, {-4, 2});
  by_value.apply(gradients, 0);
  EXPECT_EQ(other.values(0), (Values{0, -0.5F}));
  EXPECT_EQ(other.values(1), (Values{2.5F, -0.5F}));
}

TEST(Updater, FrozenParametersKeepValuesAndVersionAndDoNotCountInTheNorm) {
  Two two;
  const std::uint64_t version = two.store[0].version;
  Updater updater({.rate = constant(1), .frozen = {"cell.*"}}, two.store);
  graph::Gradients gradients = Two::gradients({100, 100}, {3, 4});
  EXPECT_EQ(updater.apply(gradients, 0).norm, 5);
  EXPECT_EQ(two.values(0), (Values{1, 1}));
  EXPECT_EQ(two.store[0].version, version);
  EXPECT_EQ(two.values(1), (Values{-2, -3}));
}

TEST(Updater, MaskedValuesStayZeroWhateverTheOptimiser) {
  for (const char* name : {"sgd", "momentum", "adagrad", "adam", "adamw"}) {
    Two two;
    Updater updater({.optimiser = {.name = name, .weight_decay = 0.1}, .rate = constant(0.1)},
                    two.store);
    graph::Gradients gradients = Two::gradients({1, 1}, {1, 1});
    updater.apply(gradients, 0);  // there is momentum when the mask comes
    updater.set_mask(0, test::tensor_of({1, 2}, {0, 1}));
    EXPECT_EQ(two.values(0)[0], 0);
    for (std::uint64_t step = 1; step < 4; ++step) {
      gradients = Two::gradients({1, 1}, {1, 1});
      updater.apply(gradients, step);
      EXPECT_EQ(two.values(0)[0], 0) << name;
      EXPECT_EQ(two.values(0)[1], two.values(1)[1]) << name;
    }
  }
}

TEST(Updater, MasksOfSparseGradientsAreThoseOfTheirRows) {
  graph::ParameterStore store;
  add_parameter(store, "table", {3, 2}, {1, 1, 1, 1, 1, 1});
  Updater updater({.rate = constant(1)}, store);
  updater.set_mask(0, test::tensor_of({3, 2}, {1, 1, 1, 1, 0, 1}));
  graph::Gradients gradients = one(sparse({0, 2}, 2, {3, 0, 1000, 4}));
  EXPECT_EQ(updater.apply(gradients, 0).norm, 5);
  EXPECT_EQ(values_of(store[0].value), (Values{-2, 1, 1, 1, 0, -3}));
}

// Adds to the gradient, then moves every value to a multiple of a half; keeps what it saw.
class Rounding final : public UpdateHook {
 public:
  std::string name() const override { return "rounding"; }
  void add_gradients(const graph::ParameterStore& /*parameters*/, graph::Gradients& gradients,
                     std::uint64_t /*step*/) override {
    gradients[0].dense.values()[0] += 1;
  }
  void after_update(graph::ParameterStore& parameters, std::uint64_t step) override {
    const auto values = parameters.change(0);
    for (float& value : values) {
      value = static_cast<float>(static_cast<int>(value * 2 + 0.5F)) / 2 + 1;
    }
    seen_ += static_cast<float>(step);
  }
  NamedTensors state() const override {
    NamedTensors state;
    state.emplace("seen", test::tensor_of({1, 1}, {seen_}));
    return state;
  }
  void restore(NamedTensors& state) override { seen_ = take(state, "seen", {1, 1}).values()[0]; }

 private:
  float seen_ = 0;
};

TEST(Updater, HooksRunBeforeAndAfterAndMasksHoldAfterThem) {
  Two two;
  Updater updater({.rate = constant(1)}, two.store);
  updater.set_mask(0, test::tensor_of({1, 2}, {1, 0}));
  updater.add_hook(std::make_unique<Rounding>());
  graph::Gradients gradients = Two::gradients({-2.1F, 0}, {0, 0});
  updater.apply(gradients, 4);
  EXPECT_EQ(two.values(0), (Values{3, 0}));  // 1 + 1.1, rounded to 2, and 1
}

TEST(Updater, StateHoldsOptimiserAndHooksAndIsTakenBack) {
  Two two;
  const auto make = [&] {
    auto updater = std::make_unique<Updater>(
        UpdateOptions{.optimiser = {.name = "momentum"}, .rate = constant(0.1)}, two.store);
    updater->add_hook(std::make_unique<Rounding>());
    return updater;
  };
  const auto first = make();
  graph::Gradients gradients = Two::gradients({1, 2}, {3, 4});
  first->apply(gradients, 5);
  NamedTensors state = first->state();
  ASSERT_EQ(state.size(), 4U);
  EXPECT_EQ(values_of(state.at("hook/rounding/seen")), Values{5});
  EXPECT_EQ(values_of(state.at("optimiser/momentum/head.b")), (Values{3, 4}));
  const auto second = make();
  state.emplace("parameters/x", test::tensor_of({1, 1}, {1}));
  second->restore(state);
  ASSERT_EQ(state.size(), 1U);  // what is not the updater's stays
  const NamedTensors again = second->state();
  EXPECT_EQ(values_of(again.at("hook/rounding/seen")), Values{5});
  EXPECT_EQ(values_of(again.at("optimiser/momentum/head.b")), (Values{3, 4}));
  EXPECT_EQ(again.count("optimiser/updates"), 1U);
}

TEST(Updater, AGradientThatIsNotFiniteChangesNothing) {
  Two two;
  Updater updater({.optimiser = {.name = "adam"}, .rate = constant(1)}, two.store);
  graph::Gradients gradients = Two::gradients({1, 1}, {1, std::numeric_limits<float>::infinity()});
  const std::uint64_t changes = two.store.changes();
  EXPECT_EQ(test::message_of<DivergedError>([&] { updater.apply(gradients, 17); }),
            "[step 17] norm of the gradients: got infinity, expected a finite number");
  gradients = Two::gradients({std::numeric_limits<float>::quiet_NaN(), 1}, {1, 1});
  EXPECT_EQ(test::message_of<DivergedError>([&] { updater.apply(gradients, 18); }),
            "[step 18] norm of the gradients: got NaN, expected a finite number");
  EXPECT_EQ(two.store.changes(), changes);
  EXPECT_EQ(updater.state().size(), 1U);
}

TEST(Updater, MessagesOfOptionsThatMakeNoSense) {
  Two two;
  const auto message = [&](const UpdateOptions& options) {
    return test::message_of<base::UsageError>([&] { Updater(options, two.store); });
  };
  EXPECT_EQ(message({.clip_norm = -1}),
            "[clipping] norm: got -1.000000, expected a finite number, not negative");
  EXPECT_EQ(message({.clip_value = -1}),
            "[clipping] value: got -1.000000, expected a finite number, not negative");
  EXPECT_EQ(message({.frozen = {"embeding"}}),
            "[frozen parameters] pattern that matches no name: got 'embeding'");
  Updater updater({}, two.store);
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              updater.set_mask(1, test::tensor_of({2, 1}, {1, 1}));
            }),
            "[mask of head.b] shape: got 2 x 1, expected 1 x 2");
}

}  // namespace
}  // namespace sheaf::train
