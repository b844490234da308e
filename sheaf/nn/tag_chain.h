// SPDX-License-Identifier: Apache-2.0
//
// Sequences of tags under a linear chain: what a tag is worth depends on the tag before it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sheaf::nn {

// The score of tags y_1 .. y_n over rows r_1 .. r_n is
//
//   start[y_1] + sum_t r_t[y_t] + sum_t transitions[y_t * tags + y_{t-1}] + stop[y_n]
struct TagChain {
  struct Link {
    double score = 0;
    bool legal = true;
  };
  std::uint32_t tags = 0;
  std::vector<Link> start, stop;  // by tag
  std::vector<Link> transitions;  // a row per tag that is gone to, a column per tag before

  // All links 0 and legal.
  explicit TagChain(std::uint32_t tags);
};

// The sequence with the fewest links that are not legal, and of these the one of the highest score
// (Viterbi, IEEE Trans. Information Theory 1967). A row has a number per tag; one that is NaN
// counts as minus infinity. Of equal sequences, the one whose last tag that differs is the first.
[[nodiscard]] std::vector<std::uint32_t> best_sequence(
    const TagChain& chain, std::span<const std::span<const float>> rows);

// log Z - score(gold), of a conditional random field (crf.h): Z sums exp(score) over all sequences,
// whether their links are legal or not. 0 of no rows.
[[nodiscard]] double negative_log_likelihood(const TagChain& chain,
                                             std::span<const std::span<const float>> rows,
                                             std::span<const std::uint32_t> gold);

}  // namespace sheaf::nn
