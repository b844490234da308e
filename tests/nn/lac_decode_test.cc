// SPDX-License-Identifier: Apache-2.0
//
// Lac::decode against all paths of tags. The rows that it reads are made here as the contract of
// CellBuilder::viterbi_step says.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "sheaf/base/rng.h"
#include "sheaf/nn/lac.h"

namespace sheaf::nn {
namespace {

constexpr std::uint32_t kTags = Lac::kTags;
using Row = std::vector<float>;

struct Crf {
  std::span<const float> start, transitions, stop;

  explicit Crf(const graph::ParameterStore& parameters)
      : start(parameters[parameters.find("crf.start")].value.values()),
        transitions(parameters[parameters.find("crf.transitions")].value.values()),
        stop(parameters[parameters.find("crf.stop")].value.values()) {}

  // [scores | back pointers] of every character.
  [[nodiscard]] std::vector<Row> rows(const std::vector<Row>& emissions) const {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < emissions.size(); ++i) {
      Row row(2 * kTags, 0.0F);
      for (std::uint32_t to = 0; to < kTags; ++to) {
        row[to] = i == 0 ? start[to] + emissions[0][to] : step(rows.back(), to, row[kTags + to]);
        if (i > 0) row[to] += emissions[i][to];
      }
      rows.push_back(std::move(row));
    }
    return rows;
  }

  [[nodiscard]] float step(const Row& before, std::uint32_t to, float& back) const {
    float best = before[0] + transitions[to];
    back = 0;
    for (std::uint32_t from = 1; from < kTags; ++from) {
      const float score = before[from] + transitions[from * kTags + to];
      if (score <= best) continue;
      best = score;
      back = static_cast<float>(from);
    }
    return best;
  }

  // Score of one path, added up from the left.
  [[nodiscard]] float score(const std::vector<Row>& emissions,
                            const std::vector<std::uint32_t>& tags) const {
    float score = start[tags[0]] + emissions[0][tags[0]];
    for (std::size_t i = 1; i < tags.size(); ++i) {
      score += transitions[tags[i - 1] * kTags + tags[i]];
      score += emissions[i][tags[i]];
    }
    return score + stop[tags.back()];
  }

  // The highest score of all kTags ^ n paths.
  [[nodiscard]] float best_score(const std::vector<Row>& emissions) const {
    std::vector<std::uint32_t> tags(emissions.size(), 0);
    float best = score(emissions, tags);
    for (;;) {
      std::size_t i = 0;
      while (i < tags.size() && ++tags[i] == kTags) tags[i++] = 0;
      if (i == tags.size()) return best;
      best = std::max(best, score(emissions, tags));
    }
  }
};

std::vector<std::uint32_t> decode(const Lac& model, const std::vector<Row>& rows) {
  const std::vector<std::span<const float>> spans(rows.begin(), rows.end());
  return model.decode(spans);
}

TEST(LacDecode, FindsThePathOfTheHighestScore) {
  Lac model(1);
  initialise(model.network().parameters(), 5, {"a"});
  const Crf crf(model.network().parameters());
  base::Rng rng(11);
  for (const std::size_t length : {1, 2, 2, 2, 3}) {
    std::vector<Row> emissions(length, Row(kTags));
    for (Row& row : emissions) {
      for (float& value : row) value = rng.uniform(-0.1F, 0.1F);
    }
    const auto tags = decode(model, crf.rows(emissions));
    ASSERT_EQ(tags.size(), length);
    EXPECT_EQ(crf.score(emissions, tags), crf.best_score(emissions));
  }
}

TEST(LacDecode, FollowsTheBackPointersFromTheBestLastTag) {
  Lac model(1);
  initialise(model.network().parameters(), 5, {"a"});
  std::vector<Row> rows(3, Row(2 * kTags, 0.0F));
  rows[2][30] = 9;          // far above any stop score
  rows[2][kTags + 30] = 4;  // came from tag 4 ...
  rows[1][kTags + 4] = 56;  // ... which came from tag 56
  EXPECT_EQ(decode(model, rows), (std::vector<std::uint32_t>{56, 4, 30}));
}

TEST(LacDecode, OfNoRowsIsEmpty) { EXPECT_TRUE(Lac(1).decode({}).empty()); }

}  // namespace
}  // namespace sheaf::nn
