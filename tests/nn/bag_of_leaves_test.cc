// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/bag_of_leaves.h"

#include "sheaf/base/error.h"
#include "tests/message_of.h"
#include "tests/nn/equations.h"
#include "tests/nn/graph_facts.h"

namespace sheaf::nn {
namespace {

class BagOfLeavesTest : public Equations {
 protected:
  BagOfLeavesTest() {
    model_ = std::make_unique<BagOfLeaves>(
        ModelOptions{.hidden = 4, .vocabulary = 3, .characters = 2, .classes = 3});
    initialise(model_->network().parameters(), 8, {"a", "b", "c"});
  }

  // (a (b c)) and ((a b) c), with labels by node.
  const Tree right_{
      .nodes = {{.word = 0, .label = 1}, {.word = 1}, {.word = 2}, {1, 2, 0, 2}, {0, 3, 0, 1}}};
  const Tree left_{
      .nodes = {{.word = 0}, {.word = 1}, {0, 1, 0, kNoLabel}, {.word = 2}, {2, 3, 0, kNoLabel}}};
};

TEST_F(BagOfLeavesTest, ClassifiesTheMeanOfTheLeaves) {
  Row mean = vector(kEmbedding, 0) + vector(kEmbedding, 1) + vector(kEmbedding, 2);
  for (double& x : mean) x /= 3;
  const Row h = th(times("bag.W", mean) + vector("bag.b"));
  const auto rows = outputs_of(right_);
  ASSERT_EQ(rows.size(), 1U);
  expect_near(rows[0], log_softmax_of(times("head.V", h)));
}

TEST_F(BagOfLeavesTest, DoesNotSeeTheShape) { EXPECT_EQ(outputs_of(right_), outputs_of(left_)); }

TEST_F(BagOfLeavesTest, TheLabelIsTheRoots) {
  std::vector<std::uint32_t> labels;
  model_->targets(right_, labels);
  model_->targets(left_, labels);
  EXPECT_EQ(labels, (std::vector<std::uint32_t>{1, kNoLabel}));
}

TEST_F(BagOfLeavesTest, ALeafAloneIsABag) {
  graph::Graph graph(model_->network());
  model_->append(Tree{.nodes = {{.word = 2, .label = 0}}}, 0, graph);
  graph.verify();
  EXPECT_EQ(graph.size(), 3U);
  EXPECT_EQ(operands(graph, 1), (std::vector<graph::Operand>{{0, 0}, {0, 1}}));
}

TEST_F(BagOfLeavesTest, RefusesOtherInstances) {
  graph::Graph graph(model_->network());
  EXPECT_EQ(
      test::message_of<base::UsageError>([&] { model_->append(Sentence{.ids = {1}}, 0, graph); }),
      "[model bag_of_leaves] instance: got a sentence, expected a tree");
}

}  // namespace
}  // namespace sheaf::nn
