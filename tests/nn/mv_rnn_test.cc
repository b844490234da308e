// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/mv_rnn.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"
#include "tests/nn/graph_facts.h"

namespace sheaf::nn {
namespace {

using Counts = std::map<std::string, std::uint32_t>;
using Operands = std::vector<graph::Operand>;

// (3 (5 4))
Tree small_tree() {
  return {
      {{.word = 3}, {.word = 5}, {.word = 4}, {.left = 1, .right = 2}, {.left = 0, .right = 3}}};
}

TEST(MvRnn, FlopsPerCellAreThoseOfTheModelsPage) {
  for (const std::uint32_t h : {16U, 256U}) {
    const MvRnn model({.hidden = h, .vocabulary = 2});
    EXPECT_EQ(flops_of(model.network(), "leaf"), 0U);
    EXPECT_EQ(flops_of(model.network(), "node"), 4U * h * h * h + 8U * h * h);
    EXPECT_EQ(flops_of(model.network(), "head"), 10U * h);
  }
}

TEST(MvRnn, AParentReadsVectorAndMatrixOfItsChildrenFromTheLeft) {
  const MvRnn model({.hidden = 16, .vocabulary = 10});
  graph::Graph graph(model.network());
  model.append(small_tree(), 0, graph);
  graph.verify();
  EXPECT_EQ(node_counts(graph), (Counts{{"leaf", 3}, {"node", 2}, {"head", 5}}));
  // Tree node k is call 2 k, its head call 2 k + 1.
  EXPECT_EQ(operands(graph, 6), (Operands{{2, 0}, {2, 1}, {4, 0}, {4, 1}}));
  EXPECT_EQ(operands(graph, 8), (Operands{{0, 0}, {0, 1}, {6, 0}, {6, 1}}));
  for (graph::NodeId k = 0; k < 5; ++k) {
    EXPECT_EQ(operands(graph, 2 * k + 1), (Operands{{2 * k, 0}}));
    EXPECT_EQ(graph.outputs()[k], (graph::Operand{2 * k + 1, 0}));
  }
}

TEST(MvRnn, AWordHasTheSameMatrixWhateverElseTheVocabularyHolds) {
  MvRnn one({.hidden = 3, .vocabulary = 1});
  MvRnn two({.hidden = 3, .vocabulary = 2});
  initialise(one.network().parameters(), 1, {"good"});
  initialise(two.network().parameters(), 1, {"not", "good"});
  const auto matrix = [](const MvRnn& model, std::uint32_t row) {
    const graph::ParameterStore& parameters = model.network().parameters();
    const auto values = parameters[parameters.find(kMatrixEmbedding)].value.row(row);
    return std::vector<float>(values.begin(), values.end());
  };
  EXPECT_EQ(matrix(one, 0).size(), 9U);
  EXPECT_EQ(matrix(one, 0), matrix(two, 1));
  EXPECT_NE(matrix(two, 0), matrix(two, 1));
}

TEST(MvRnn, MessageNamesTheBytesOfATableThatIsTooLarge) {
  EXPECT_EQ(test::message_of<base::ResourceError>(
                [] { (void)MvRnn({.hidden = 1024, .vocabulary = 2000}); }),
            "[model mv_rnn] a matrix of 4194304 bytes for each of 2000 words: got 8388608000 "
            "bytes, expected at most 6442450944 bytes; use a smaller --hidden or data with fewer "
            "words");
}

TEST(MvRnn, MessageNamesAnInstanceOfAnotherKind) {
  const MvRnn model({.hidden = 4, .vocabulary = 1});
  graph::Graph graph(model.network());
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model.append(Lattice{}, 0, graph); }),
            "[model mv_rnn] instance: got a lattice, expected a tree");
}

}  // namespace
}  // namespace sheaf::nn
