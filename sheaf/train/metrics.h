// SPDX-License-Identifier: Apache-2.0
//
// Measures of quality, each by its published definition. All are shares between 0 and 1 unless they
// say otherwise.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "sheaf/nn/dataset.h"

namespace sheaf::train {

// Share of predictions that are right, among those that have a gold label.
class Accuracy {
 public:
  // A gold label of nn::kNoLabel is not counted.
  void add(std::uint32_t gold, std::uint32_t predicted) {
    if (gold == nn::kNoLabel) return;
    ++count_;
    if (gold == predicted) ++right_;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  // 0 of none.
  [[nodiscard]] double value() const {
    return count_ == 0 ? 0 : static_cast<double>(right_) / static_cast<double>(count_);
  }

 private:
  std::uint64_t count_ = 0;
  std::uint64_t right_ = 0;
};

// Words [begin, end) of a sentence that are a name of type `type`.
struct Span {
  std::uint32_t begin;
  std::uint32_t end;
  std::string type;

  friend bool operator==(const Span&, const Span&) = default;
};

// The spans of a sentence's tags, by the rules of conlleval (CoNLL-2000 and -2003 shared tasks),
// which know IOB1, IOB2 and IOE, extended to S as in BIOES; M of BMES is I. No sequence is
// malformed:
//
//   a span ends before a word when the word before is E or S; when the word is O, B or S; or when
//   its type is another
//   a span begins at a word that is not O when the word is B or S; when the word before is O, E or
//   S, or there is none; or when its type is another
//
// so that "I-X" after "O" begins a span, as does "E-X", and "B-X E-Y" are two. A tag that is no
// span tag (nn/tag_scheme.h) counts as "O".
[[nodiscard]] std::vector<Span> spans_of(std::span<const std::string> tags);

// Precision, recall and F1 of spans: a span is right when begin, end and type are (conlleval).
class SpanScore {
 public:
  void add(std::span<const std::string> gold, std::span<const std::string> predicted);

  // Right / predicted, right / gold, and their harmonic mean; 0 where there is nothing to divide
  // by.
  [[nodiscard]] double precision() const;
  [[nodiscard]] double recall() const;
  [[nodiscard]] double f1() const;
  [[nodiscard]] std::uint64_t gold() const { return gold_; }
  [[nodiscard]] std::uint64_t predicted() const { return predicted_; }
  [[nodiscard]] std::uint64_t right() const { return right_; }

 private:
  std::uint64_t gold_ = 0;
  std::uint64_t predicted_ = 0;
  std::uint64_t right_ = 0;
};

// BLEU-4 of a corpus (Papineni, Roukos, Ward and Zhu, ACL 2002): the geometric mean of the modified
// precisions p_1 .. p_4, whose counts are summed over all sentences, times the brevity penalty
// exp(1 - r / c) where the candidates' length c is below r, the sum of the references' lengths that
// are nearest to their candidate's (of two the shorter). On tokens as given, no smoothing: 0 when a
// precision is.
class Bleu {
 public:
  static constexpr std::size_t kOrder = 4;
  using Sentence = std::vector<std::string>;

  // Throws UsageError for no references.
  void add(const Sentence& candidate, std::span<const Sentence> references);

  [[nodiscard]] double value() const;
  [[nodiscard]] double brevity_penalty() const;
  // p_n; 0 where no candidate has n tokens.
  [[nodiscard]] double precision(std::size_t n) const;

 private:
  std::array<std::uint64_t, kOrder> matches_{};
  std::array<std::uint64_t, kOrder> grams_{};
  std::uint64_t length_ = 0;
  std::uint64_t reference_length_ = 0;
};

// The q-error of estimates (Moerkotte, Neumann and Steidl, VLDB 2009): max(e / t, t / e), 1 or
// more.
class QError {
 public:
  // Throws UsageError for numbers that are not positive and finite.
  void add(double estimate, double truth);

  [[nodiscard]] double mean() const;
  // By nearest rank: base/stats.h.
  [[nodiscard]] double median() const;
  [[nodiscard]] double p95() const;
  [[nodiscard]] std::size_t count() const { return errors_.size(); }

 private:
  std::vector<double> errors_;
};

// exp of the mean negative log-likelihood, 1 or more.
class Perplexity {
 public:
  // Of so many labels together.
  void add(double log_probability, std::uint64_t labels = 1) {
    sum_ -= log_probability;
    count_ += labels;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  // 0 of none.
  [[nodiscard]] double mean_loss() const {
    return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
  }
  [[nodiscard]] double value() const;

 private:
  double sum_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace sheaf::train
