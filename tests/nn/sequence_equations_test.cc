// SPDX-License-Identifier: Apache-2.0
//
// The taggers, the translation model and the GRUs over lattices and graphs against the equations of
// docs/models.md.
#include <algorithm>

#include "tests/nn/equations.h"

namespace sheaf::nn {
namespace {

class SequenceEquations : public Equations {
 protected:
  // Two layers, `direction`1 and `direction`2, over x from the left; the states of the second.
  [[nodiscard]] std::vector<Row> stack(const std::string& direction, std::vector<Row> x) const {
    for (const char* layer : {"1", "2"}) {
      const std::size_t size = vector(direction + layer + ".b_i").size();
      Row h(size, 0);
      Row c(size, 0);
      for (Row& row : x) {
        std::tie(h, c) = lstm(direction + layer, row, h, c);
        row = h;
      }
    }
    return x;
  }
  [[nodiscard]] std::vector<Row> reversed_stack(const std::string& direction,
                                                std::vector<Row> x) const {
    std::reverse(x.begin(), x.end());
    x = stack(direction, x);
    std::reverse(x.begin(), x.end());
    return x;
  }
  // Both stacks and the heads over word vectors.
  void expect_tags(const std::vector<Row>& got, const std::vector<Row>& words) const {
    const auto from_left = stack("forward", words);
    const auto from_right = reversed_stack("backward", words);
    ASSERT_EQ(got.size(), words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
      const Row p = th(times("head.P", beside(from_left[i], from_right[i])));
      expect_near(got[i], log_softmax_of(times("head.O", p)));
    }
  }
};

TEST_F(SequenceEquations, TaggerReadsFromBothSidesInTwoLayers) {
  make("bilstm_tagger");
  expect_tags(outputs_of(Sentence{.ids = {2, 0, 1}}),
              {vector(kEmbedding, 2), vector(kEmbedding, 0), vector(kEmbedding, 1)});
}

TEST_F(SequenceEquations, SpeltWordsAreTheLastStatesOfBothCharacterLstms) {
  make("bilstm_tagger_char");
  const std::vector<Row> letters = {vector(kCharacters, 1), vector(kCharacters, 0),
                                    vector(kCharacters, 0)};
  const Row spelt =
      beside(stack("char_forward", letters).back(), reversed_stack("char_backward", letters)[0]);
  expect_tags(
      outputs_of(Sentence{
          .ids = {2, 0, 1}, .labels = {}, .spelling_begin = {0, 0, 3, 3}, .spelling = {1, 0, 0}}),
      {vector(kEmbedding, 2), spelt, vector(kEmbedding, 1)});
}

TEST_F(SequenceEquations, WithoutSpellingsTheCharacterTaggerLooksAllWordsUp) {
  make("bilstm_tagger_char");
  expect_tags(outputs_of(Sentence{.ids = {1, 2}}), {vector(kEmbedding, 1), vector(kEmbedding, 2)});
}

class NmtEquations : public Equations {
 protected:
  void step(const std::string& type, const Row& embedding) {
    const Row x = th(times(type + ".E", embedding) + vector(type + ".b"));
    std::tie(h_, c_) = lstm(type, x, h_, c_);
  }
  Row h_ = Row(4, 0);
  Row c_ = Row(4, 0);
};

TEST_F(NmtEquations, TheDecoderStartsFromTheEncodersLastState) {
  make("lstm_nmt");
  for (const std::uint32_t word : {0U, 2U, 1U}) step("encoder", vector(kEmbedding, word));
  const auto rows = outputs_of(SentencePair{.source = {0, 2, 1}, .target = {2, 1}});
  ASSERT_EQ(rows.size(), 2U);
  for (std::size_t t = 0; t < 2; ++t) {
    step("decoder", vector(kTargetEmbedding, t == 0 ? 0 : 2));
    expect_near(rows[t], log_softmax_of(times("head.V", h_)));
  }
}

TEST_F(NmtEquations, WithoutASourceTheDecoderStartsFromZero) {
  make("lstm_nmt");
  step("decoder", vector(kTargetEmbedding, 0));
  const auto rows = outputs_of(SentencePair{.source = {}, .target = {1}});
  ASSERT_EQ(rows.size(), 1U);
  expect_near(rows[0], log_softmax_of(times("head.V", h_)));
}

// Positions 0 to 2: a character into 1; into 2, one and a word from 0.
TEST_F(Equations, LatticeLstmBiReadsWhatLeadsToAPositionAndWhatFollowsTheOneBefore) {
  make("lattice_lstm_bi");
  using State = std::pair<Row, Row>;
  const auto arc = [&](const std::string& type, std::uint32_t id, const State& from) {
    return lstm(type, vector(kEmbedding, id), from.first, from.second);
  };
  const auto sum = [](const State& a, const State& b) {
    return State{a.first + b.first, a.second + b.second};
  };
  const State forward0 = {vector("forward_start.h"), vector("forward_start.c")};
  const State forward1 = arc("forward_character", 1, forward0);
  const State forward2 =
      sum(arc("forward_character", 2, forward1), arc("forward_word", 0, forward0));
  const State backward2 = {vector("backward_start.h"), vector("backward_start.c")};
  const State backward1 = arc("backward_character", 2, backward2);
  const State backward0 =
      sum(arc("backward_character", 1, backward1), arc("backward_word", 0, backward2));
  const auto head = [&](const State& forward, const State& backward) {
    return log_softmax_of(times("head.V", beside(forward.first, backward.first)));
  };
  const auto rows =
      outputs_of(Lattice{.arc_begin = {0, 0, 1, 3}, .arcs = {{0, 1}, {1, 2}, {0, 0}}});
  ASSERT_EQ(rows.size(), 3U);
  expect_near(rows[0], head(forward0, backward0));
  expect_near(rows[1], head(forward1, backward0));
  expect_near(rows[2], head(forward2, backward1));
}

// Positions 0 to 2: a character into 1; into 2, one and a word from 0.
TEST_F(Equations, LatticeGruSumsTheArcsOfAPosition) {
  make("lattice_gru");
  const Row start = vector("start.h");
  const Row one = gru("character", vector(kEmbedding, 1), start);
  const Row two =
      gru("character", vector(kEmbedding, 2), one) + gru("word", vector(kEmbedding, 0), start);
  const auto rows =
      outputs_of(Lattice{.arc_begin = {0, 0, 1, 3}, .arcs = {{0, 1}, {1, 2}, {0, 0}}});
  ASSERT_EQ(rows.size(), 3U);
  expect_near(rows[0], log_softmax_of(times("head.V", start)));
  expect_near(rows[1], log_softmax_of(times("head.V", one)));
  expect_near(rows[2], log_softmax_of(times("head.V", two)));
}

TEST_F(Equations, DagGruStepsFromTheSumOfItsPredecessors) {
  make("dag_gru");
  const Row zero(4, 0);
  const Row a = gru("node", vector(kEmbedding, 2), zero);
  const Row b = gru("node", vector(kEmbedding, 0), zero);
  const Row c = gru("node", vector(kEmbedding, 1), a + b);
  const Row d = gru("node", vector(kEmbedding, 2), a + c);
  const auto rows = outputs_of(
      Dag{.kinds = {2, 0, 1, 2}, .begin = {0, 0, 0, 2, 4}, .predecessors = {0, 1, 0, 2}});
  ASSERT_EQ(rows.size(), 4U);
  for (const auto& [v, h] : {std::pair{0, a}, {1, b}, {2, c}, {3, d}}) {
    expect_near(rows[static_cast<std::size_t>(v)], log_softmax_of(times("head.V", h)));
  }
}

}  // namespace
}  // namespace sheaf::nn
