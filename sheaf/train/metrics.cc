// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "sheaf/base/error.h"
#include "sheaf/base/stats.h"
#include "sheaf/nn/tag_scheme.h"

namespace sheaf::train {
namespace {

double ratio(std::uint64_t a, std::uint64_t b) {
  return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b);
}

using Tag = nn::SpanTag;

// M is I; what is no span tag is O.
Tag parse(std::string_view name) {
  Tag tag = nn::parse_span_tag(name).value_or(Tag{});
  if (tag.place == 'M') tag.place = 'I';
  return tag;
}

bool ends_between(const Tag& before, const Tag& tag) {
  if (before.place == 'O') return false;
  return before.place == 'E' || before.place == 'S' || tag.place == 'O' || tag.place == 'B' ||
         tag.place == 'S' || before.type != tag.type;
}

bool begins_between(const Tag& before, const Tag& tag) {
  if (tag.place == 'O') return false;
  return tag.place == 'B' || tag.place == 'S' || before.place == 'O' || before.place == 'E' ||
         before.place == 'S' || before.type != tag.type;
}

using Counts = std::map<std::vector<std::string_view>, std::uint64_t>;

Counts grams_of(const Bleu::Sentence& sentence, std::size_t n) {
  Counts counts;
  for (std::size_t begin = 0; begin + n <= sentence.size(); ++begin) {
    const auto first = sentence.begin() + static_cast<std::ptrdiff_t>(begin);
    ++counts[{first, first + static_cast<std::ptrdiff_t>(n)}];
  }
  return counts;
}

// Length of the reference that is nearest to `length`; of two as near the shorter.
std::size_t nearest_length(std::size_t length, std::span<const Bleu::Sentence> references) {
  std::size_t best = references.front().size();
  const auto distance = [&](std::size_t of) { return of > length ? of - length : length - of; };
  for (const Bleu::Sentence& reference : references) {
    const std::size_t size = reference.size();
    const bool nearer = distance(size) < distance(best);
    if (nearer || (distance(size) == distance(best) && size < best)) best = size;
  }
  return best;
}

}  // namespace

std::vector<Span> spans_of(std::span<const std::string> tags) {
  std::vector<Span> spans;
  Tag before;
  std::uint32_t begin = 0;
  const auto size = static_cast<std::uint32_t>(tags.size());
  for (std::uint32_t i = 0; i <= size; ++i) {
    const Tag tag = i < size ? parse(tags[i]) : Tag{};
    if (ends_between(before, tag)) spans.push_back({begin, i, std::string(before.type)});
    if (begins_between(before, tag)) begin = i;
    before = tag;
  }
  return spans;
}

void SpanScore::add(std::span<const std::string> gold, std::span<const std::string> predicted) {
  base::check(gold.size() == predicted.size(), "span score", "tags of different sentences");
  const std::vector<Span> wanted = spans_of(gold);
  const std::vector<Span> found = spans_of(predicted);
  gold_ += wanted.size();
  predicted_ += found.size();
  // Spans of a sentence begin at different words.
  for (auto a = wanted.begin(), b = found.begin(); a != wanted.end() && b != found.end();) {
    if (*a == *b) ++right_;
    const std::uint32_t at = std::min(a->begin, b->begin);
    if (a->begin == at) ++a;
    if (b->begin == at) ++b;
  }
}

double SpanScore::precision() const { return ratio(right_, predicted_); }
double SpanScore::recall() const { return ratio(right_, gold_); }
double SpanScore::f1() const { return ratio(2 * right_, predicted_ + gold_); }

void Bleu::add(const Sentence& candidate, std::span<const Sentence> references) {
  if (references.empty()) {
    throw base::UsageError(
        {.place = "BLEU", .what = "references", .got = "none", .expected = "1 or more"});
  }
  length_ += candidate.size();
  reference_length_ += nearest_length(candidate.size(), references);
  for (std::size_t n = 1; n <= kOrder; ++n) {
    Counts most;  // of an n-gram in a single reference
    for (const Sentence& reference : references) {
      for (const auto& [gram, count] : grams_of(reference, n)) {
        most[gram] = std::max(most[gram], count);
      }
    }
    for (const auto& [gram, count] : grams_of(candidate, n)) {
      grams_[n - 1] += count;
      const auto it = most.find(gram);
      if (it != most.end()) matches_[n - 1] += std::min(count, it->second);
    }
  }
}

double Bleu::precision(std::size_t n) const {
  base::check(n >= 1 && n <= kOrder, "BLEU", "precision of an order beyond 1 to 4");
  return ratio(matches_[n - 1], grams_[n - 1]);
}

double Bleu::brevity_penalty() const {
  if (length_ >= reference_length_) return 1;
  if (length_ == 0) return 0;
  return std::exp(1 - static_cast<double>(reference_length_) / static_cast<double>(length_));
}

double Bleu::value() const {
  double sum = 0;
  for (std::size_t n = 1; n <= kOrder; ++n) {
    if (matches_[n - 1] == 0) return 0;
    sum += std::log(precision(n));
  }
  return brevity_penalty() * std::exp(sum / static_cast<double>(kOrder));
}

void QError::add(double estimate, double truth) {
  const auto require = [](const char* what, double value) {
    if (value > 0 && std::isfinite(value)) return;
    throw base::UsageError({.place = "q-error",
                            .what = what,
                            .got = std::to_string(value),
                            .expected = "a positive number"});
  };
  require("estimate", estimate);
  require("truth", truth);
  errors_.push_back(std::max(estimate / truth, truth / estimate));
}

double QError::mean() const {
  double sum = 0;
  for (const double error : errors_) sum += error;
  return errors_.empty() ? 0 : sum / static_cast<double>(errors_.size());
}
double QError::median() const { return base::median(errors_); }
double QError::p95() const { return base::quantile(errors_, 0.95); }

double Perplexity::value() const { return count_ == 0 ? 0 : std::exp(mean_loss()); }

}  // namespace sheaf::train
