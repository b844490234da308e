// SPDX-License-Identifier: Apache-2.0
//
// Every expected number is counted by hand.
#include "sheaf/train/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::train {
namespace {

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> result;
  for (std::string word; in >> word;) result.push_back(word);
  return result;
}

// "begin-end type" of every span.
std::string spans(const std::string& tags) {
  std::string text;
  for (const Span& span : spans_of(words(tags))) {
    text += (text.empty() ? "" : ", ") + std::to_string(span.begin) + "-" +
            std::to_string(span.end) + " " + span.type;
  }
  return text;
}

TEST(Accuracy, CountsWhatHasAGoldLabel) {
  Accuracy accuracy;
  EXPECT_EQ(accuracy.value(), 0);
  accuracy.add(1, 1);
  accuracy.add(2, 1);
  accuracy.add(nn::kNoLabel, 1);
  accuracy.add(0, 0);
  EXPECT_EQ(accuracy.count(), 3U);
  EXPECT_DOUBLE_EQ(accuracy.value(), 2.0 / 3);
}

TEST(Spans, OfBmesAndBioesAndBio) {
  EXPECT_EQ(spans("B-X M-X E-X O S-Y"), "0-3 X, 4-5 Y");
  EXPECT_EQ(spans("B-X I-X E-X O S-Y"), "0-3 X, 4-5 Y");
  EXPECT_EQ(spans("B-X I-X I-X O B-Y"), "0-3 X, 4-5 Y");
}

TEST(Spans, OfIob1BeginWithI) {
  EXPECT_EQ(spans("I-X I-X O I-X B-X I-X I-Y"), "0-2 X, 3-4 X, 4-6 X, 6-7 Y");
}

TEST(Spans, NextToEachOtherAreTwo) {
  EXPECT_EQ(spans("B-X E-X B-X E-X"), "0-2 X, 2-4 X");
  EXPECT_EQ(spans("S-X S-X"), "0-1 X, 1-2 X");
  EXPECT_EQ(spans("B-X B-X"), "0-1 X, 1-2 X");
}

TEST(Spans, OfSequencesThatNoSchemeAllows) {
  EXPECT_EQ(spans("O M-X E-X"), "1-3 X");       // no beginning
  EXPECT_EQ(spans("B-X M-X O"), "0-2 X");       // no end
  EXPECT_EQ(spans("B-X M-X"), "0-2 X");         // no end before that of the sentence
  EXPECT_EQ(spans("B-X E-Y"), "0-1 X, 1-2 Y");  // another type
  EXPECT_EQ(spans("E-X E-X"), "0-1 X, 1-2 X");  // two ends
  EXPECT_EQ(spans("E-X M-X"), "0-1 X, 1-2 X");  // goes on after its end
  EXPECT_EQ(spans("S-X E-X"), "0-1 X, 1-2 X");
  EXPECT_EQ(spans("B-X S-X"), "0-1 X, 1-2 X");
}

TEST(Spans, OfNoTagsAreNone) {
  EXPECT_EQ(spans(""), "");
  EXPECT_EQ(spans("O O"), "");
  EXPECT_EQ(spans("B-X pad B-X"), "0-1 X, 2-3 X");  // what is no tag is outside
}

TEST(Spans, ATypeMayHaveAHyphen) { EXPECT_EQ(spans("B-X-1 I-X-1 I-X"), "0-2 X-1, 2-3 X"); }

TEST(SpanScore, CountsSpansThatAreRightInBothEndsAndType) {
  SpanScore score;
  // Right: 0-2 X. Wrong: 3-5 Y against 3-4 Y; 5-6 X against 5-6 Z.
  score.add(words("B-X E-X O B-Y E-Y S-X"), words("B-X E-X O S-Y O S-Z"));
  EXPECT_EQ(score.gold(), 3U);
  EXPECT_EQ(score.predicted(), 3U);
  EXPECT_EQ(score.right(), 1U);
  // Another sentence: gold one, predicted none.
  score.add(words("S-X O"), words("O O"));
  EXPECT_DOUBLE_EQ(score.precision(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(score.recall(), 1.0 / 4);
  EXPECT_DOUBLE_EQ(score.f1(), 2 * (1.0 / 3) * (1.0 / 4) / (1.0 / 3 + 1.0 / 4));
}

TEST(SpanScore, ASpanEndsWithItsSentence) {
  SpanScore score;
  score.add(words("B-X"), words("B-X"));
  score.add(words("I-X"), words("I-X"));
  EXPECT_EQ(score.right(), 2U);
}

TEST(SpanScore, OneSpanInPlaceOfTwoIsWrong) {
  SpanScore score;
  score.add(words("B-X E-X B-X E-X"), words("B-X M-X M-X E-X"));
  EXPECT_EQ(score.right(), 0U);
  EXPECT_EQ(score.f1(), 0);
}

TEST(SpanScore, TheSameSpansInAnotherSchemeAreRight) {
  SpanScore score;
  score.add(words("B-X M-X E-X O S-Y"), words("I-X I-X I-X O B-Y"));
  EXPECT_EQ(score.f1(), 1);
}

TEST(SpanScore, OfNothingIsZero) {
  SpanScore score;
  score.add(words("O"), words("O"));
  EXPECT_EQ(score.precision(), 0);
  EXPECT_EQ(score.recall(), 0);
  EXPECT_EQ(score.f1(), 0);
}

using Sentences = std::vector<Bleu::Sentence>;

// Example 2 of the paper, section 2.1: p_1 = 2 / 7 where plain precision is 7 / 7.
TEST(BleuScore, ClipsCountsToThoseOfTheReferences) {
  Bleu bleu;
  bleu.add(words("the the the the the the the"),
           Sentences{words("the cat is on the mat"), words("there is a cat on the mat")});
  EXPECT_DOUBLE_EQ(bleu.precision(1), 2.0 / 7);
  EXPECT_DOUBLE_EQ(bleu.precision(2), 0);
  EXPECT_EQ(bleu.value(), 0);
}

// Example 1 of the paper, section 2.1: candidate 1 has p_1 = 17 / 18 and p_2 = 10 / 17, candidate 2
// p_1 = 8 / 14 and p_2 = 1 / 13.
TEST(BleuScore, HasThePrecisionsOfThePaper) {
  const Sentences references = {
      words("it is a guide to action that ensures that the military will forever heed party "
            "commands"),
      words("it is the guiding principle which guarantees the military forces always being under "
            "the command of the party"),
      words("it is the practical guide for the army always to heed the directions of the party")};
  Bleu first;
  first.add(words("it is a guide to action which ensures that the military always obeys the "
                  "commands of the party"),
            references);
  EXPECT_DOUBLE_EQ(first.precision(1), 17.0 / 18);
  EXPECT_DOUBLE_EQ(first.precision(2), 10.0 / 17);
  EXPECT_EQ(first.brevity_penalty(), 1);  // 18 tokens, and a reference has 18
  Bleu second;
  second.add(words("it is to insure the troops forever hearing the activity guidebook that party "
                   "direct"),
             references);
  EXPECT_DOUBLE_EQ(second.precision(1), 8.0 / 14);
  EXPECT_DOUBLE_EQ(second.precision(2), 1.0 / 13);
}

TEST(BleuScore, OfACopyIsOne) {
  Bleu bleu;
  bleu.add(words("a b c d e"), Sentences{words("a b c d e")});
  EXPECT_DOUBLE_EQ(bleu.value(), 1);
}

// Matches 4 of 5, 3 of 4, 2 of 3, 1 of 2 n-grams; c = 5, r = 6.
TEST(BleuScore, IsTheGeometricMeanTimesThePenalty) {
  Bleu bleu;
  bleu.add(words("a b c d x"), Sentences{words("a b c d e f")});
  EXPECT_DOUBLE_EQ(bleu.brevity_penalty(), std::exp(1 - 6.0 / 5));
  EXPECT_DOUBLE_EQ(bleu.value(), std::exp(-0.2) * std::pow(4.0 / 5 * 3 / 4 * 2 / 3 * 1 / 2, 0.25));
}

// Over the corpus: p_n = (4 + 1) / (4 + 2), 3 / (3 + 1), 2 / 2, 1 / 1. The mean of the sentences'
// scores would be 1 / 2.
TEST(BleuScore, AddsUpOverTheCorpus) {
  Bleu bleu;
  bleu.add(words("a b c d"), Sentences{words("a b c d")});
  bleu.add(words("a x"), Sentences{words("a y")});
  EXPECT_DOUBLE_EQ(bleu.value(), std::pow(5.0 / 6 * 3 / 4, 0.25));
}

// Of references with 3 and 5 tokens both are as near to 4: the shorter counts.
TEST(BleuScore, TakesTheNearestReferencesLength) {
  Bleu bleu;
  bleu.add(words("a b c d"), Sentences{words("a b c d e"), words("a b c")});
  EXPECT_EQ(bleu.brevity_penalty(), 1);
  Bleu longer;
  longer.add(words("a b c d"), Sentences{words("a b c d e"), words("a")});
  EXPECT_DOUBLE_EQ(longer.brevity_penalty(), std::exp(1 - 5.0 / 4));
}

TEST(BleuScore, OfNothingIsZero) {
  EXPECT_EQ(Bleu().value(), 0);
  Bleu bleu;
  bleu.add({}, Sentences{words("a")});
  EXPECT_EQ(bleu.value(), 0);
  EXPECT_EQ(bleu.brevity_penalty(), 0);
}

TEST(BleuScore, NeedsAReference) {
  EXPECT_EQ(test::message_of<base::UsageError>([] { Bleu().add({}, {}); }),
            "[BLEU] references: got none, expected 1 or more");
}

TEST(QErrors, AreRatiosOfTheLargerToTheSmaller) {
  QError error;
  error.add(10, 5);   // 2
  error.add(5, 10);   // 2
  error.add(3, 3);    // 1
  error.add(1, 100);  // 100
  error.add(4, 1);    // 4
  EXPECT_EQ(error.count(), 5U);
  EXPECT_DOUBLE_EQ(error.mean(), 109.0 / 5);
  EXPECT_DOUBLE_EQ(error.median(), 2);
  EXPECT_DOUBLE_EQ(error.p95(), 100);
}

TEST(QErrors, OfTwentyOneHaveTheTwentiethFor95Percent) {
  QError error;
  for (int i = 1; i <= 21; ++i) error.add(i, 1);
  EXPECT_DOUBLE_EQ(error.p95(), 20);
  EXPECT_DOUBLE_EQ(error.median(), 11);
}

TEST(QErrors, OfNothingAreZero) {
  EXPECT_EQ(QError().mean(), 0);
  EXPECT_EQ(QError().median(), 0);
}

TEST(QErrors, OfNumbersThatAreNotPositiveAreRefused) {
  const auto refusal = [](double estimate, double truth) {
    return test::message_of<base::UsageError>([&] { QError().add(estimate, truth); });
  };
  EXPECT_EQ(refusal(0, 1), "[q-error] estimate: got 0.000000, expected a positive number");
  EXPECT_EQ(refusal(1, -2), "[q-error] truth: got -2.000000, expected a positive number");
  EXPECT_EQ(refusal(std::numeric_limits<double>::infinity(), 1),
            "[q-error] estimate: got inf, expected a positive number");
}

TEST(PerplexityScore, IsTheExpOfTheMeanLoss) {
  Perplexity perplexity;
  EXPECT_EQ(perplexity.value(), 0);
  perplexity.add(std::log(0.5));
  perplexity.add(std::log(0.125));
  EXPECT_EQ(perplexity.count(), 2U);
  EXPECT_DOUBLE_EQ(perplexity.mean_loss(), 2 * std::log(2.0));
  EXPECT_DOUBLE_EQ(perplexity.value(), 4);  // the geometric mean of 2 and 8
}

}  // namespace
}  // namespace sheaf::train
