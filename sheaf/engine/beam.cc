// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/beam.h"

#include <algorithm>
#include <limits>

#include "sheaf/base/error.h"

namespace sheaf::engine {

double Decoded::score() const {
  const std::size_t length = words.size() + (ended ? 1 : 0);
  return length == 0 ? -std::numeric_limits<double>::infinity()
                     : log_probability / static_cast<double>(length);
}

Beam::Beam(std::uint32_t width, std::uint32_t begin, std::uint32_t end, std::uint32_t limit)
    : width_(width), end_(end), limit_(limit) {
  base::check(width > 0 && limit > 0, "beam", "a beam or a sentence of width 0");
  alive_.push_back({.word = begin, .token = kNone});
}

void Beam::extend(std::span<const std::span<const float>> rows) {
  base::check(rows.size() == alive_.size(), "beam", "not a row per hypothesis");
  const std::size_t most = width_ - ended_.size();
  candidates_.clear();
  for (std::uint32_t i = 0; i < rows.size(); ++i) add_candidates(i, rows[i], most);
  // Those of one hypothesis are in order, and hypotheses follow each other.
  std::stable_sort(
      candidates_.begin(), candidates_.end(),
      [](const Candidate& a, const Candidate& b) { return a.log_probability > b.log_probability; });
  if (candidates_.size() > most) candidates_.resize(most);
  next_.clear();
  for (const Candidate& candidate : candidates_) take(candidate);
  alive_.swap(next_);
}

// The best `most` words of a row, the best first, of equal ones the lower word.
void Beam::add_candidates(std::uint32_t hypothesis, std::span<const float> row, std::size_t most) {
  const auto first = static_cast<std::ptrdiff_t>(candidates_.size());
  const double before = alive_[hypothesis].log_probability;
  float least = -std::numeric_limits<float>::infinity();
  for (std::uint32_t word = 0; word < row.size(); ++word) {
    if (!(row[word] > least)) continue;
    const Candidate candidate{before + static_cast<double>(row[word]), hypothesis, word};
    const auto place =
        std::find_if(candidates_.begin() + first, candidates_.end(),
                     [&](const Candidate& other) { return row[other.word] < row[word]; });
    candidates_.insert(place, candidate);
    if (candidates_.size() > static_cast<std::size_t>(first) + most) candidates_.pop_back();
    if (candidates_.size() == static_cast<std::size_t>(first) + most) {
      least = row[candidates_.back().word];
    }
  }
}

void Beam::take(const Candidate& candidate) {
  Hypothesis hypothesis = alive_[candidate.hypothesis];
  hypothesis.log_probability = candidate.log_probability;
  hypothesis.word = candidate.word;
  ++hypothesis.length;
  tokens_.push_back({candidate.word, hypothesis.token});
  hypothesis.token = static_cast<std::uint32_t>(tokens_.size() - 1);
  const bool goes_on = candidate.word != end_ && hypothesis.length < limit_;
  (goes_on ? next_ : ended_).push_back(hypothesis);
}

Decoded Beam::best() const {
  const Hypothesis* best = nullptr;
  const auto score = [](const Hypothesis& h) { return h.log_probability / h.length; };
  for (const Hypothesis& hypothesis : ended_) {
    if (best == nullptr || score(hypothesis) > score(*best)) best = &hypothesis;
  }
  Decoded decoded;
  if (best == nullptr) return decoded;
  decoded.log_probability = best->log_probability;
  decoded.ended = best->word == end_;
  for (std::uint32_t token = best->token; token != kNone; token = tokens_[token].before) {
    decoded.words.push_back(tokens_[token].word);
  }
  std::reverse(decoded.words.begin(), decoded.words.end());
  if (decoded.ended) decoded.words.pop_back();
  return decoded;
}

}  // namespace sheaf::engine
