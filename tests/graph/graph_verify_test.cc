// SPDX-License-Identifier: Apache-2.0
//
// Every broken invariant that Graph::verify() refuses.
#include <gtest/gtest.h>

#include <string>

#include "sheaf/base/error.h"
#include "sheaf/graph/graph.h"
#include "tests/graph/small_network.h"
#include "tests/message_of.h"

namespace sheaf::graph {
namespace {

constexpr TypeId kLeaf = SmallNetwork::kLeaf;
constexpr TypeId kPair = SmallNetwork::kPair;
constexpr TypeId kSums = SmallNetwork::kSums;

// A graph of a leaf (node 0) and a pair (node 1) that is sound until a test adds to it.
class GraphVerify : public ::testing::Test {
 protected:
  GraphVerify() {
    graph_.add(kLeaf, {}, 9);
    graph_.add(kPair, {Operand{0}, Operand{0}});
    graph_.verify();
  }
  std::string refusal() const {
    return test::message_of<base::InternalError>([&] { graph_.verify(); });
  }

  SmallNetwork small_;
  Graph graph_{small_.network};
};

TEST_F(GraphVerify, AnEmptyGraphIsSound) { EXPECT_NO_THROW(Graph(small_.network).verify()); }

TEST_F(GraphVerify, RefusesAnUnknownType) {
  graph_.add(3, {});
  EXPECT_EQ(refusal(), "[graph] a node has an unknown type");
}

TEST_F(GraphVerify, RefusesTooFewOperands) {
  graph_.add(kPair, {Operand{0}});
  EXPECT_EQ(refusal(), "[graph] a node has too few operands");
}

TEST_F(GraphVerify, RefusesTooFewOperandsBeforeRepeatedInputs) {
  graph_.add(kSums, {});
  EXPECT_EQ(refusal(), "[graph] a node has too few operands");
}

TEST_F(GraphVerify, RefusesMoreOperandsThanFixedInputs) {
  graph_.add(kPair, {Operand{0}, Operand{0}, Operand{0}});
  EXPECT_EQ(refusal(), "[graph] a node's operands do not fill its repeated inputs");
}

TEST_F(GraphVerify, RefusesOperandsThatFillRepeatedInputsInPart) {
  graph_.add(kSums, {Operand{0}, Operand{0}, Operand{1, 1}, Operand{0}});
  EXPECT_EQ(refusal(), "[graph] a node's operands do not fill its repeated inputs");
}

TEST_F(GraphVerify, RefusesAnOperandThatIsItsOwnNode) {
  graph_.add(kPair, {Operand{0}, Operand{2}});
  EXPECT_EQ(refusal(), "[graph] an operand comes after its node");
}

TEST_F(GraphVerify, RefusesAnOperandThatComesLater) {
  graph_.add(kPair, {Operand{3}, Operand{0}});
  graph_.add(kLeaf, {});
  EXPECT_EQ(refusal(), "[graph] an operand comes after its node");
}

TEST_F(GraphVerify, RefusesAnOperandThatDoesNotExist) {
  graph_.add(kPair, {Operand{0}, Operand{~0U}});
  EXPECT_EQ(refusal(), "[graph] an operand comes after its node");
}

TEST_F(GraphVerify, ANodeOfAllInstancesMayReadAnyAndBeReadByAny) {
  graph_.begin_instance(1);
  const NodeId other = graph_.add(kLeaf, {});
  graph_.begin_instance(kShared);
  const NodeId shared = graph_.add(kPair, {Operand{0}, Operand{other}});
  graph_.begin_instance(1);
  graph_.add(kPair, {Operand{other}, Operand{shared}});
  EXPECT_EQ(refusal(), "nothing was thrown");
}

TEST_F(GraphVerify, RefusesAnOperandOfAnotherInstance) {
  graph_.begin_instance(1);
  graph_.add(kLeaf, {});
  graph_.add(kPair, {Operand{2}, Operand{0}});
  EXPECT_EQ(refusal(), "[graph] an operand belongs to another instance");
}

TEST_F(GraphVerify, RefusesAPortThatDoesNotExist) {
  graph_.add(kPair, {Operand{0, 1}, Operand{0}});
  EXPECT_EQ(refusal(), "[graph] an operand names no port");
}

TEST_F(GraphVerify, RefusesAnOperandOfAnotherWidth) {
  graph_.add(kPair, {Operand{0}, Operand{1, 1}});
  EXPECT_EQ(refusal(), "[graph] an operand's width is not its input's");
}

TEST_F(GraphVerify, RefusesARepeatedOperandOfAnotherWidth) {
  // The second round of (h, c) the wrong way round.
  graph_.add(kSums, {Operand{0}, Operand{0}, Operand{1, 1}, Operand{1, 1}, Operand{0}});
  EXPECT_EQ(refusal(), "[graph] an operand's width is not its input's");
}

TEST_F(GraphVerify, RefusesAPayloadBeyondItsTable) {
  graph_.add(kLeaf, {}, 10);
  EXPECT_EQ(refusal(), "[graph] a payload lies beyond its table");
}

TEST_F(GraphVerify, RefusesAMarkOfNoNode) {
  graph_.mark_output({2});
  EXPECT_EQ(refusal(), "[graph] a marked output is of no node");
}

TEST_F(GraphVerify, RefusesAMarkOfNoPort) {
  graph_.mark_decoded({0, 1});
  EXPECT_EQ(refusal(), "[graph] a marked output names no port");
}

// Ports of one width: a row, and a matrix of two columns.
TEST(GraphOfMatrices, VerifyRefusesAnOperandOfOtherRowsAndAMarkOfAMatrix) {
  Network network;
  network.parameters().declare("rows", {10, 3});
  network.parameters().declare("matrices", {10, 6});
  CellBuilder leaf("leaf");
  leaf.output(leaf.lookup("rows", 3)).output(leaf.matrix_lookup("matrices", 3, 2));
  CellBuilder node("node");
  const TypeId leaves = network.add_type("leaf", std::make_shared<Cell>(leaf.build()),
                                         {{"rows", "rows"}, {"matrices", "matrices"}});
  const auto matrix = node.matrix_input("m", 3, 2);
  const TypeId nodes =
      network.add_type("node", std::make_shared<Cell>(node.output(tanh(matrix)).build()));

  Graph graph(network);
  graph.add(leaves, {}, 9);
  graph.add(nodes, {Operand{0, 1}});
  EXPECT_NO_THROW(graph.verify());
  Graph row = graph;
  row.add(nodes, {Operand{0, 0}});
  EXPECT_EQ(test::message_of<base::InternalError>([&] { row.verify(); }),
            "[graph] an operand's rows are not its input's");
  graph.mark_output({1});
  EXPECT_EQ(test::message_of<base::InternalError>([&] { graph.verify(); }),
            "[graph] a marked output is a matrix");
}

TEST_F(GraphVerify, LeavesThePayloadOfANodeWithoutTableAlone) {
  graph_.add(kPair, {Operand{0}, Operand{0}}, 1000);
  EXPECT_NO_THROW(graph_.verify());
}

}  // namespace
}  // namespace sheaf::graph
