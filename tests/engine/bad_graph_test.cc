// SPDX-License-Identifier: Apache-2.0
//
// Graphs that no session runs: each is refused by step(), and the session runs the next graph as if
// it had not seen the bad one.
#include "sheaf/base/error.h"
#include "tests/engine/rivals.h"
#include "tests/message_of.h"

namespace sheaf::test {
namespace {

using graph::Graph;
using graph::NodeId;
using graph::Operand;

class BadGraph : public Rivals {
 protected:
  BadGraph() : squash_(squash("squash")), wide_(squash("wide", 17)) { randomise(); }

  void expect_refusal(const BuildInstance& build, const std::string& message) {
    const auto good = [this](Graph& graph, std::uint32_t i) {
      graph.add(squash_, {word(graph, i)});
    };
    for (const std::string& policy : batching::policy_names()) {
      const auto session = session_of(network_, policy);
      Graph before = graph_of(good);
      session->step(before);
      session->begin();
      Graph bad = graph_of(build, 1);
      EXPECT_EQ(message_of<base::InternalError>([&] { session->step(bad); }), message) << policy;
      Graph after = graph_of(good);
      session->step(after);
      ASSERT_NO_FATAL_FAILURE(expect_values_of_the_graph(*session, after));
    }
  }

  graph::TypeId squash_;
  graph::TypeId wide_;
};

TEST_F(BadGraph, CycleOfTwoNodesIsRefused) {
  expect_refusal(
      [this](Graph& graph, std::uint32_t) {
        const NodeId next = graph.size() + 1;
        graph.add(squash_, {Operand{graph.add(squash_, {Operand{next}})}});
      },
      "[graph] an operand comes after its node");
}

TEST_F(BadGraph, CycleOfOneNodeIsRefused) {
  expect_refusal(
      [this](Graph& graph, std::uint32_t) { graph.add(squash_, {Operand{graph.size()}}); },
      "[graph] an operand comes after its node");
}

TEST_F(BadGraph, CellThatReadsAValueOfAnotherWidthIsRefused) {
  expect_refusal([this](Graph& graph, std::uint32_t i) { graph.add(wide_, {word(graph, i)}); },
                 "[graph] an operand's width is not its input's");
}

TEST_F(BadGraph, CellThatReadsAMatrixAsARowIsRefused) {
  network_.parameters().declare("matrices", {kWords, 3 * kWidth});
  const auto matrix =
      type("matrix", [](auto& cell) { cell.output(cell.matrix_lookup("table", kWidth, 3)); },
           {{"table", "matrices"}});
  randomise();
  expect_refusal([=, this](Graph& graph,
                           std::uint32_t) { graph.add(squash_, {Operand{graph.add(matrix, {})}}); },
                 "[graph] an operand's rows are not its input's");
}

TEST_F(BadGraph, LookUpInATableOfNoRowsIsRefused) {
  network_.parameters().declare("none", {0, kWidth});
  const auto none = type("none", [](auto& cell) { cell.output(cell.lookup("table", kWidth)); },
                         {{"table", "none"}});
  randomise();
  expect_refusal([=](Graph& graph, std::uint32_t) { graph.add(none, {}); },
                 "[graph] a payload lies beyond its table");
}

}  // namespace
}  // namespace sheaf::test
