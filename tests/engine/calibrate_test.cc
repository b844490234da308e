// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/calibrate.h"

#include <gtest/gtest.h>

#include "sheaf/engine/compile.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/engine/quantise_model.h"
#include "tests/engine/instances.h"

namespace sheaf::engine {
namespace {

// Goes on by a fixed time with every look.
class SteadyClock final : public base::Clock {
 public:
  [[nodiscard]] std::uint64_t now_ns() const override { return now_ += 100'000; }

 private:
  mutable std::uint64_t now_ = 0;
};

CalibrateOptions quick() { return {.isa = "reference", .most_rows = 4, .samples = 1}; }

class Calibrate : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Models, Calibrate,
                         testing::ValuesIn(nn::model_names().begin(), nn::model_names().end()),
                         test::model_name);

TEST_P(Calibrate, MeasuresEveryTypeAtEveryNumberOfRows) {
  const auto model = test::seeded_model(GetParam());
  const auto costs = calibrate(model->network(), SteadyClock(), quick());
  ASSERT_EQ(costs.types.size(), model->network().type_count());
  for (const batching::TypeCost& cost : costs.types) {
    EXPECT_EQ(cost.batch.rows, (std::vector<std::uint32_t>{1, 2, 4}));
    EXPECT_EQ(cost.batch.ns, (std::vector<double>{100'000, 100'000, 100'000}));
  }
  EXPECT_NO_THROW(costs.verify());
}

TEST_P(Calibrate, GivesATableThatPolicyCostRunsWith) {
  const auto model = test::seeded_model(GetParam());
  const auto instances = test::random_instances(GetParam(), 12, 8);
  const base::WallClock clock;
  const auto costs =
      std::make_shared<const batching::CostTable>(calibrate(model->network(), clock, quick()));
  const Order order = make_order(instances.size(), 5, {});
  const auto by_cost = compile(
      model->network(),
      {.policy = "cost", .parts = {.costs = costs}, .dump_after = {}, .dump = {}, .verify = true});
  EXPECT_EQ(digest_of(run_all(*model, instances, order, *by_cost)),
            digest_of(run_all(*model, instances, order, *compile(model->network()))));
}

TEST(CalibrateANetwork, NeedsNoValuesOfItsParameters) {
  const auto model = nn::make_model("tree_lstm", {.hidden = 8, .vocabulary = 4});
  EXPECT_EQ(calibrate(model->network(), SteadyClock(), quick()).types.size(), 3U);
}

TEST(CalibrateANetwork, DrawsIntegersForProductsOfIntegers) {
  const auto model = test::seeded_model("tree_lstm");
  const auto instances = test::random_instances("tree_lstm", 5, 8);
  static_cast<void>(quantise_model(*model, instances, {}));
  EXPECT_EQ(calibrate(model->network(), SteadyClock(), quick()).types.size(), 3U);
}

TEST(CalibrateANetwork, GivesTypesThatNoGraphCanHoldTheCurveOfNothing) {
  graph::CellBuilder leaf("leaf");
  leaf.output(leaf.constant(1, 3));
  graph::CellBuilder lost("lost");
  lost.output(sigmoid(lost.input("x", 5)));
  graph::Network network;
  network.add_type("leaf", std::make_shared<graph::Cell>(leaf.build()));
  network.add_type("lost", std::make_shared<graph::Cell>(lost.build()));
  const auto costs = calibrate(network, SteadyClock(), quick());
  EXPECT_EQ(costs.types[0].batch.rows.size(), 3U);
  EXPECT_EQ(costs.types[1].batch.rows, std::vector<std::uint32_t>{1});
  EXPECT_EQ(costs.types[1].batch.ns, std::vector<double>{0});
}

}  // namespace
}  // namespace sheaf::engine
