// SPDX-License-Identifier: Apache-2.0
#include "sheaf/graph/graph.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/graph/small_network.h"

namespace sheaf::graph {
namespace {

constexpr TypeId kLeaf = SmallNetwork::kLeaf;
constexpr TypeId kPair = SmallNetwork::kPair;
constexpr TypeId kSums = SmallNetwork::kSums;

class GraphTest : public ::testing::Test {
 protected:
  std::vector<Operand> operands(NodeId node) const {
    const auto span = graph_.operands(node);
    return {span.begin(), span.end()};
  }

  SmallNetwork small_;
  Graph graph_{small_.network};
};

TEST_F(GraphTest, IdsCountFromZeroInTheOrderOfTheCalls) {
  EXPECT_EQ(graph_.size(), 0U);
  EXPECT_EQ(graph_.add(kLeaf, {}, 7), 0U);
  EXPECT_EQ(graph_.add(kLeaf, {}, 8), 1U);
  EXPECT_EQ(graph_.add(kPair, {Operand{0}, Operand{1}}), 2U);
  EXPECT_EQ(graph_.size(), 3U);
  EXPECT_EQ(graph_.type(1), kLeaf);
  EXPECT_EQ(graph_.type(2), kPair);
  EXPECT_EQ(graph_.payload(0), 7U);
  EXPECT_EQ(graph_.payload(1), 8U);
  EXPECT_EQ(graph_.payload(2), 0U);
  EXPECT_EQ(graph_.types().size(), 3U);
  EXPECT_EQ(&graph_.network(), &small_.network);
}

TEST_F(GraphTest, OperandsKeepTheirOrderAndPorts) {
  graph_.add(kLeaf, {});
  graph_.add(kLeaf, {});
  graph_.add(kPair, {Operand{1}, Operand{0}});
  graph_.add(kSums, {Operand{1}, Operand{2, 0}, Operand{2, 1}});
  EXPECT_TRUE(operands(0).empty());
  EXPECT_EQ(operands(2), (std::vector<Operand>{{1, 0}, {0, 0}}));
  EXPECT_EQ(operands(3), (std::vector<Operand>{{1, 0}, {2, 0}, {2, 1}}));
  EXPECT_NO_THROW(graph_.verify());
}

TEST_F(GraphTest, RepeatedInputsTakeNoneOneOrManyOperands) {
  graph_.add(kLeaf, {});
  graph_.add(kPair, {Operand{0}, Operand{0}});
  EXPECT_EQ(operands(graph_.add(kSums, {Operand{0}})).size(), 1U);
  EXPECT_EQ(operands(graph_.add(kSums, {Operand{0}, Operand{0}, Operand{1, 1}})).size(), 3U);
  std::vector<Operand> many = {{0}};
  for (int i = 0; i < 100; ++i) {
    many.push_back({0, 0});
    many.push_back({1, 1});
  }
  EXPECT_EQ(operands(graph_.add(kSums, many)), many);
  EXPECT_NO_THROW(graph_.verify());
}

TEST_F(GraphTest, NodesBelongToTheInstanceThatWasBegun) {
  graph_.add(kLeaf, {});
  graph_.begin_instance(4);
  graph_.add(kLeaf, {});
  graph_.add(kLeaf, {});
  graph_.begin_instance(2);
  graph_.add(kLeaf, {});
  EXPECT_EQ(graph_.instance(0), 0U);
  EXPECT_EQ(graph_.instance(1), 4U);
  EXPECT_EQ(graph_.instance(2), 4U);
  EXPECT_EQ(graph_.instance(3), 2U);
}

TEST_F(GraphTest, SegmentsHoldWhatWasAddedSinceTheLastSeal) {
  graph_.add(kLeaf, {});
  graph_.add(kLeaf, {});
  const Segment first = graph_.seal();
  EXPECT_EQ(first.begin, 0U);
  EXPECT_EQ(first.end, 2U);
  const Segment empty = graph_.seal();
  EXPECT_EQ(empty.begin, 2U);
  EXPECT_EQ(empty.size(), 0U);
  graph_.add(kPair, {Operand{0}, Operand{1}});
  const Segment last = graph_.seal();
  EXPECT_EQ(last.begin, 2U);
  EXPECT_EQ(last.size(), 1U);
  EXPECT_EQ(graph_.segments().size(), 3U);
  EXPECT_NO_THROW(graph_.verify());
}

TEST_F(GraphTest, OperandCountIsThatOfTheSegment) {
  graph_.add(kLeaf, {});
  graph_.add(kPair, {Operand{0}, Operand{0}});
  const Segment first = graph_.seal();
  const Segment empty = graph_.seal();
  graph_.add(kSums, {Operand{0}, Operand{0}, Operand{1, 1}});
  graph_.add(kLeaf, {});
  EXPECT_EQ(graph_.operand_count(first), 2U);
  EXPECT_EQ(graph_.operand_count(empty), 0U);
  EXPECT_EQ(graph_.operand_count(graph_.seal()), 3U);
}

TEST_F(GraphTest, OutputsAndDecodedRowsKeepTheOrderOfTheirMarks) {
  graph_.add(kLeaf, {});
  graph_.add(kPair, {Operand{0}, Operand{0}});
  graph_.mark_output({1, 1});
  graph_.mark_output({0});
  graph_.mark_decoded({1});
  ASSERT_EQ(graph_.outputs().size(), 2U);
  EXPECT_EQ(graph_.outputs()[0], (Operand{1, 1}));
  EXPECT_EQ(graph_.outputs()[1], (Operand{0, 0}));
  ASSERT_EQ(graph_.decoded().size(), 1U);
  EXPECT_EQ(graph_.decoded()[0], (Operand{1, 0}));
}

TEST_F(GraphTest, ClearForgetsEverything) {
  graph_.begin_instance(3);
  graph_.add(kLeaf, {}, 5);
  graph_.add(kPair, {Operand{0}, Operand{0}});
  graph_.mark_output({1});
  graph_.mark_decoded({1});
  graph_.seal();
  graph_.clear();
  EXPECT_EQ(graph_.size(), 0U);
  EXPECT_TRUE(graph_.types().empty());
  EXPECT_TRUE(graph_.outputs().empty());
  EXPECT_TRUE(graph_.decoded().empty());
  EXPECT_TRUE(graph_.segments().empty());
  EXPECT_EQ(graph_.to_string(), "");

  EXPECT_EQ(graph_.add(kLeaf, {}, 1), 0U);
  EXPECT_EQ(graph_.add(kPair, {Operand{0}, Operand{0}}), 1U);
  EXPECT_EQ(graph_.instance(0), 0U);
  EXPECT_EQ(graph_.payload(0), 1U);
  EXPECT_TRUE(operands(0).empty());
  EXPECT_EQ(operands(1).size(), 2U);
  EXPECT_EQ(graph_.seal().size(), 2U);
  EXPECT_NO_THROW(graph_.verify());
}

TEST_F(GraphTest, FlopsAreThoseOfTheSegment) {
  graph_.add(kLeaf, {});
  graph_.add(kPair, {Operand{0}, Operand{0}});
  const Segment first = graph_.seal();
  graph_.add(kPair, {Operand{0}, Operand{0}});
  graph_.add(kSums, {Operand{0}});
  const Segment second = graph_.seal();
  EXPECT_EQ(graph_.flops(first), 2U * 3 * 5);
  EXPECT_EQ(graph_.flops(second), 2U * 3 * 5 + 2U * 5 * 3);
  EXPECT_EQ(graph_.flops(graph_.seal()), 0U);
  EXPECT_EQ(graph_.encoded_flops(second), graph_.flops(second)) << "all weights are dense";
}

TEST_F(GraphTest, TextShowsEveryNode) {
  graph_.add(kLeaf, {});
  graph_.begin_instance(2);
  graph_.add(kLeaf, {});
  graph_.add(kPair, {Operand{1}, Operand{1}});
  graph_.add(kSums, {Operand{1}, Operand{2}, Operand{2, 1}});
  EXPECT_EQ(graph_.to_string(),
            "0 leaf instance 0\n"
            "1 leaf instance 2\n"
            "2 pair instance 2 1.0 1.0\n"
            "3 sums instance 2 1.0 2.0 2.1\n");
}

}  // namespace
}  // namespace sheaf::graph
