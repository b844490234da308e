// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <type_traits>

#include "sheaf/base/error.h"
#include "sheaf/engine/backends.h"
#include "sheaf/engine/minibatches.h"
#include "tests/engine/instances.h"
#include "tests/message_of.h"

namespace sheaf::engine {
namespace {

// A tree model, and a graph of three trees of it.
class SessionOfTrees : public testing::Test {
 protected:
  SessionOfTrees()
      : model_(test::seeded_model("tree_lstm")),
        instances_(test::random_instances("tree_lstm", 3, 6)),
        graph_(model_->network()) {
    fill(graph_);
  }
  void fill(graph::Graph& graph) const {
    build_graph(*model_, instances_, make_order(instances_.size(), 64, {}).indices, graph);
  }
  [[nodiscard]] std::string step_refusal(Session& session, graph::Graph& graph) const {
    return test::message_of<base::UsageError>([&] { session.step(graph); });
  }

  std::unique_ptr<nn::Model> model_;
  std::vector<nn::Instance> instances_;
  graph::Graph graph_;
};

// Its backend points at the network that it compiled.
TEST(Session, StaysWhereItWasMade) {
  EXPECT_FALSE(std::is_copy_constructible_v<Session>);
  EXPECT_FALSE(std::is_move_constructible_v<Session>);
  EXPECT_FALSE(std::is_move_assignable_v<Session>);
}

TEST_F(SessionOfTrees, RunsOnTheBackendThatItsMakerMakes) {
  const auto values = [this](Options options) {
    options.isa = "scalar";
    const auto session = compile(model_->network(), std::move(options));
    return digest_of(run_all(*model_, instances_, make_order(instances_.size(), 64, {}), *session));
  };
  int made = 0;
  const std::string by_maker = values({.make_backend = [&made] {
    ++made;
    return make_backend("cpu", "reference");
  }});
  EXPECT_EQ(made, 1);
  EXPECT_EQ(by_maker, values({.make_backend = [] { return make_backend("cpu", "reference"); }}));
  EXPECT_NE(by_maker, values({}));
}

TEST_F(SessionOfTrees, DumpsEachStageThatIsNamed) {
  const std::array<std::string, 4> beginnings = {"compiled cell tree_lstm_leaf\n",
                                                 "0 leaf instance 0\n1 head instance 0 0.0\n",
                                                 "0 leaf x ", "0 leaf x "};
  for (std::size_t i = 0; i < stage_names().size(); ++i) {
    std::vector<std::string> stages;
    std::string text;
    const auto session =
        compile(model_->network(), {.dump_after = stage_names()[i],
                                    .dump = [&](std::string_view stage, std::string_view dumped) {
                                      stages.emplace_back(stage);
                                      text = dumped;
                                    }});
    graph_.clear();
    fill(graph_);
    session->step(graph_);
    EXPECT_EQ(stages, (std::vector<std::string>{stage_names()[i]}));
    EXPECT_TRUE(text.starts_with(beginnings[i])) << stage_names()[i] << ":\n" << text;
  }
}

TEST_F(SessionOfTrees, DumpsAPlanWithItsArenaAndCopies) {
  std::string text;
  const auto session = compile(
      model_->network(), {.dump_after = "plan", .dump = [&](auto, auto dumped) { text = dumped; }});
  const StepReport report = session->step(graph_);
  EXPECT_TRUE(text.ends_with("arena " + std::to_string(report.arena_bytes) + " bytes, copied " +
                             std::to_string(report.copied_bytes) + " bytes\n"))
      << text;
}

TEST_F(SessionOfTrees, RefusesAnUnknownStage) {
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              static_cast<void>(compile(model_->network(), {.dump_after = "plam", .dump = {}}));
            }),
            "[--dump-after] unknown stage: got 'plam'; did you mean 'plan'?");
}

TEST_F(SessionOfTrees, RefusesAnotherGraphUntilBegin) {
  const auto session = compile(model_->network());
  session->step(graph_);
  graph::Graph other(model_->network());
  fill(other);
  EXPECT_EQ(step_refusal(*session, other), "[session] a step of another graph; call begin() first");
  session->begin();
  EXPECT_EQ(session->step(other).nodes, other.size());
}

TEST_F(SessionOfTrees, RefusesAClearedGraphUntilBegin) {
  const auto session = compile(model_->network());
  session->step(graph_);
  graph_.clear();
  fill(graph_);
  EXPECT_EQ(step_refusal(*session, graph_), "[session] the graph was cleared; call begin() first");
  graph_.clear();
  fill(graph_);
  session->begin();
  EXPECT_EQ(session->step(graph_).nodes, graph_.size());
}

// What the message above tells a caller to do.
TEST_F(SessionOfTrees, StepsTheGraphThatItRefusedAfterBegin) {
  const auto session = compile(model_->network());
  session->step(graph_);
  graph_.clear();
  fill(graph_);
  EXPECT_NE(step_refusal(*session, graph_), "nothing was thrown");
  session->begin();
  EXPECT_EQ(session->step(graph_).nodes, graph_.size());
}

TEST_F(SessionOfTrees, RunsAGraphFromItsFirstNodeAfterBegin) {
  const auto session = compile(model_->network());
  session->step(graph_);
  model_->append(instances_[0], 3, graph_);
  session->step(graph_);
  const auto row = session->read(graph_.outputs().back());
  const std::vector<float> before(row.begin(), row.end());
  session->begin();
  EXPECT_EQ(session->step(graph_).nodes, graph_.size());
  const auto again = session->read(graph_.outputs().back());
  EXPECT_EQ(std::vector<float>(again.begin(), again.end()), before);
}

TEST_F(SessionOfTrees, RefusesAGraphOfAnotherNetwork) {
  const auto other = test::seeded_model("tree_lstm");
  const auto session = compile(other->network());
  EXPECT_EQ(step_refusal(*session, graph_),
            "[session] a graph of another network; compile that network");
}

TEST_F(SessionOfTrees, MayStepAGoodGraphAfterItRefusedOne) {
  const auto other = test::seeded_model("tree_lstm");
  graph::Graph foreign(other->network());
  const auto session = compile(model_->network());
  EXPECT_NE(step_refusal(*session, foreign), "nothing was thrown");
  EXPECT_EQ(session->step(graph_).nodes, graph_.size());
}

TEST_F(SessionOfTrees, RefusesToReadBeforeAStep) {
  const auto session = compile(model_->network());
  EXPECT_EQ(test::message_of<base::InternalError>([&] { static_cast<void>(session->read({0})); }),
            "[session] read of a node that has not run");
}

TEST_F(SessionOfTrees, RefusesToReadANodeThatHasNotRun) {
  const auto session = compile(model_->network());
  session->step(graph_);
  const graph::NodeId next = graph_.size();
  model_->append(instances_[0], 3, graph_);
  EXPECT_EQ(
      test::message_of<base::InternalError>([&] { static_cast<void>(session->read({next})); }),
      "[session] read of a node that has not run");
}

TEST_F(SessionOfTrees, RefusesToReadAfterBegin) {
  const auto session = compile(model_->network());
  session->step(graph_);
  session->begin();
  EXPECT_EQ(test::message_of<base::InternalError>([&] { static_cast<void>(session->read({0})); }),
            "[session] read of a node that has not run");
}

TEST_F(SessionOfTrees, VerifiesEveryGraph) {
  graph::Graph broken(model_->network());
  broken.add(0, {}, test::kVocabulary);
  const auto session = compile(model_->network(), {.dump_after = {}, .dump = {}, .verify = false});
  EXPECT_EQ(test::message_of<base::InternalError>([&] { session->step(broken); }),
            "[graph] a payload lies beyond its table");
}

TEST_F(SessionOfTrees, RefusesParametersWithoutValues) {
  const auto model = nn::make_model("tree_lstm", {.hidden = 8, .vocabulary = 4});
  EXPECT_EQ(
      test::message_of<base::UsageError>([&] { static_cast<void>(compile(model->network())); }),
      "[parameter embedding] has no value; initialise the parameters or assign it one first");
}

TEST_F(SessionOfTrees, RefusesANetworkThatHasGrown) {
  const auto session = compile(model_->network());
  graph::CellBuilder cell("identity");
  cell.output(cell.input("x", 4));
  model_->network().add_type("new", std::make_shared<graph::Cell>(cell.build()));
  EXPECT_EQ(step_refusal(*session, graph_),
            "[session] the network has new types; compile it again");
}

TEST_F(SessionOfTrees, ReadsNoPortThatDoesNotExist) {
  const auto session = compile(model_->network());
  session->step(graph_);
  EXPECT_EQ(test::message_of<base::InternalError>([&] {
              static_cast<void>(session->read({0, 9}));
            }),
            "[session] read of a port that does not exist");
}

TEST_F(SessionOfTrees, StepsAnEmptyGraph) {
  for (const char* policy : {"single", "depth", "agenda", "sufficient"}) {
    const auto session = compile(model_->network(),
                                 {.policy = policy, .dump_after = {}, .dump = {}, .verify = true});
    graph::Graph empty(model_->network());
    const StepReport report = session->step(empty);
    EXPECT_EQ(report.nodes, 0U);
    EXPECT_EQ(report.batches, 0U);
    EXPECT_EQ(report.arena_bytes, 0U);
    fill(empty);  // clears and fills it
    session->begin();
    EXPECT_EQ(session->step(empty).nodes, empty.size());
  }
}

TEST_F(SessionOfTrees, ReportsWhatItsPlanSays) {
  const auto session = compile(model_->network());
  const StepReport report = session->step(graph_);
  EXPECT_EQ(report.nodes, graph_.size());
  EXPECT_EQ(report.batches, session->plan().batches.size());
  EXPECT_EQ(report.batches, session->schedule().batches.size());
  EXPECT_EQ(report.copied_bytes, session->plan().copied_bytes);
  EXPECT_EQ(report.arena_bytes, session->plan().arena_floats * sizeof(float));
}

// Goes on by one with every look.
class CountingClock final : public base::Clock {
 public:
  [[nodiscard]] std::uint64_t now_ns() const override { return now_ += 1; }

 private:
  mutable std::uint64_t now_ = 0;
};

TEST_F(SessionOfTrees, TakesTimesFromItsClock) {
  const CountingClock clock;
  const auto session = compile(model_->network(), {.clock = &clock, .dump_after = {}, .dump = {}});
  const StepReport report = session->step(graph_);
  EXPECT_EQ(report.schedule_ns, 1U);
  EXPECT_EQ(report.plan_ns, 1U);
  EXPECT_EQ(report.execute_ns, 1U);
}

TEST_F(SessionOfTrees, TakesNoTimesWithoutAClock) {
  const StepReport report = compile(model_->network())->step(graph_);
  EXPECT_EQ(report.schedule_ns + report.plan_ns + report.execute_ns, 0U);
}

TEST_F(SessionOfTrees, UsesNewWeightsAsSoonAsTheyAreAssigned) {
  const auto session = compile(model_->network());
  session->step(graph_);
  const auto head = graph_.outputs().front();
  graph::ParameterStore& parameters = model_->network().parameters();
  const auto v = parameters.find("head.V");
  tensor::Tensor zero(parameters[v].shape);
  for (float& x : zero.values()) x = 0;
  parameters.assign(v, std::move(zero));
  session->begin();
  graph_.clear();
  fill(graph_);
  session->step(graph_);
  const auto row = session->read(head);
  for (const float x : row) EXPECT_FLOAT_EQ(x, -std::log(5.0F));
}

TEST_F(SessionOfTrees, CountsFallbackStepsOfAnFsmThatKnowsNothing) {
  auto table = std::make_shared<batching::FsmTable>();
  table->type_names = model_->network().type_names();
  const auto session = compile(
      model_->network(), {.policy = "fsm", .parts = {.fsm = table}, .dump_after = {}, .dump = {}});
  const StepReport report = session->step(graph_);
  EXPECT_EQ(report.fallback_steps, report.batches);
}

TEST(MakeBackend, KnowsTheCpu) { EXPECT_EQ(make_backend("cpu", "auto")->name(), "cpu"); }

TEST(MakeBackend, RefusesAnUnknownName) {
  EXPECT_EQ(
      test::message_of<base::UsageError>([] { static_cast<void>(make_backend("tpu", "auto")); }),
      "[backend] unknown backend: got 'tpu', expected 'cpu'");
}

}  // namespace
}  // namespace sheaf::engine
