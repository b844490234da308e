// SPDX-License-Identifier: Apache-2.0
//
// How few batches, states and fall-back steps it must be on real data, against bounds and against
// the machine that the paper learns. Counts only: the same on every machine.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "sheaf/batching/policy.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/nn/model.h"
#include "sheaf/study/workloads.h"
#include "tests/engine/instances.h"

namespace sheaf::study {
namespace {

constexpr const char* kNoData = "SHEAF_DATA does not name a folder that has the data";

// Folder of the real data, "" where there is none.
std::string data_folder() {
  const char* folder = std::getenv("SHEAF_DATA");
  return folder != nullptr && std::filesystem::exists(folder) ? folder : "";
}

// What the study runs a model on.
engine::WorkloadOptions dev_options(const std::string& model) {
  engine::WorkloadOptions options = study_workloads({model}, data_folder()).at(0).options;
  if (options.data.ends_with("lattice/train.txt")) {
    options.data = data_folder() + "/lattice/dev.txt";
  }
  options.hidden = 2;
  return options;
}

// The same of the training files, where the data have some.
engine::WorkloadOptions train_options(const std::string& model) {
  engine::WorkloadOptions options = dev_options(model);
  for (std::string* file : {&options.data, &options.target}) {
    const std::size_t at = file->find("/dev.");
    if (at == std::string::npos) continue;
    const std::string train = std::string(*file).replace(at, 5, "/train.");
    if (std::filesystem::exists(train)) *file = train;
  }
  return options;
}

class Minibatches {
 public:
  Minibatches(const engine::Workload& workload, std::uint32_t batch)
      : workload_(workload),
        order_(engine::make_order(workload.instances.size(), batch, {})),
        graph_(workload.model->network()) {}

  [[nodiscard]] std::size_t size() const { return order_.minibatches(); }
  // Valid until the next call.
  const batching::Dependencies& operator[](std::size_t m) {
    engine::build_graph(*workload_.model, workload_.instances, order_.minibatch(m), graph_);
    dependencies_.build(graph_, graph_.seal());
    return dependencies_;
  }

 private:
  const engine::Workload& workload_;
  engine::Order order_;
  graph::Graph graph_;
  batching::Dependencies dependencies_;
};

batching::Schedule plan(const batching::Policy& policy, const batching::Dependencies& minibatch) {
  batching::Schedule schedule;
  policy.plan(minibatch, schedule);
  return schedule;
}

class CriticalOnRealData : public testing::TestWithParam<std::string> {};

TEST_P(CriticalOnRealData, IsAtTheLowerBoundOfEveryMinibatchOf64) {
  if (data_folder().empty()) GTEST_SKIP() << kNoData;
  const engine::Workload workload = engine::open_workload(dev_options(GetParam()));
  Minibatches minibatches(workload, 64);
  const auto critical = batching::make_policy("critical");
  ASSERT_GT(minibatches.size(), 0U);
  for (std::size_t m = 0; m < minibatches.size(); ++m) {
    const batching::Dependencies& minibatch = minibatches[m];
    EXPECT_EQ(plan(*critical, minibatch).batches.size(), batching::lower_bound(minibatch)) << m;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, CriticalOnRealData,
                         testing::Values("bilstm_tagger", "lstm_nmt", "tree_lstm", "tree_gru",
                                         "mv_rnn", "child_sum_tree_lstm"),
                         test::model_name);

TEST(CriticalOnSpeltWords, IsWithin5ThousandthsOfTheLowerBoundAtBatch64) {
  if (data_folder().empty()) GTEST_SKIP() << kNoData;
  const engine::Workload workload = engine::open_workload(dev_options("bilstm_tagger_char"));
  Minibatches minibatches(workload, 64);
  const auto critical = batching::make_policy("critical");
  std::uint64_t batches = 0;
  std::uint64_t bound = 0;
  for (std::size_t m = 0; m < minibatches.size(); ++m) {
    const batching::Dependencies& minibatch = minibatches[m];
    batches += plan(*critical, minibatch).batches.size();
    bound += batching::lower_bound(minibatch);
  }
  ASSERT_GT(bound, 0U);
  EXPECT_LE(batches * 1000, bound * 1005);
}

class AgainstTheLearnedMachine : public testing::TestWithParam<std::string> {};

// E_sort with the paper's hyper-parameters, from the first minibatch.
TEST_P(AgainstTheLearnedMachine, CriticalNeedsFewerBatchesAndBeamIsNearTheBound) {
  if (data_folder().empty()) GTEST_SKIP() << kNoData;
  const engine::Workload workload = engine::open_workload(train_options(GetParam()));
  ASSERT_GE(workload.instances.size(), 320U);
  const auto learned =
      engine::learn_policy(*workload.model, workload.instances, 32, {.teachers = {}});
  const auto fsm = batching::make_policy(
      "fsm", {.fsm = std::make_shared<const batching::FsmTable>(learned.table)});
  const auto critical = batching::make_policy("critical");
  const auto beam = batching::make_policy("beam");
  Minibatches minibatches(workload, 32);
  double logarithms = 0;
  for (std::size_t m = 0; m < 10; ++m) {
    const batching::Dependencies& minibatch = minibatches[m];
    const std::size_t mine = plan(*critical, minibatch).batches.size();
    const std::size_t theirs = plan(*fsm, minibatch).batches.size();
    EXPECT_LE(mine, theirs) << "minibatch " << m;
    EXPECT_LE(plan(*beam, minibatch).batches.size() * 100,
              std::size_t{batching::lower_bound(minibatch)} * 120)
        << "minibatch " << m;
    logarithms += std::log(static_cast<double>(mine) / static_cast<double>(theirs));
  }
  const double mean = std::exp(logarithms / 10);
  EXPECT_LE(mean, 0.97);
}

INSTANTIATE_TEST_SUITE_P(Models, AgainstTheLearnedMachine,
                         testing::Values("tree_lstm_2type", "lattice_lstm", "lattice_gru"),
                         test::model_name);

// A machine learned with default options from the first 32 instances of the training files, and
// what it did on the others, 32 at a time.
struct Learning {
  std::uint64_t states = 0;
  std::uint64_t steps = 0;
  std::uint64_t fallback_steps = 0;
};

Learning learn_and_try(const std::string& model) {
  const engine::Workload train = engine::open_workload(train_options(model));
  const auto learned = engine::learn_policy(*train.model, train.instances, 32, {});
  const auto fsm = batching::make_policy(
      "fsm", {.fsm = std::make_shared<const batching::FsmTable>(learned.table)});
  const engine::Workload dev = engine::open_workload(dev_options(model));
  Minibatches minibatches(dev, 32);
  Learning learning{.states = learned.table.states.size()};
  for (std::size_t m = 0; m < minibatches.size(); ++m) {
    const batching::Schedule schedule = plan(*fsm, minibatches[m]);
    learning.steps += schedule.batches.size();
    learning.fallback_steps += schedule.fallback_steps;
  }
  return learning;
}

class LearningOnRealData : public testing::TestWithParam<std::string> {};

TEST_P(LearningOnRealData, GivesAtMost300States) {
  if (data_folder().empty()) GTEST_SKIP() << kNoData;
  const Learning learning = learn_and_try(GetParam());
  EXPECT_GT(learning.states, 0U);
  EXPECT_LE(learning.states, 300U);
}

TEST_P(LearningOnRealData, GivesStatesThatCoverMostSteps) {
  if (data_folder().empty()) GTEST_SKIP() << kNoData;
  // bilstm_tagger_char has too many states for 300: 1265 of 16424 steps, which is 7.7 %, fall back.
  // The two directions of lattice_lstm_bi know nothing of each other, so that a state is a pair of
  // states, most of which one minibatch does not show: 753 of 1508 steps do what `critical` does.
  const std::uint64_t percent = GetParam() == "bilstm_tagger_char" ? 8
                                : GetParam() == "lattice_lstm_bi"  ? 51
                                                                   : 5;
  const Learning learning = learn_and_try(GetParam());
  ASSERT_GT(learning.steps, 0U);
  EXPECT_LE(learning.fallback_steps * 100, learning.steps * percent)
      << learning.fallback_steps << " of " << learning.steps << " steps, " << learning.states
      << " states";
}

std::vector<std::string> all_but_lac() {
  std::vector<std::string> models;
  for (const StudyWorkload& workload : study_workloads({}, "")) {
    models.push_back(workload.options.model);
  }
  return models;
}

INSTANTIATE_TEST_SUITE_P(Models, LearningOnRealData, testing::ValuesIn(all_but_lac()),
                         test::model_name);

}  // namespace
}  // namespace sheaf::study
