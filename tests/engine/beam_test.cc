// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/beam.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sheaf/base/rng.h"

namespace sheaf::engine {
namespace {

constexpr std::uint32_t kEnd = 1;
using Words = std::vector<std::uint32_t>;
using Row = std::vector<float>;

// A language: the row after a word; sentences begin with word 0.
using Language = std::vector<Row>;

Decoded search(const Language& language, std::uint32_t width, std::uint32_t limit) {
  Beam beam(width, 0, kEnd, limit);
  std::vector<std::span<const float>> rows;
  while (!beam.alive().empty()) {
    EXPECT_LE(beam.alive().size(), width);
    rows.clear();
    for (const Beam::Hypothesis& hypothesis : beam.alive())
      rows.push_back(language[hypothesis.word]);
    beam.extend(rows);
  }
  return beam.best();
}

Row log_of(std::initializer_list<double> probabilities) {
  Row row;
  for (const double p : probabilities) row.push_back(static_cast<float>(std::log(p)));
  return row;
}

Language random_language(std::uint32_t words, std::uint64_t seed) {
  base::Rng rng(seed, "language");
  Language language(words, Row(words));
  for (Row& row : language) {
    double sum = 0;
    for (float& value : row) sum += value = 0.05F + static_cast<float>(rng.below(1000)) / 1000;
    for (float& value : row) value = std::log(value / static_cast<float>(sum));
  }
  return language;
}

// Every sentence that there is, in the order of its words.
void visit(const Language& language, std::uint32_t limit, Decoded& sentence, Decoded& best) {
  const Row& row = language[sentence.words.empty() ? 0 : sentence.words.back()];
  for (std::uint32_t word = 0; word < row.size(); ++word) {
    Decoded longer = sentence;
    longer.log_probability += static_cast<double>(row[word]);
    longer.ended = word == kEnd;
    if (word != kEnd) longer.words.push_back(word);
    const bool done = longer.ended || longer.words.size() == limit;
    if (!done) visit(language, limit, longer, best);
    if (done && longer.score() > best.score()) best = longer;
  }
}

TEST(Beam, OfWidthOneTakesTheLikeliestWordOfEveryStep) {
  // Greedy goes 2, 3, end; the sentence that is only an end is likelier.
  const Language language = {log_of({0.1, 0.35, 0.5, 0.05}), log_of({1, 1, 1, 1}),
                             log_of({0.1, 0.2, 0.1, 0.6}), log_of({0.2, 0.4, 0.2, 0.2})};
  const Decoded decoded = search(language, 1, 10);
  EXPECT_EQ(decoded.words, (Words{2, 3}));
  EXPECT_TRUE(decoded.ended);
  EXPECT_NEAR(decoded.log_probability, std::log(0.5 * 0.6 * 0.4), 1e-6);
  EXPECT_NEAR(decoded.score(), std::log(0.5 * 0.6 * 0.4) / 3, 1e-6);
}

TEST(Beam, FindsWhatGreedyMisses) {
  // After 2, the likeliest, nothing is likely; after 3, the end is certain.
  const Language language = {log_of({0.02, 0.02, 0.5, 0.46}), log_of({1, 1, 1, 1}),
                             log_of({0.34, 0.33, 0.32, 0.01}), log_of({1e-6, 1, 1e-6, 1e-6})};
  EXPECT_EQ(search(language, 1, 2).words, (Words{2, 0}));
  EXPECT_EQ(search(language, 2, 2).words, (Words{3}));
}

TEST(Beam, AsWideAsThereAreSentencesFindsTheBest) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Language language = random_language(4, seed);
    Decoded nothing;
    Decoded best;
    visit(language, 4, nothing, best);
    const Decoded found = search(language, 4 * 4 * 4 * 4, 4);
    EXPECT_EQ(found.words, best.words) << seed;
    EXPECT_DOUBLE_EQ(found.log_probability, best.log_probability);
  }
}

TEST(Beam, OfEqualCandidatesTheLowerIndexComesFirst) {
  const float half = std::log(0.5F);
  const Row even = {half, -9, half, half, half};
  Beam beam(3, 0, kEnd, 9);
  const std::span<const float> row(even);
  beam.extend({&row, 1});
  ASSERT_EQ(beam.alive().size(), 3U);
  EXPECT_EQ(beam.alive()[0].word, 0U);
  EXPECT_EQ(beam.alive()[1].word, 2U);
  EXPECT_EQ(beam.alive()[2].word, 3U);
  for (std::uint32_t i = 0; i < 3; ++i) beam.alive()[i].state = {i};
  const std::vector<std::span<const float>> rows(3, row);
  beam.extend(rows);
  for (const Beam::Hypothesis& hypothesis : beam.alive()) EXPECT_EQ(hypothesis.state.node, 0U);
  EXPECT_EQ(beam.alive()[0].word, 0U);
  EXPECT_EQ(beam.alive()[1].word, 2U);
  EXPECT_EQ(beam.alive()[2].word, 3U);
}

TEST(Beam, GetsNarrowerAsHypothesesEnd) {
  const Row row = log_of({0.2, 0.5, 0.3});
  Beam beam(2, 0, kEnd, 9);
  std::vector<std::span<const float>> rows = {row};
  beam.extend(rows);  // one ends, one goes on
  ASSERT_EQ(beam.alive().size(), 1U);
  EXPECT_EQ(beam.alive()[0].word, 2U);
  beam.extend(rows);
  EXPECT_TRUE(beam.alive().empty());
  EXPECT_TRUE(beam.best().words.empty());
  EXPECT_TRUE(beam.best().ended);
}

TEST(Beam, ASentenceEndsAtTheLimit) {
  const Language language = {log_of({0.9, 0.1})};
  const Decoded decoded = search(language, 1, 5);
  EXPECT_EQ(decoded.words, (Words{0, 0, 0, 0, 0}));
  EXPECT_FALSE(decoded.ended);
  EXPECT_NEAR(decoded.score(), std::log(0.9), 1e-6);
}

TEST(Beam, NeverTakesWhatIsNoNumberOrImpossible) {
  const float none = -std::numeric_limits<float>::infinity();
  const Language language = {{std::nanf(""), none, -3, std::nanf("")}, {}, {none, -1, none, none}};
  const Decoded decoded = search(language, 3, 9);
  EXPECT_EQ(decoded.words, (Words{2}));
  const Decoded nothing = search({{none, std::nanf("")}}, 2, 9);
  EXPECT_TRUE(nothing.words.empty());
  EXPECT_FALSE(nothing.ended);
}

}  // namespace
}  // namespace sheaf::engine
