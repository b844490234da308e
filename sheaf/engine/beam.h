// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/graph/graph.h"

namespace sheaf::engine {

// A sentence that a decoder has made.
struct Decoded {
  std::vector<std::uint32_t> words;  // without the end of the sentence
  double log_probability = 0;        // of the words and, where there is one, of the end
  bool ended = false;                // by the end of the sentence, not by the limit

  // Per word, the end counted as one.
  [[nodiscard]] double score() const;
};

// Beam search over the words of one sentence, as in Sutskever, Vinyals and Le (NeurIPS 2014): in
// every step the hypotheses that are alive are extended by every word, and the best by
// log-probability go on, as many as the beam is wide less those that have ended. Of width 1 it is
// the greedy search.
//
// Of equal candidates that of the hypothesis with the lower index comes first, then that with the
// lower word. A word of probability 0, or whose probability is not a number, is never taken.
class Beam {
 public:
  struct Hypothesis {
    double log_probability = 0;
    std::uint32_t word;         // its last
    std::uint32_t length = 0;   // in words
    std::uint32_t token;        // its last one in the tree of tokens, or kNone
    graph::Operand state = {};  // whatever the decoder keeps with it, handed on to its successors
  };
  static constexpr std::uint32_t kNone = ~0U;

  // Begins with one hypothesis that consists of `begin` and does not count as a word. `end` ends a
  // sentence; what has `limit` words ends, too. Width and limit: 1 or more.
  Beam(std::uint32_t width, std::uint32_t begin, std::uint32_t end, std::uint32_t limit);

  // Those that are to be extended. Who extends them may set their states.
  [[nodiscard]] std::span<Hypothesis> alive() { return alive_; }

  // `rows`: for every one of alive(), the log-probabilities of all words.
  void extend(std::span<const std::span<const float>> rows);

  // Of those that have ended the one with the best log-probability per word, of equal ones the
  // first; nothing where none has.
  [[nodiscard]] Decoded best() const;

 private:
  struct Token {
    std::uint32_t word;
    std::uint32_t before;
  };
  struct Candidate {
    double log_probability;
    std::uint32_t hypothesis;
    std::uint32_t word;
  };

  void add_candidates(std::uint32_t hypothesis, std::span<const float> row, std::size_t most);
  void take(const Candidate& candidate);

  std::uint32_t width_;
  std::uint32_t end_;
  std::uint32_t limit_;
  std::vector<Token> tokens_;
  std::vector<Hypothesis> alive_;
  std::vector<Hypothesis> next_;
  std::vector<Hypothesis> ended_;
  std::vector<Candidate> candidates_;
};

}  // namespace sheaf::engine
