// SPDX-License-Identifier: Apache-2.0
//
// The cells against the equations of docs/models.md, written out here in double precision.
#include "tests/nn/equations.h"

namespace sheaf::nn {
namespace {

class LacEquations : public Equations {
 protected:
  // One GRU step of LAC on x.
  [[nodiscard]] Row lac_gru(const std::string& type, const Row& x, const Row& h) const {
    const auto gate = [&](const std::string& g, const Row& state) {
      return times(type + ".W_" + g, x) + times(type + ".U_" + g, state) + vector(type + ".b_" + g);
    };
    const Row u = s(gate("u", h));
    const Row r = s(gate("r", h));
    const Row c = th(gate("c", r * h));
    return one_less(u) * h + u * c;
  }
};

TEST_F(Equations, TreeLstmLeaf) {
  make("tree_lstm");
  const Row x = vector(kEmbedding, 2);
  const auto gate = [&](const std::string& g) {
    return times("leaf.W_" + g, x) + vector("leaf.b_" + g);
  };
  const Row c = s(gate("i")) * th(gate("u"));
  const auto ports = call("leaf", {}, 2);
  ASSERT_EQ(ports.size(), 2U);
  expect_near(ports[0], s(gate("o")) * th(c));
  expect_near(ports[1], c);
}

TEST_F(Equations, TreeLstmNodeWhoseForgetGatesSeeTheirOwnChildOnly) {
  make("tree_lstm");
  const Row h1 = random_row(4);
  const Row c1 = random_row(4);
  const Row h2 = random_row(4);
  const Row c2 = random_row(4);
  const auto gate = [&](const std::string& g) {
    return times("node.U_" + g, beside(h1, h2)) + vector("node.b_" + g);
  };
  const Row f1 = s(times("node.F_1", h1) + vector("node.b_f"));
  const Row f2 = s(times("node.F_2", h2) + vector("node.b_f"));
  const Row c = s(gate("i")) * th(gate("u")) + f1 * c1 + f2 * c2;
  const auto ports = call("node", {h1, c1, h2, c2});
  ASSERT_EQ(ports.size(), 2U);
  expect_near(ports[0], s(gate("o")) * th(c));
  expect_near(ports[1], c);
}

TEST_F(Equations, MvRnnLeafLooksVectorAndMatrixUp) {
  make("mv_rnn");
  const auto ports = call("leaf", {}, 2);
  ASSERT_EQ(ports.size(), 2U);
  expect_near(ports[0], vector(kEmbedding, 2));
  expect_near(ports[1], vector(kMatrixEmbedding, 2));
}

// Matrices are stored column by column.
TEST_F(Equations, MvRnnNode) {
  make("mv_rnn");
  const Row v1 = random_row(4);
  const Row m1 = random_row(16);
  const Row v2 = random_row(4);
  const Row m2 = random_row(16);
  const auto column = [](const Row& m, std::size_t c) {
    return Row(m.begin() + static_cast<long>(4 * c), m.begin() + static_cast<long>(4 * c + 4));
  };
  const auto product = [&](const Row& m, const Row& v) {
    Row result(4, 0);
    for (std::size_t r = 0; r < 4; ++r) {
      for (std::size_t c = 0; c < 4; ++c) result[r] += column(m, c)[r] * v[c];
    }
    return result;
  };
  const Row e = beside(product(m1, v2), product(m2, v1));
  const auto ports = call("node", {v1, m1, v2, m2});
  ASSERT_EQ(ports.size(), 2U);
  expect_near(ports[0], th(times("node.W_v", e) + vector("node.b_v")));
  for (std::size_t c = 0; c < 4; ++c) {
    expect_near(column(ports[1], c),
                times("node.W_m", beside(column(m1, c), column(m2, c))) + vector("node.b_m"));
  }
}

TEST_F(Equations, HeadsAreLogSoftmax) {
  for (const char* model :
       {"tree_lstm", "tree_lstm_nary", "tree_lstm_2type", "tree_gru", "mv_rnn",
        "child_sum_tree_lstm", "lattice_lstm", "lattice_gru", "dag_gru", "lstm_nmt"}) {
    make(model);
    const Row h = random_row(4);
    const auto ports = call("head", {h});
    ASSERT_EQ(ports.size(), 1U);
    expect_near(ports[0], log_softmax_of(times("head.V", h)));
  }
}

TEST_F(Equations, LatticeLstmArcs) {
  make("lattice_lstm");
  const Row h = random_row(4);
  const Row c = random_row(4);
  for (const std::string type : {"character", "word"}) {
    const auto [h_new, c_new] = lstm(type, vector(kEmbedding, 1), h, c);
    const auto ports = call(type, {h, c}, 1);
    ASSERT_EQ(ports.size(), 2U);
    expect_near(ports[0], h_new);
    expect_near(ports[1], c_new);
  }
}

TEST_F(Equations, LatticeLstmStartIsLearned) {
  make("lattice_lstm");
  const auto ports = call("start", {});
  ASSERT_EQ(ports.size(), 2U);
  expect_near(ports[0], vector("start.h"));
  expect_near(ports[1], vector("start.c"));
}

TEST_F(LacEquations, LacGruKeepsTheUpdateGateOnTheCandidate) {
  make("lac");
  const Row h = random_row(128);
  const Row forward = random_row(128);
  const Row backward = random_row(128);
  for (const std::string direction : {"forward", "backward"}) {
    expect_near(call(direction + "1", {h}, 2).at(0),
                lac_gru(direction + "1", vector(kEmbedding, 2), h));
    expect_near(call(direction + "2", {forward, backward, h}).at(0),
                lac_gru(direction + "2", beside(forward, backward), h));
  }
}

TEST_F(LacEquations, LacEmissionsAndTheBeginningOfItsCrf) {
  make("lac");
  const Row forward = random_row(128);
  const Row backward = random_row(128);
  expect_near(call("emission", {forward, backward}).at(0),
              times("emission.W", beside(forward, backward)) + vector("emission.b"));
  const Row emissions = random_row(57);
  expect_near(call("crf_first", {emissions}).at(0),
              beside(emissions + vector("crf.start"), Row(57, 0)));
}

TEST_F(LacEquations, LacCrfStepIsTheBestWayToEveryTag) {
  make("lac");
  const Row previous = random_row(114);
  const Row emissions = random_row(57);
  Row expected(114);
  for (std::uint32_t to = 0; to < 57; ++to) {
    const auto score = [&](std::uint32_t from) {
      return previous[from] + double{row_of("crf.transitions", from)[to]};
    };
    std::uint32_t best = 0;
    for (std::uint32_t from = 1; from < 57; ++from) {
      if (score(from) > score(best)) best = from;
    }
    expected[to] = score(best) + emissions[to];
    expected[57 + to] = best;
  }
  expect_near(call("crf_step", {previous, emissions}).at(0), expected);
}

}  // namespace
}  // namespace sheaf::nn
