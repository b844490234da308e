// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/minibatch_stream.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "sheaf/base/error.h"
#include "tests/engine/instances.h"
#include "tests/message_of.h"

namespace sheaf::engine {
namespace {

class Stream : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] std::string digest(const StreamOptions& options, std::uint32_t batch,
                                   std::optional<std::uint64_t> shuffle) const {
    const auto session = compile(
        model_->network(), {.keep = memory_plan::Keep::outputs, .dump_after = {}, .dump = {}});
    io::Sha256 sha;
    std::uint32_t next = 0;
    InOrder in_order([&](std::uint32_t index, const InstanceOutputs& outputs) {
      EXPECT_EQ(index, next++);
      add_to(sha, outputs);
    });
    run_minibatches(*model_, instances_, make_order(instances_.size(), batch, shuffle), *session,
                    options, [&](std::uint32_t index, InstanceOutputs outputs) {
                      in_order.put(index, std::move(outputs));
                    });
    EXPECT_EQ(next, instances_.size());
    EXPECT_EQ(in_order.held(), 0U);
    return sha.hex();
  }

  const std::unique_ptr<nn::Model> model_ = test::seeded_model(GetParam());
  const std::vector<nn::Instance> instances_ = test::random_instances(GetParam(), 41, 9);
};

INSTANTIATE_TEST_SUITE_P(Models, Stream,
                         testing::Values("tree_lstm", "lattice_lstm", "bilstm_tagger", "lac",
                                         "mv_rnn"),
                         test::model_name);

TEST_P(Stream, OutputsDoNotDependOnWhoBuildsTheGraphsNorOnTheOrder) {
  const auto session = compile(model_->network());
  const std::string wanted =
      digest_of(run_all(*model_, instances_, make_order(41, 64, {}), *session));
  for (const bool ahead : {false, true}) {
    for (const std::uint32_t batch : {1U, 4U, 41U, 100U}) {
      EXPECT_EQ(digest({.build_ahead = ahead}, batch, {}), wanted) << ahead << ", " << batch;
      EXPECT_EQ(digest({.build_ahead = ahead}, batch, 5), wanted) << ahead << ", " << batch;
    }
  }
}

TEST_P(Stream, SaysAfterEveryMinibatchHowManyInstancesAreDone) {
  std::vector<std::size_t> done;
  const StreamOptions options{
      .progress = [&](std::size_t instances) { done.push_back(instances); }};
  static_cast<void>(digest(options, 16, {}));
  EXPECT_EQ(done, (std::vector<std::size_t>{16, 32, 41}));
}

TEST_P(Stream, WhatBuildingThrowsIsThrownWhereverItIsDone) {
  auto instances = instances_;
  instances[30] = nn::Dag{};  // which none of the models takes
  const auto session = compile(model_->network());
  for (const bool ahead : {false, true}) {
    std::size_t seen = 0;
    EXPECT_NE(test::message_of<base::UsageError>([&] {
                run_minibatches(*model_, instances, make_order(41, 10, {}), *session,
                                {.build_ahead = ahead},
                                [&](std::uint32_t, const InstanceOutputs&) { ++seen; });
              }),
              "nothing was thrown");
    EXPECT_EQ(seen, 30U);
  }
}

TEST(InOrderOutputs, AreHeldUntilThoseBeforeHaveCome) {
  std::vector<std::uint32_t> order;
  InOrder in_order([&](std::uint32_t index, const InstanceOutputs& outputs) {
    EXPECT_EQ(outputs.labels[0], index);
    order.push_back(index);
  });
  const auto put = [&](std::uint32_t index) { in_order.put(index, {{}, {index}}); };
  put(2);
  put(1);
  EXPECT_EQ(in_order.held(), 2U);
  EXPECT_TRUE(order.empty());
  put(0);
  EXPECT_EQ(order, (std::vector<std::uint32_t>{0, 1, 2}));
  put(3);
  EXPECT_EQ(order.size(), 4U);
  EXPECT_EQ(in_order.held(), 0U);
}

}  // namespace
}  // namespace sheaf::engine
