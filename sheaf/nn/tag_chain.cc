// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/tag_chain.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sheaf/base/error.h"

namespace sheaf::nn {
namespace {

using Rows = std::span<const std::span<const float>>;

// How good the beginning of a sequence is.
struct Rank {
  std::uint32_t broken = 0;  // links that are not legal
  double score = 0;

  [[nodiscard]] Rank after(const TagChain::Link& link) const {
    return {broken + (link.legal ? 0U : 1U), score + link.score};
  }
  [[nodiscard]] bool better_than(const Rank& other) const {
    return broken != other.broken ? broken < other.broken : score > other.score;
  }
};

double value_of(float score) {
  return std::isnan(score) ? -std::numeric_limits<double>::infinity() : double{score};
}

double log_sum_exp(std::span<const double> values) {
  const double most = *std::max_element(values.begin(), values.end());
  if (!std::isfinite(most)) return most;
  double sum = 0;
  for (const double value : values) sum += std::exp(value - most);
  return most + std::log(sum);
}

double score_of(const TagChain& chain, Rows rows, std::span<const std::uint32_t> tags) {
  double score = chain.start[tags.front()].score + chain.stop[tags.back()].score;
  for (std::size_t t = 0; t < tags.size(); ++t) {
    score += double{rows[t][tags[t]]};
    if (t > 0) score += chain.transitions[tags[t] * chain.tags + tags[t - 1]].score;
  }
  return score;
}

}  // namespace

TagChain::TagChain(std::uint32_t number)
    : tags(number), start(number), stop(number), transitions(std::size_t{number} * number) {}

std::vector<std::uint32_t> best_sequence(const TagChain& chain, Rows rows) {
  std::vector<std::uint32_t> best(rows.size());
  if (rows.empty()) return best;
  const std::uint32_t tags = chain.tags;
  std::vector<Rank> ranks(tags);
  std::vector<Rank> next(tags);
  std::vector<std::uint32_t> before(rows.size() * tags);
  for (std::uint32_t tag = 0; tag < tags; ++tag) {
    ranks[tag] = Rank{}.after(chain.start[tag]);
    ranks[tag].score += value_of(rows[0][tag]);
  }
  for (std::size_t t = 1; t < rows.size(); ++t) {
    for (std::uint32_t to = 0; to < tags; ++to) {
      const auto links = std::span(chain.transitions).subspan(std::size_t{to} * tags, tags);
      std::uint32_t from = 0;
      Rank rank = ranks[0].after(links[0]);
      for (std::uint32_t other = 1; other < tags; ++other) {
        const Rank candidate = ranks[other].after(links[other]);
        if (!candidate.better_than(rank)) continue;
        rank = candidate;
        from = other;
      }
      next[to] = rank;
      next[to].score += value_of(rows[t][to]);
      before[t * tags + to] = from;
    }
    ranks.swap(next);
  }
  std::uint32_t last = 0;
  for (std::uint32_t tag = 0; tag < tags; ++tag) {
    ranks[tag] = ranks[tag].after(chain.stop[tag]);
    if (ranks[tag].better_than(ranks[last])) last = tag;
  }
  for (std::size_t t = rows.size(); t-- > 0;) {
    best[t] = last;
    last = before[t * tags + last];
  }
  return best;
}

double negative_log_likelihood(const TagChain& chain, Rows rows,
                               std::span<const std::uint32_t> gold) {
  base::check(rows.size() == gold.size(), "tag chain", "a sequence has not a tag per row");
  if (rows.empty()) return 0;
  const std::uint32_t tags = chain.tags;
  std::vector<double> alpha(tags);
  std::vector<double> next(tags);
  std::vector<double> terms(tags);
  for (std::uint32_t tag = 0; tag < tags; ++tag) {
    alpha[tag] = chain.start[tag].score + double{rows[0][tag]};
  }
  for (std::size_t t = 1; t < rows.size(); ++t) {
    for (std::uint32_t to = 0; to < tags; ++to) {
      for (std::uint32_t from = 0; from < tags; ++from) {
        terms[from] = alpha[from] + chain.transitions[std::size_t{to} * tags + from].score;
      }
      next[to] = double{rows[t][to]} + log_sum_exp(terms);
    }
    alpha.swap(next);
  }
  for (std::uint32_t tag = 0; tag < tags; ++tag) alpha[tag] += chain.stop[tag].score;
  return log_sum_exp(alpha) - score_of(chain, rows, gold);
}

}  // namespace sheaf::nn
