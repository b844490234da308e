// SPDX-License-Identifier: Apache-2.0
//
// The cells of the tree models against the equations of docs/models.md.
#include <array>

#include "tests/nn/equations.h"

namespace sheaf::nn {
namespace {

class TreeEquations : public Equations {
 protected:
  struct State {
    Row h;
    Row c;
  };
  // A node of tree_lstm_nary or tree_lstm_2type; `seen` are what the forget gates see.
  [[nodiscard]] State node(const std::string& type, const std::array<State, 2>& children,
                           const std::array<Row, 2>& seen) const {
    const auto gate = [&](const std::string& g) {
      return times(type + ".U_" + g, beside(children[0].h, children[1].h)) +
             vector(type + ".b_" + g);
    };
    const Row f1 = s(times(type + ".F_1", seen[0]) + vector(type + ".b_f"));
    const Row f2 = s(times(type + ".F_2", seen[1]) + vector(type + ".b_f"));
    Row c = s(gate("i")) * th(gate("u")) + f1 * children[0].c + f2 * children[1].c;
    return {s(gate("o")) * th(c), c};
  }
  void expect_node(const std::string& type, const std::array<State, 2>& children,
                   const State& wanted) const {
    const auto ports = call(type, {children[0].h, children[0].c, children[1].h, children[1].c});
    ASSERT_EQ(ports.size(), 2U);
    expect_near(ports[0], wanted.h);
    expect_near(ports[1], wanted.c);
  }
  std::array<State, 2> random_children() {
    return {State{random_row(4), random_row(4)}, State{random_row(4), random_row(4)}};
  }
  // A step of tree_gru from one state.
  [[nodiscard]] Row tree_gru(const std::string& type, const Row& h,
                             const std::string& child) const {
    const auto gate = [&](const std::string& g, const Row& x) {
      return times(type + ".U_" + g + child, x) + vector(type + ".b_" + g);
    };
    const Row z = s(gate("z", h));
    return z * h + one_less(z) * th(gate("c", s(gate("r", h)) * h));
  }
};

TEST_F(TreeEquations, ForgetGatesOfNarySeeBothChildren) {
  make("tree_lstm_nary");
  const auto children = random_children();
  const Row both = beside(children[0].h, children[1].h);
  expect_node("node", children, node("node", children, {both, both}));
}

TEST_F(TreeEquations, BothTypesOf2TypeAreNodesOfTreeLstm) {
  make("tree_lstm_2type");
  const auto children = random_children();
  for (const char* type : {"node1", "node2"}) {
    expect_node(type, children, node(type, children, {children[0].h, children[1].h}));
  }
}

TEST_F(TreeEquations, TreeGruLeafIsAStepFromItsWord) {
  make("tree_gru");
  expect_near(call("leaf", {}, 2).at(0), tree_gru("leaf", vector(kEmbedding, 2), ""));
}

TEST_F(TreeEquations, TreeGruNodeIsTheMeanOfAStepFromEachChild) {
  make("tree_gru");
  const Row h1 = random_row(4);
  const Row h2 = random_row(4);
  const Row sum = tree_gru("node", h1, "1") + tree_gru("node", h2, "2");
  expect_near(call("node", {h1, h2}).at(0), each(sum, [](double x) { return x / 2; }));
}

// Tai et al., equations 2 to 8, of word w with its children.
class ChildSumEquations : public TreeEquations {
 protected:
  [[nodiscard]] State word(std::uint32_t w, const std::vector<State>& children) const {
    const Row x = vector(kEmbedding, w);
    Row h_sum(4, 0);
    for (const State& child : children) h_sum = h_sum + child.h;
    const auto gate = [&](const std::string& g) {
      return times("word.W_" + g, x) + times("node.U_" + g, h_sum) + vector("node.b_" + g);
    };
    Row c = s(gate("i")) * th(gate("u"));
    for (const State& child : children) {
      const Row f = s(times("word.W_f", x) + times("edge.U_f", child.h) + vector("edge.b_f"));
      c = c + f * child.c;
    }
    return {s(gate("o")) * th(c), c};
  }
  void expect_rows(const DependencyTree& tree, const std::vector<State>& states) const {
    const auto rows = outputs_of(tree);
    ASSERT_EQ(rows.size(), states.size());
    for (std::size_t w = 0; w < rows.size(); ++w) {
      expect_near(rows[w], log_softmax_of(times("head.V", states[w].h)));
    }
  }
};

// Word 1 has the children 0 and 2, word 2 has 3.
TEST_F(ChildSumEquations, ThreeCellsAreThePapersOne) {
  make("child_sum_tree_lstm");
  const State w0 = word(2, {});
  const State w3 = word(0, {});
  const State w2 = word(1, {w3});
  const State w1 = word(0, {w0, w2});
  expect_rows({.heads = {1, DependencyTree::kRoot, 1, 2}, .words = {2, 0, 1, 0}, .labels = {}},
              {w0, w1, w2, w3});
}

TEST_F(ChildSumEquations, EveryRootIsATreeOfItsOwn) {
  make("child_sum_tree_lstm");
  const State w0 = word(1, {});
  const State w1 = word(2, {});
  constexpr std::uint32_t kRoot = DependencyTree::kRoot;
  expect_rows({.heads = {kRoot, kRoot}, .words = {1, 2}, .labels = {}}, {w0, w1});
}

}  // namespace
}  // namespace sheaf::nn
