// SPDX-License-Identifier: Apache-2.0
//
// Best sequences and likelihoods against all sequences, one after the other.
#include "sheaf/nn/tag_chain.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "sheaf/base/rng.h"

namespace sheaf::nn {
namespace {

using Tags = std::vector<std::uint32_t>;

class Chains : public testing::Test {
 protected:
  static constexpr std::uint32_t kTags = 4;

  // Random numbers; a third of the links is not legal.
  void draw(std::size_t length) {
    const auto draw_links = [&](std::vector<TagChain::Link>& links) {
      for (TagChain::Link& link : links) {
        link = {double{rng_.uniform(-2, 2)}, rng_.below(3) > 0};
      }
    };
    draw_links(chain_.start);
    draw_links(chain_.stop);
    draw_links(chain_.transitions);
    values_.assign(length, std::vector<float>(kTags));
    for (auto& row : values_) {
      for (float& value : row) value = rng_.uniform(-2, 2);
    }
    rows_.assign(values_.begin(), values_.end());
  }
  // In the order in which they are compared where all else is equal: the last tag counts most.
  void for_each_sequence(const std::function<void(const Tags&)>& call) const {
    Tags tags(rows_.size(), 0);
    for (;;) {
      call(tags);
      std::size_t t = 0;
      while (t < tags.size() && ++tags[t] == kTags) tags[t++] = 0;
      if (t == tags.size()) return;
    }
  }
  [[nodiscard]] std::vector<TagChain::Link> links(const Tags& tags) const {
    std::vector<TagChain::Link> result = {chain_.start[tags[0]]};
    for (std::size_t t = 1; t < tags.size(); ++t) {
      result.push_back(chain_.transitions[tags[t] * kTags + tags[t - 1]]);
    }
    result.push_back(chain_.stop[tags.back()]);
    return result;
  }
  [[nodiscard]] double score(const Tags& tags) const {
    double sum = 0;
    for (const TagChain::Link& link : links(tags)) sum += link.score;
    for (std::size_t t = 0; t < tags.size(); ++t) sum += double{rows_[t][tags[t]]};
    return sum;
  }
  [[nodiscard]] int broken(const Tags& tags) const {
    int count = 0;
    for (const TagChain::Link& link : links(tags)) count += link.legal ? 0 : 1;
    return count;
  }

  TagChain chain_{kTags};
  std::vector<std::vector<float>> values_;
  std::vector<std::span<const float>> rows_;
  base::Rng rng_{5, "chains"};
};

TEST_F(Chains, TheBestSequenceBreaksTheFewestLinksAndThenScoresMost) {
  int some_broken = 0;
  for (const std::size_t length : {1, 1, 2, 3, 4, 5, 5, 5, 5, 5}) {
    draw(length);
    Tags best(length, 0);
    for_each_sequence([&](const Tags& tags) {
      if (broken(tags) > broken(best)) return;
      if (broken(tags) < broken(best) || score(tags) > score(best)) best = tags;
    });
    EXPECT_EQ(best_sequence(chain_, rows_), best);
    some_broken += broken(best) > 0 ? 1 : 0;
  }
  EXPECT_LT(some_broken, 10);
}

TEST_F(Chains, OfEqualSequencesTheFirstIsTaken) {
  chain_ = TagChain(kTags);
  values_.assign(3, std::vector<float>(kTags, 0.5F));
  rows_.assign(values_.begin(), values_.end());
  EXPECT_EQ(best_sequence(chain_, rows_), (Tags{0, 0, 0}));
}

TEST_F(Chains, WhatIsNoNumberIsNeverBest) {
  draw(2);
  chain_ = TagChain(kTags);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  values_ = {{nan, 1, 2, 0}, {3, nan, 1, nan}};
  rows_.assign(values_.begin(), values_.end());
  EXPECT_EQ(best_sequence(chain_, rows_), (Tags{2, 0}));
}

TEST_F(Chains, TheLikelihoodIsThatOfAllSequencesLegalOrNot) {
  for (const std::size_t length : {1, 2, 5}) {
    draw(length);
    double z = 0;
    for_each_sequence([&](const Tags& tags) { z += std::exp(score(tags)); });
    Tags gold(length);
    for (std::uint32_t& tag : gold) tag = rng_.below(kTags);
    EXPECT_NEAR(negative_log_likelihood(chain_, rows_, gold), std::log(z) - score(gold), 1e-12);
  }
}

TEST_F(Chains, OfNothingIsNothing) {
  EXPECT_TRUE(best_sequence(chain_, {}).empty());
  EXPECT_EQ(negative_log_likelihood(chain_, {}, {}), 0);
}

}  // namespace
}  // namespace sheaf::nn
