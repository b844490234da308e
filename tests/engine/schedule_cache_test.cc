// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/schedule_cache.h"

#include <gtest/gtest.h>

#include "sheaf/engine/compile.h"
#include "sheaf/engine/minibatches.h"
#include "tests/engine/instances.h"

namespace sheaf::engine {
namespace {

using graph::Operand;

constexpr std::size_t kPlenty = std::size_t{1} << 23U;

// Two types with any number of operands and two ports.
graph::Network some_network() {
  graph::CellBuilder builder("any");
  const auto x = builder.repeated_input("x", 1);
  const auto cell = std::make_shared<graph::Cell>(builder.output(x).output(x).build());
  graph::Network network;
  network.add_type("a", cell);
  network.add_type("b", cell);
  return network;
}

// A cache, and graphs that stand for minibatches; a graph's schedule is its nodes in order.
class Cache : public testing::Test {
 protected:
  [[nodiscard]] graph::Graph chain(std::uint32_t nodes, std::uint32_t payload = 0) const {
    graph::Graph graph(network_);
    graph.add(0, {}, payload);
    for (graph::NodeId i = 1; i < nodes; ++i) graph.add(0, {Operand{i - 1}}, payload + i);
    return graph;
  }

  static bool find(ScheduleCache& cache, const graph::Graph& graph) {
    batching::Schedule schedule;
    memory_plan::MemoryPlan plan;
    return cache.find(graph, schedule, plan);
  }

  // Looks a graph up and keeps it when it is not there; whether it was.
  static bool meet(ScheduleCache& cache, const graph::Graph& graph) {
    batching::Schedule schedule;
    memory_plan::MemoryPlan plan;
    if (cache.find(graph, schedule, plan)) {
      EXPECT_EQ(schedule.order.size(), graph.size());
      return true;
    }
    for (graph::NodeId node = 0; node < graph.size(); ++node) {
      schedule.order.push_back(node);
      plan.order.push_back(node);
      plan.payloads.push_back(graph.payload(node));
    }
    cache.insert(graph, schedule, plan);
    return false;
  }

  const graph::Network network_ = some_network();
};

TEST_F(Cache, KeepsAGraphWhenItIsMetForTheSecondTime) {
  ScheduleCache cache(kPlenty);
  EXPECT_FALSE(meet(cache, chain(5)));
  EXPECT_EQ(cache.entries(), 0U);
  EXPECT_FALSE(meet(cache, chain(5)));
  EXPECT_EQ(cache.entries(), 1U);
  EXPECT_TRUE(meet(cache, chain(5)));
  EXPECT_EQ(cache.lookups(), 3U);
  EXPECT_EQ(cache.hits(), 1U);
}

TEST_F(Cache, GivesThePayloadsOfTheGraphThatAsks) {
  ScheduleCache cache(kPlenty);
  for (int i = 0; i < 2; ++i) meet(cache, chain(4, 100));
  batching::Schedule schedule;
  memory_plan::MemoryPlan plan;
  ASSERT_TRUE(cache.find(chain(4, 7), schedule, plan));
  EXPECT_EQ(plan.payloads, (std::vector<std::uint32_t>{7, 8, 9, 10}));
}

TEST_F(Cache, TellsApartWhatDiffersInOneTypeOperandOrPort) {
  ScheduleCache cache(kPlenty);
  const auto graph_of = [&](graph::TypeId type, std::initializer_list<Operand> last) {
    graph::Graph graph(network_);
    graph.add(0, {});
    graph.add(type, {Operand{0}});
    graph.add(0, last);
    return graph;
  };
  for (int i = 0; i < 2; ++i) meet(cache, graph_of(0, {Operand{1}}));
  EXPECT_FALSE(find(cache, graph_of(1, {Operand{1}})));
  EXPECT_FALSE(find(cache, graph_of(0, {Operand{0}})));
  EXPECT_FALSE(find(cache, graph_of(0, {Operand{1, 1}})));
  EXPECT_FALSE(find(cache, graph_of(0, {Operand{1}, Operand{1}})));
  EXPECT_TRUE(find(cache, graph_of(0, {Operand{1}})));
}

TEST_F(Cache, TellsApartWhatDiffersInMarksOnly) {
  ScheduleCache cache(kPlenty);
  const auto marked = [&](graph::NodeId output, graph::NodeId decoded) {
    graph::Graph graph = chain(3);
    graph.mark_output({output});
    graph.mark_decoded({decoded});
    return graph;
  };
  for (int i = 0; i < 2; ++i) meet(cache, marked(1, 2));
  EXPECT_FALSE(find(cache, marked(2, 2)));
  EXPECT_FALSE(find(cache, marked(1, 1)));
  EXPECT_FALSE(find(cache, chain(3)));
  EXPECT_TRUE(find(cache, marked(1, 2)));
}

TEST_F(Cache, WithoutPlansLeavesThePlanAlone) {
  ScheduleCache cache(kPlenty, false);
  for (int i = 0; i < 2; ++i) meet(cache, chain(5));
  batching::Schedule schedule;
  memory_plan::MemoryPlan plan;
  ASSERT_TRUE(cache.find(chain(5), schedule, plan));
  EXPECT_EQ(schedule.order.size(), 5U);
  EXPECT_TRUE(plan.order.empty());
}

// The same flat operands, owned by other nodes.
TEST_F(Cache, TellsApartWhatDiffersInNumbersOfOperandsOnly) {
  ScheduleCache cache(kPlenty, true, 0);
  const auto graph_of = [&](std::uint32_t of_second) {
    graph::Graph graph(network_);
    graph.add(0, {});
    graph.add(0, std::vector<Operand>(of_second, Operand{0}));
    graph.add(0, std::vector<Operand>(3 - of_second, Operand{0}));
    return graph;
  };
  for (int i = 0; i < 2; ++i) meet(cache, graph_of(1));
  EXPECT_FALSE(find(cache, graph_of(2)));
  EXPECT_TRUE(find(cache, graph_of(1)));
}

TEST_F(Cache, GraphsOfOneHashReplaceEachOther) {
  ScheduleCache cache(kPlenty, true, 0);
  for (int i = 0; i < 2; ++i) meet(cache, chain(5));
  EXPECT_FALSE(meet(cache, chain(6)));
  EXPECT_EQ(cache.entries(), 1U);
  EXPECT_FALSE(find(cache, chain(5)));
  EXPECT_TRUE(find(cache, chain(6)));
}

TEST_F(Cache, StaysWithinItsBoundAndForgetsWhatWasUsedLongestAgo) {
  ScheduleCache sized(kPlenty);
  for (int i = 0; i < 2; ++i) meet(sized, chain(50));
  const std::size_t one = sized.bytes();
  ScheduleCache cache(2 * one + one / 2);
  for (int i = 0; i < 2; ++i) meet(cache, chain(50));
  for (int i = 0; i < 2; ++i) meet(cache, chain(49));
  EXPECT_TRUE(find(cache, chain(50)));
  for (int i = 0; i < 2; ++i) meet(cache, chain(48));
  EXPECT_EQ(cache.entries(), 2U);
  EXPECT_LE(cache.bytes(), 2 * one + one / 2);
  EXPECT_TRUE(find(cache, chain(50)));
  EXPECT_TRUE(find(cache, chain(48)));
  EXPECT_FALSE(find(cache, chain(49)));
}

TEST_F(Cache, LeavesOutWhatExceedsTheBoundAlone) {
  ScheduleCache cache(100);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(meet(cache, chain(50)));
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST_F(Cache, ClearForgetsEntriesAndCounts) {
  ScheduleCache cache(kPlenty);
  for (int i = 0; i < 3; ++i) meet(cache, chain(5));
  cache.clear();
  EXPECT_EQ(cache.entries() + cache.bytes() + cache.lookups() + cache.hits(), 0U);
  EXPECT_FALSE(meet(cache, chain(5)));
  EXPECT_EQ(cache.entries(), 0U);
}

TEST_F(Cache, HoldsTheEmptyGraph) {
  ScheduleCache cache(kPlenty);
  for (int i = 0; i < 2; ++i) meet(cache, graph::Graph(network_));
  EXPECT_TRUE(find(cache, graph::Graph(network_)));
}

class CachedSession : public testing::TestWithParam<std::string> {
 protected:
  CachedSession()
      : model_(test::seeded_model(GetParam())),
        instances_(test::random_instances(GetParam(), 40, 4)) {}

  [[nodiscard]] std::unique_ptr<Session> session(std::size_t cache_bytes) const {
    return compile(model_->network(),
                   {.cache_bytes = cache_bytes, .dump_after = {}, .dump = {}, .verify = true});
  }

  std::unique_ptr<nn::Model> model_;
  std::vector<nn::Instance> instances_;
};

INSTANTIATE_TEST_SUITE_P(Models, CachedSession,
                         testing::ValuesIn(nn::model_names().begin(), nn::model_names().end()),
                         test::model_name);

TEST_P(CachedSession, GivesTheBitsOfOneWithoutACache) {
  const auto with = session(kPlenty);
  const auto without = session(0);
  for (const std::uint32_t batch : {1U, 2U, 40U}) {
    const Order order = make_order(instances_.size(), batch, {});
    const std::string digest = digest_of(run_all(*model_, instances_, order, *without));
    for (int pass = 0; pass < 3; ++pass) {
      EXPECT_EQ(digest_of(run_all(*model_, instances_, order, *with)), digest) << batch;
    }
  }
  EXPECT_GE(with->cache().hits(), 40U + 20U + 1U);
  EXPECT_EQ(without->cache().lookups(), 0U);
}

TEST_P(CachedSession, ReportsWhatItsPlanSaysOnAHit) {
  const auto with = session(kPlenty);
  graph::Graph graph(model_->network());
  std::vector<StepReport> reports;
  for (int i = 0; i < 3; ++i) {
    build_graph(*model_, instances_, std::vector<std::uint32_t>{0, 1}, graph);
    with->begin();
    reports.push_back(with->step(graph));
  }
  EXPECT_FALSE(reports[0].cached);
  EXPECT_FALSE(reports[1].cached);
  EXPECT_TRUE(reports[2].cached);
  EXPECT_EQ(reports[2].nodes, reports[0].nodes);
  EXPECT_EQ(reports[2].batches, reports[0].batches);
  EXPECT_EQ(reports[2].copied_bytes, reports[0].copied_bytes);
  EXPECT_EQ(reports[2].arena_bytes, reports[0].arena_bytes);
}

// A graph that grows: the first segment is known, the second is planned on top of it.
TEST_P(CachedSession, PlansLaterSegmentsAnew) {
  const auto with = session(kPlenty);
  const auto without = session(0);
  graph::Graph graph(model_->network());
  const auto run = [&](Session& session) {
    build_graph(*model_, instances_, std::vector<std::uint32_t>{3}, graph);
    session.begin();
    static_cast<void>(session.step(graph));
    model_->append(instances_[4], 4, graph);
    EXPECT_FALSE(session.step(graph).cached);
    std::vector<std::vector<float>> rows;
    for (const Operand& operand : graph.outputs()) {
      const auto row = session.read(operand);
      rows.emplace_back(row.begin(), row.end());
    }
    return rows;
  };
  const auto wanted = run(*without);
  for (int pass = 0; pass < 4; ++pass) EXPECT_EQ(run(*with), wanted);
  EXPECT_EQ(with->cache().hits(), 2U);
  EXPECT_EQ(with->cache().lookups(), 4U);
}

}  // namespace
}  // namespace sheaf::engine
