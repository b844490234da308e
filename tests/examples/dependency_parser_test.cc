// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "examples/transition_parser.h"
#include "sheaf/base/rng.h"
#include "sheaf/io/conllu.h"

namespace sheaf::examples {
namespace {

using Heads = std::vector<std::uint32_t>;
constexpr std::uint32_t kRoot = ArcStandard::kRoot;

Heads heads_by(const std::vector<Action>& actions, std::uint32_t words) {
  ArcStandard state(words);
  for (const Action action : actions) {
    EXPECT_TRUE(state.may(action));
    state.apply(action);
  }
  EXPECT_TRUE(state.done());
  return state.heads();
}

// Any actions that may be done.
Heads random_heads(std::uint32_t words, std::uint64_t seed) {
  base::Rng rng(seed, "actions");
  ArcStandard state(words);
  while (!state.done()) {
    const auto action = static_cast<Action>(rng.below(kActions));
    if (state.may(action)) state.apply(action);
  }
  return state.heads();
}

TEST(ArcStandard, TheOracleBuildsEveryTreeThatActionsCanBuild) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const std::uint32_t words = 1 + static_cast<std::uint32_t>(seed % 12);
    const nn::DependencyTree tree{.heads = random_heads(words, seed), .words = {}, .labels = {}};
    EXPECT_EQ(std::count(tree.heads.begin(), tree.heads.end(), kRoot), 1);
    const auto actions = oracle(tree);
    ASSERT_TRUE(actions) << seed;
    EXPECT_EQ(actions->size(), 2 * words);
    EXPECT_EQ(heads_by(*actions, words), tree.heads);
  }
}

TEST(ArcStandard, TheOracleHasNothingForWhatItCannotBuild) {
  const nn::DependencyTree crossing{.heads = {2, 3, kRoot, 2}, .words = {}, .labels = {}};
  EXPECT_FALSE(oracle(crossing));
  const nn::DependencyTree two_roots{.heads = {kRoot, kRoot}, .words = {}, .labels = {}};
  EXPECT_FALSE(oracle(two_roots));
}

TEST(ArcStandard, BeginsWithShiftsAndEndsWithTheRoot) {
  ArcStandard state(2);
  EXPECT_EQ(state.forced(), Action::shift);
  state.apply(Action::shift);
  EXPECT_EQ(state.forced(), Action::shift);
  state.apply(Action::shift);
  EXPECT_FALSE(state.forced()) << "left or right";
  state.apply(Action::left);
  EXPECT_EQ(state.forced(), Action::right);
  state.apply(Action::right);
  EXPECT_TRUE(state.done());
  EXPECT_EQ(state.heads(), (Heads{1, kRoot}));
}

// ID, FORM, six columns of which HEAD is one, DEPREL, and two more.
std::string conllu(const std::vector<std::vector<std::pair<const char*, int>>>& sentences) {
  std::string text;
  for (const auto& sentence : sentences) {
    for (std::size_t i = 0; i < sentence.size(); ++i) {
      text += std::to_string(i + 1) + "\t" + sentence[i].first + "\t_\t_\t_\t_\t" +
              std::to_string(sentence[i].second) + "\tdep\t_\t_\n";
    }
    text += "\n";
  }
  return text;
}

class Parser : public testing::Test {
 protected:
  Parser() {
    const std::string text =
        conllu({{{"birds", 2}, {"sing", 0}},
                {{"the", 2}, {"bird", 3}, {"sings", 0}, {"songs", 3}},
                {{"rain", 2}, {"falls", 0}, {"in", 5}, {"the", 5}, {"wood", 2}},
                {{"sing", 0}},
                {{"the", 3}, {"old", 3}, {"bird", 4}, {"sings", 0}, {"on", 4}}});
    trees_ = io::read_conllu(text, "inline", words_, relations_);
  }

  [[nodiscard]] ParserOptions options(std::uint32_t alive) const {
    return {.hidden = 16,
            .words = static_cast<std::uint32_t>(words_.vocabulary().size()),
            .alive = alive,
            .rate = 0.02};
  }

  io::WordIndex words_;
  io::LabelIndex relations_;
  std::vector<nn::Instance> trees_;
};

TEST_F(Parser, LearnsATreebankByHeart) {
  TransitionParser parser(options(4));
  const double before = parser.train(trees_).sum;
  TransitionParser::Loss loss;
  for (int i = 0; i < 40; ++i) loss = parser.train(trees_);
  EXPECT_GT(before / static_cast<double>(loss.actions), 0.9) << "near log 3";
  EXPECT_LT(loss.sum, before / 20);
  EXPECT_EQ(attachment_score(trees_, parser.parse(trees_)), 1.0);
}

TEST_F(Parser, OneSentenceAtATimeIsParsedAsAllTogether) {
  TransitionParser together(options(16));
  TransitionParser alone(options(1));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(together.train(trees_).sum, alone.train(trees_).sum);
  }
  EXPECT_EQ(together.parse(trees_), alone.parse(trees_));
  EXPECT_EQ(together.report().calls, alone.report().calls);
  EXPECT_LT(together.report().batches, alone.report().batches / 2);
}

TEST_F(Parser, AlwaysGivesATreeWithOneRoot) {
  TransitionParser parser(options(4));
  const auto parses = parser.parse(trees_);
  for (std::size_t i = 0; i < trees_.size(); ++i) {
    const nn::DependencyTree tree{.heads = parses[i], .words = {}, .labels = {}};
    EXPECT_EQ(tree.heads.size(), std::get<nn::DependencyTree>(trees_[i]).words.size());
    EXPECT_TRUE(oracle(tree));
  }
}

TEST_F(Parser, SkipsTreesThatActionsCannotBuild) {
  TransitionParser parser(options(4));
  const std::vector<nn::Instance> crossing = {
      nn::DependencyTree{.heads = {2, 3, kRoot, 2}, .words = {1, 2, 3, 4}, .labels = {}}};
  EXPECT_EQ(parser.train(crossing).actions, 0U);
}

}  // namespace
}  // namespace sheaf::examples
