// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/backend/rows_fixture.h"

namespace sheaf::backend::cpu {
namespace {

class ViterbiStep : public Rows {
 protected:
  // Small whole numbers: sums are exact, and ties are frequent.
  static Matrix whole_numbers(std::size_t rows, std::size_t width, base::Rng& rng) {
    Matrix matrix(rows, width);
    for (std::size_t i = 0; i < rows; ++i) {
      for (float& x : matrix.row(i)) x = static_cast<float>(rng.below(5)) - 2;
    }
    return matrix;
  }
};

INSTANTIATE_TEST_SUITE_P(Isa, ViterbiStep, testing::ValuesIn(test::isas()), test::isa_name);

TEST_P(ViterbiStep, TakesTheBestTagAndOfEqualOnesTheFirst) {
  std::size_t ties = 0;
  for (const std::size_t tags : {1, 2, 3, 5, 7, 8, 15, 16, 17, 33, 57}) {
    base::Rng rng(tags, "viterbi");
    const Matrix previous = whole_numbers(9, 2 * tags, rng);
    const Matrix emissions = whole_numbers(9, tags, rng);
    const Matrix transitions = whole_numbers(tags, tags, rng);
    const Matrix to = viterbi(previous, emissions, transitions);
    for (std::size_t row = 0; row < to.rows(); ++row) {
      for (std::size_t j = 0; j < tags; ++j) {
        std::size_t best = 0;
        std::size_t equal = 0;
        const auto score = [&](std::size_t i) {
          return previous.at(row, i) + transitions.at(i, j);
        };
        for (std::size_t i = 0; i < tags; ++i) {
          if (score(i) > score(best)) best = i;
        }
        for (std::size_t i = 0; i < tags; ++i) equal += score(i) == score(best) ? 1 : 0;
        ties += equal > 1 ? 1 : 0;
        ASSERT_EQ(to.at(row, j), score(best) + emissions.at(row, j)) << tags << " tags";
        ASSERT_EQ(to.at(row, tags + j), static_cast<float>(best)) << tags << " tags";
      }
    }
  }
  EXPECT_GT(ties, 100U);
}

TEST_P(ViterbiStep, OfEqualScoresEverywherePointsToTheFirstTag) {
  const Matrix previous = Matrix::of({0}, 2 * 57);
  const Matrix emissions = Matrix::of({1}, 57);
  const Matrix transitions = Matrix::of(std::vector<float>(57 * 57, 0.0F), 57);
  const Matrix to = viterbi(previous, emissions, transitions);
  for (std::size_t j = 0; j < 57; ++j) {
    EXPECT_EQ(to.at(0, j), 1);
    EXPECT_EQ(to.at(0, 57 + j), 0);
  }
}

// A path over many steps: the best of all paths, tried one by one.
TEST_P(ViterbiStep, FindsTheBestPath) {
  constexpr std::size_t kTags = 3;
  constexpr std::size_t kSteps = 6;
  base::Rng rng(8, "path");
  const Matrix emissions = Matrix::random(kSteps, kTags, rng);
  const Matrix transitions = Matrix::random(kTags, kTags, rng);
  float best = -1e9F;
  for (std::size_t code = 0; code < 729; ++code) {
    float score = emissions.at(0, code % kTags);
    std::size_t rest = code;
    for (std::size_t t = 1; t < kSteps; ++t) {
      const std::size_t from = rest % kTags;
      rest /= kTags;
      score = score + transitions.at(from, rest % kTags) + emissions.at(t, rest % kTags);
    }
    best = std::max(best, score);
  }
  Matrix state(1, 2 * kTags);
  for (std::size_t j = 0; j < kTags; ++j) state.at(0, j) = emissions.at(0, j);
  for (std::size_t t = 1; t < kSteps; ++t) {
    Matrix now(1, kTags);
    std::copy(emissions.row(t).begin(), emissions.row(t).end(), now.row(0).begin());
    state = viterbi(state, now, transitions);
  }
  EXPECT_EQ(*std::max_element(state.row(0).begin(), state.row(0).begin() + kTags), best);
}

}  // namespace
}  // namespace sheaf::backend::cpu
