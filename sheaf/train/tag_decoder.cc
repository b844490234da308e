// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/tag_decoder.h"

#include <algorithm>
#include <array>
#include <variant>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/nn/crf.h"
#include "sheaf/nn/tag_scheme.h"

namespace sheaf::train {
namespace {

// Of so many gold sequences one may break the rules.
constexpr std::size_t kMostBroken = 100;

const std::array<std::string, 3>& names() {
  static const std::array<std::string, 3> kNames = {"greedy", "viterbi", "legal"};
  return kNames;
}

std::uint32_t largest(const std::vector<float>& row) {
  std::uint32_t best = 0;
  for (std::uint32_t i = 1; i < row.size(); ++i) {
    if (row[i] > row[best] || row[best] != row[best]) best = i;
  }
  return best;
}

[[noreturn]] void refuse(Decode decode, const std::string& got, const char* expected) {
  throw base::UsageError(
      {.place = "decoding", .what = "'" + name(decode) + "'", .got = got, .expected = expected});
}

void take_legality(const nn::TagChain& from, nn::TagChain& to) {
  const auto take = [](const std::vector<nn::TagChain::Link>& rules,
                       std::vector<nn::TagChain::Link>& links) {
    base::check(rules.size() == links.size(), "tag decoder", "a CRF has not a tag per label");
    for (std::size_t i = 0; i < links.size(); ++i) links[i].legal = rules[i].legal;
  };
  take(from.start, to.start);
  take(from.stop, to.stop);
  take(from.transitions, to.transitions);
}

}  // namespace

const std::string& name(Decode decode) { return names()[static_cast<std::size_t>(decode)]; }

Decode parse_decode(const std::string& text) {
  const auto it = std::find(names().begin(), names().end(), text);
  if (it == names().end()) {
    throw base::UsageError({.place = "decoding",
                            .what = "unknown way",
                            .got = "'" + text + "'",
                            .hint = base::suggest(text, names())});
  }
  return static_cast<Decode>(it - names().begin());
}

std::vector<std::uint32_t> predicted_labels(const engine::InstanceOutputs& outputs) {
  if (!outputs.labels.empty()) return outputs.labels;
  std::vector<std::uint32_t> labels;
  for (const std::vector<float>& row : outputs.rows) labels.push_back(largest(row));
  return labels;
}

TagDecoder::TagDecoder(const nn::Model& model, const nn::Vocabulary& labels, Decode decode) {
  if (decode == Decode::greedy) return;
  if (decode == Decode::viterbi && !model.has_crf()) {
    refuse(decode, "a model without transitions", "one that was trained with --loss crf");
  }
  if (model.has_crf()) chain_ = nn::crf_chain(model.network().parameters(), nn::kCrf);
  if (decode == Decode::viterbi) return;
  if (!nn::tags_sequences(model.name())) {
    refuse(decode, "model " + std::string(model.name()), "one that tags sequences");
  }
  const std::optional<nn::TagChain> legal = nn::legal_chain(labels);
  if (!legal) refuse(decode, "labels of no scheme", "those of BMES or BIO");
  if (!chain_) chain_.emplace(legal->tags);
  take_legality(*legal, *chain_);
}

std::vector<std::uint32_t> TagDecoder::decode(const nn::Instance& instance,
                                              const engine::InstanceOutputs& outputs) const {
  std::vector<std::uint32_t> labels = predicted_labels(outputs);
  if (!chain_) return labels;
  const std::size_t first = std::holds_alternative<nn::Lattice>(instance) ? 1 : 0;
  if (outputs.rows.size() <= first) return labels;
  const std::vector<std::span<const float>> rows(
      outputs.rows.begin() + static_cast<std::ptrdiff_t>(first), outputs.rows.end());
  for (const auto& row : rows) {
    base::check(row.size() == chain_->tags, "tag decoder", "a row has not a number per label");
  }
  const std::vector<std::uint32_t> best = best_sequence(*chain_, rows);
  std::copy(best.begin(), best.end(), labels.begin() + static_cast<std::ptrdiff_t>(first));
  return labels;
}

Decode default_decode(const nn::Model& model, std::span<const nn::Instance> instances,
                      const nn::Vocabulary& labels) {
  const Decode otherwise = model.has_crf() ? Decode::viterbi : Decode::greedy;
  if (!nn::tags_sequences(model.name())) return otherwise;
  const std::optional<nn::TagChain> legal = nn::legal_chain(labels);
  if (!legal) return otherwise;
  std::vector<std::uint32_t> gold;
  std::size_t broken = 0;
  for (const nn::Instance& instance : instances) {
    gold.clear();
    model.targets(instance, gold);
    std::erase(gold, nn::kNoLabel);
    if (!is_legal(*legal, gold)) ++broken;
  }
  return broken * kMostBroken <= instances.size() ? Decode::legal : otherwise;
}

}  // namespace sheaf::train
