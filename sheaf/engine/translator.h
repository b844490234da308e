// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "sheaf/engine/beam.h"
#include "sheaf/engine/growing.h"
#include "sheaf/nn/lstm_nmt.h"

namespace sheaf::engine {

struct TranslateOptions {
  std::uint32_t beam = 1;  // hypotheses to a sentence; 1: greedy
  std::uint32_t end = 1;   // the row of the target's vocabulary that ends a sentence (end_row())
  // Of a translation; 0: twice the words of the source, and ten.
  std::uint32_t most_words = 0;
  GrowingOptions growing = {};  // `most_alive`: sentences at a time
};

// Whether the vocabulary has io::kSentenceEnd.
[[nodiscard]] bool ends_sentences(const nn::Vocabulary& target);

// The row of io::kSentenceEnd. Throws UnsupportedError for a vocabulary without it, whose model has
// not learned to end a sentence.
[[nodiscard]] std::uint32_t end_row(const nn::Vocabulary& target);

struct TranslateReport {
  std::uint64_t source_words = 0;  // as many calls of the encoder
  std::uint64_t tokens = 0;        // decoded, of all hypotheses: calls of the decoder and its head
  GrowingReport growing;
};

// Translates with lstm_nmt: greedily or by beam search, what is decoded in one step batched over
// sentences and hypotheses. A translation does not depend on what else is translated.
class Translator {
 public:
  // `model` must outlive it. Throws UsageError for a beam of 0 or an end that the model lacks, and
  // what Growing throws.
  explicit Translator(const nn::LstmNmt& model, TranslateOptions options, Options session = {});

  // Takes translations as they are done, in any order.
  using Sink = std::function<void(std::uint32_t index, Decoded translation)>;

  // Translates the sources of `pairs`, whose targets are not looked at. Throws UsageError for
  // instances of another kind.
  TranslateReport translate(std::span<const nn::Instance> pairs, const Sink& sink);

  [[nodiscard]] Growing& growing() { return growing_; }

 private:
  Growth decode(Growing& growing, const nn::SentencePair& pair, std::uint32_t index,
                const Sink& sink);
  [[nodiscard]] graph::Operand encode(std::span<const std::uint32_t> words, graph::Graph& graph);
  [[nodiscard]] std::uint32_t limit_of(const nn::SentencePair& pair) const;

  const nn::LstmNmt& model_;
  TranslateOptions options_;
  Growing growing_;
  TranslateReport report_;
};

}  // namespace sheaf::engine
