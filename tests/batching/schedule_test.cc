// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/schedule.h"

#include <gtest/gtest.h>

#include <string>

#include "sheaf/base/error.h"
#include "tests/batching/random_graph.h"
#include "tests/message_of.h"

namespace sheaf::batching {
namespace {

using graph::Operand;

// A first segment of one node; a second of nodes 1 and 2 (t0), 3 (t1, of 1 and 0), 4 (t0, of 3).
class ScheduleTest : public ::testing::Test {
 protected:
  ScheduleTest() {
    graph_.add(0, {});
    graph_.seal();
    graph_.add(0, {});
    graph_.add(0, {});
    graph_.add(1, {Operand{1}, Operand{0}});
    graph_.add(0, {Operand{3}});
    segment_ = graph_.seal();
  }
  std::string refusal(const Schedule& schedule) const {
    return test::message_of<base::InternalError>([&] { schedule.verify(graph_, segment_); });
  }

  graph::Network network_ = any_network(2);
  graph::Graph graph_{network_};
  graph::Segment segment_{};
  Schedule sound_{.batches = {{0, 0, 2}, {1, 2, 3}, {0, 3, 4}}, .order = {2, 1, 3, 4}};
};

TEST_F(ScheduleTest, VerifyAcceptsASoundSchedule) {
  EXPECT_NO_THROW(sound_.verify(graph_, segment_));
}

TEST_F(ScheduleTest, VerifyRefusesAMissingNode) {
  sound_.order.pop_back();
  sound_.batches.pop_back();
  EXPECT_EQ(refusal(sound_), "[schedule] a schedule has not as many nodes as its segment");
}

TEST_F(ScheduleTest, VerifyRefusesANodeTooMany) {
  sound_.order.push_back(0);
  sound_.batches.push_back({0, 4, 5});
  EXPECT_EQ(refusal(sound_), "[schedule] a schedule has not as many nodes as its segment");
}

TEST_F(ScheduleTest, VerifyRefusesANodeThatRunsTwice) {
  sound_.order = {1, 1, 3, 4};
  EXPECT_EQ(refusal(sound_), "[schedule] a node runs twice");
}

TEST_F(ScheduleTest, VerifyRefusesANodeOfAnotherSegment) {
  sound_.order = {0, 1, 3, 4};
  EXPECT_EQ(refusal(sound_), "[schedule] a node is not of the segment");
  sound_.order = {5, 1, 3, 4};
  EXPECT_EQ(refusal(sound_), "[schedule] a node is not of the segment");
}

TEST_F(ScheduleTest, VerifyRefusesANodeInABatchOfAnotherType) {
  sound_.batches[1].type = 0;
  EXPECT_EQ(refusal(sound_), "[schedule] a node is in a batch of another type");
}

TEST_F(ScheduleTest, VerifyRefusesANodeThatRunsBeforeItsOperand) {
  sound_.order = {3, 1, 2, 4};
  sound_.batches = {{1, 0, 1}, {0, 1, 3}, {0, 3, 4}};
  EXPECT_EQ(refusal(sound_), "[schedule] a node runs before its operand");
}

TEST_F(ScheduleTest, VerifyRefusesANodeInTheBatchOfItsOperand) {
  graph_.add(0, {});
  graph_.add(0, {Operand{5}});
  segment_ = graph_.seal();
  EXPECT_EQ(refusal({.batches = {{0, 0, 2}}, .order = {5, 6}}),
            "[schedule] a node runs before its operand");
  EXPECT_EQ(refusal({.batches = {{0, 0, 2}}, .order = {6, 5}}),
            "[schedule] a node runs before its operand");
}

TEST_F(ScheduleTest, VerifyRefusesAGapBetweenBatches) {
  sound_.batches[1].begin = 3;
  sound_.batches[1].end = 4;
  EXPECT_EQ(refusal(sound_), "[schedule] batches do not follow each other");
}

TEST_F(ScheduleTest, VerifyRefusesBatchesThatOverlap) {
  sound_.batches[1].begin = 1;
  EXPECT_EQ(refusal(sound_), "[schedule] batches do not follow each other");
}

TEST_F(ScheduleTest, VerifyRefusesAnEmptyBatch) {
  sound_.batches.insert(sound_.batches.begin() + 1, Batch{1, 2, 2});
  EXPECT_EQ(refusal(sound_), "[schedule] batches do not follow each other");
}

TEST_F(ScheduleTest, VerifyRefusesNodesInNoBatch) {
  sound_.batches.pop_back();
  EXPECT_EQ(refusal(sound_), "[schedule] some nodes are in no batch");
}

TEST_F(ScheduleTest, VerifyRefusesABatchThatEndsBehindTheLastNode) {
  // The memory behind the last node holds a node that has run already: the batch must be refused
  // for its end and not for that node.
  sound_.order.reserve(5);
  sound_.order.push_back(2);
  sound_.order.pop_back();
  sound_.batches[2].end = 5;
  EXPECT_EQ(refusal(sound_), "[schedule] a batch ends behind the last node");
}

TEST_F(ScheduleTest, ClearForgetsEverything) {
  sound_.fallback_steps = 3;
  sound_.clear();
  EXPECT_TRUE(sound_.batches.empty());
  EXPECT_TRUE(sound_.order.empty());
  EXPECT_EQ(sound_.fallback_steps, 0U);
}

TEST_F(ScheduleTest, NodesAreThoseOfTheBatch) {
  const auto nodes = sound_.nodes(sound_.batches[0]);
  EXPECT_EQ(std::vector<graph::NodeId>(nodes.begin(), nodes.end()),
            (std::vector<graph::NodeId>{2, 1}));
  EXPECT_EQ(sound_.batches[0].size(), 2U);
}

TEST_F(ScheduleTest, TextShowsEveryBatch) {
  EXPECT_EQ(sound_.to_string(graph_),
            "0 t0 x 2: 2 1\n"
            "1 t1 x 1: 3\n"
            "2 t0 x 1: 4\n");
}

}  // namespace
}  // namespace sheaf::batching
