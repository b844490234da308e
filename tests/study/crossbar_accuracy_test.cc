// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/crossbar_accuracy.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/engine/quantise_model.h"
#include "sheaf/study/simulate.h"
#include "sheaf/target/read_chip.h"
#include "tests/io/idx_bytes.h"
#include "tests/message_of.h"

namespace sheaf::study {
namespace {

class Pictures : public testing::Test {
 protected:
  Pictures() : data_(test::write_stripes(folder_, "train", test::stripes(6, 12))) {
    workload_ = engine::open_workload({.model = "lenet5", .data = data_});
    workload_.quantised =
        engine::quantise_model(*workload_.model, workload_.instances, {.bits = {6, 6}});
  }

  test::TempFolder folder_;
  std::string data_;
  engine::Workload workload_;
  const target::Chip isaac_ = target::read_chip("isaac");
};

TEST_F(Pictures, IdealCrossbarsGiveTheClassesOfIntegers) {
  const std::vector<CrossbarTrial> ideal = {{.name = "ideal", .chip = isaac_}};
  const auto rows = crossbar_accuracy(workload_, ideal, {});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].name, "products of integers");
  EXPECT_EQ(rows[1].accuracy, rows[0].accuracy);
  EXPECT_EQ(rows[1].same, 1);
  EXPECT_EQ(rows[1].saturated, 0);
}

TEST_F(Pictures, NarrowConvertersSaturate) {
  std::vector<CrossbarTrial> narrow = {{.name = "2 bits", .chip = isaac_}};
  narrow[0].chip.mapping.columns = target::ColumnEncoding::plain;
  narrow[0].chip.adc->bits = 2;
  EXPECT_GT(crossbar_accuracy(workload_, narrow, {})[1].saturated, 0);
}

TEST_F(Pictures, OneSeedGivesOneResult) {
  std::vector<CrossbarTrial> varied = {{.name = "varied", .chip = isaac_}};
  varied[0].chip.cell->device = target::DeviceModel::lognormal;
  varied[0].chip.cell->variation_sigma = 0.5;
  varied[0].chip.cell->read_noise_sigma = 0.2;
  const AccuracyOptions options{.seed = 3, .seeds = 1, .batch = 2};
  const auto first = crossbar_accuracy(workload_, varied, options);
  const auto again = crossbar_accuracy(workload_, varied, {.seed = 3});
  EXPECT_EQ(again[1].saturated, first[1].saturated);
  EXPECT_EQ(to_text(again), to_text(first));
}

TEST_F(Pictures, SeveralSeedsGiveTheMeanOfTheirResults) {
  std::vector<CrossbarTrial> varied = {{.name = "varied", .chip = isaac_}};
  varied[0].chip.cell->device = target::DeviceModel::lognormal;
  varied[0].chip.cell->variation_sigma = 0.5;
  varied[0].chip.adc->bits = 5;
  const CrossbarAccuracy third = crossbar_accuracy(workload_, varied, {.seed = 3})[1];
  const CrossbarAccuracy fourth = crossbar_accuracy(workload_, varied, {.seed = 4})[1];
  EXPECT_NE(third.saturated, fourth.saturated);
  const CrossbarAccuracy both = crossbar_accuracy(workload_, varied, {.seed = 3, .seeds = 2})[1];
  EXPECT_DOUBLE_EQ(both.saturated, (third.saturated + fourth.saturated) / 2);
  EXPECT_DOUBLE_EQ(both.accuracy, (third.accuracy + fourth.accuracy) / 2);
  EXPECT_DOUBLE_EQ(both.same, (third.same + fourth.same) / 2);
}

TEST_F(Pictures, ProductsThatStayFloatsAreTheHosts) {
  engine::Workload other = engine::open_workload({.model = "lenet5", .data = data_});
  const auto floats = layers_of(other);
  EXPECT_EQ(floats.host_macs, 0U);
  EXPECT_EQ(layers_of(workload_).macs(), floats.macs());
  const std::string& first = workload_.quantised->weights[0];
  (void)engine::quantise_model(*other.model, other.instances, {.keep_float = {first}});
  const auto mixed = layers_of(other);
  EXPECT_EQ(mixed.layers.size() + 1, floats.layers.size());
  EXPECT_EQ(mixed.macs() + mixed.host_macs, floats.macs());
}

TEST(CrossbarTrials, VaryConvertersCellsAndLeak) {
  const auto trials = crossbar_trials(target::read_chip("isaac"));
  ASSERT_EQ(trials.size(), 1U + 5 + 5 + 8);
  EXPECT_EQ(trials[1].name, "plain columns, 8 bits");
  EXPECT_EQ(trials[5].chip.adc->bits, 4U);
  EXPECT_EQ(trials[8].chip.cell->variation_sigma, 0.1);
  EXPECT_FALSE(trials[11].compensate_leak);
  EXPECT_TRUE(trials.back().compensate_leak);
}

TEST(CrossbarTrials, AreRefusedWithoutCrossbars) {
  EXPECT_EQ(test::message_of<base::UnsupportedError>(
                [] { (void)crossbar_trials(target::read_chip("smartdeal")); }),
            "[chip smartdeal] accuracy on crossbars: got PEs without crossbars, expected PEs of "
            "kind crossbars");
}

TEST(CrossbarAccuracyOf, DataWithoutPicturesAreRefused) {
  const engine::Workload trees = engine::open_workload(
      {.model = "tree_lstm", .data = "random:trees,n=2,leaves=3", .hidden = 8});
  EXPECT_EQ(
      test::message_of<base::UnsupportedError>([&] { (void)crossbar_accuracy(trees, {}, {}); }),
      "[accuracy on crossbars] data of model tree_lstm: got no pictures with labels, expected "
      "pictures "
      "with labels");
}

}  // namespace
}  // namespace sheaf::study
