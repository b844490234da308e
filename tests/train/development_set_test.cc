// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/development_set.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/engine/workload.h"
#include "sheaf/train/copy_weights.h"
#include "tests/message_of.h"

namespace sheaf::train {
namespace {

engine::Workload tagger(std::uint64_t seed, std::uint32_t hidden = 8) {
  return engine::open_workload({.model = "bilstm_tagger",
                                .data = "random:sentences,n=9,vocabulary=50",
                                .hidden = hidden,
                                .seed = seed});
}

DevelopmentSet development_set() {
  const engine::Workload workload = tagger(1);
  return {"bilstm_tagger",
          engine::model_options(8, 1, workload.vocabularies),
          workload.instances,
          workload.vocabularies,
          {}};
}

Evaluation direct(const engine::Workload& workload) {
  return evaluate(*workload.model, workload.instances, workload.vocabularies, engine::Options{});
}

TEST(DevelopmentSet, MeasuresTheWeightsThatItIsGiven) {
  DevelopmentSet set = development_set();
  EXPECT_EQ(set.size(), 9U);
  const engine::Workload one = tagger(1);
  const engine::Workload two = tagger(2);
  ASSERT_NE(direct(one).metrics, direct(two).metrics);
  EXPECT_EQ(set.evaluate(one.model->network().parameters()).metrics, direct(one).metrics);
  EXPECT_EQ(set.evaluate(two.model->network().parameters()).metrics, direct(two).metrics);
  EXPECT_EQ(set.evaluate(one.model->network().parameters()).metrics, direct(one).metrics);
}

TEST(CopyWeights, RefusesAnotherShapeAndAMissingName) {
  const engine::Workload workload = tagger(1);
  const graph::ParameterStore& weights = workload.model->network().parameters();
  const engine::Workload smaller = tagger(1, 4);
  EXPECT_EQ(test::message_of<base::UsageError>(
                [&] { copy_weights(weights, smaller.model->network().parameters()); }),
            "[embedding] shape of the weights: got 50 x 8, expected 50 x 4");
  EXPECT_NE(test::message_of<base::NotFoundError>([&] {
              graph::ParameterStore to;
              to.declare("embeding", {2, 2});
              copy_weights(weights, to);
            }).find("embeding"),
            std::string::npos);
}

}  // namespace
}  // namespace sheaf::train
