// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/translator.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/io/parallel.h"

namespace sheaf::engine {
namespace {

using graph::NodeId;
using graph::Operand;

// No state before the first step.
constexpr Operand kNoState{Beam::kNone};

Operand add_step(graph::TypeId type, Operand before, std::uint32_t word, graph::Graph& graph) {
  const std::array<Operand, 2> state = {Operand{before.node, 0}, Operand{before.node, 1}};
  return {graph.add(type, std::span(state).first(before == kNoState ? 0 : 2), word)};
}

}  // namespace

bool ends_sentences(const nn::Vocabulary& target) {
  return std::find(target.begin(), target.end(), io::kSentenceEnd) != target.end();
}

std::uint32_t end_row(const nn::Vocabulary& target) {
  const auto it = std::find(target.begin(), target.end(), io::kSentenceEnd);
  if (it != target.end()) return static_cast<std::uint32_t>(it - target.begin());
  throw base::UnsupportedError({.place = "vocabulary of the target",
                                .what = "end of a sentence",
                                .got = "none",
                                .expected = std::string("'") + io::kSentenceEnd + "'",
                                .hint = "train without --target-rows"});
}

Translator::Translator(const nn::LstmNmt& model, TranslateOptions options, Options session)
    : model_(model),
      options_(options),
      growing_(model.network(), options.growing, std::move(session)) {
  const std::uint32_t words = model.network().type(model.head()).cell->output_width(0);
  if (options.beam == 0) {
    throw base::UsageError({"translation", "width of the beam", "0", "1 or more"});
  }
  if (options.end >= words) {
    throw base::UsageError({"translation", "row of the end of a sentence",
                            std::to_string(options.end), "below " + std::to_string(words)});
  }
}

TranslateReport Translator::translate(std::span<const nn::Instance> pairs, const Sink& sink) {
  report_ = {};
  report_.growing =
      growing_.run(static_cast<std::uint32_t>(pairs.size()), [&](std::uint32_t index) {
        const auto& pair = nn::require<nn::SentencePair>(pairs[index], model_.name());
        return decode(growing_, pair, index, sink);
      });
  const std::vector<std::uint64_t>& calls = report_.growing.calls;
  base::check(calls[model_.encoder()] == report_.source_words, "translation",
              "the encoder was not called once per word");
  base::check(calls[model_.decoder()] == report_.tokens && calls[model_.head()] == report_.tokens,
              "translation", "the decoder was not called once per token");
  return std::move(report_);
}

Growth Translator::decode(Growing& growing, const nn::SentencePair& pair, std::uint32_t index,
                          const Sink& sink) {
  graph::Graph& graph = growing.graph();
  Beam beam(options_.beam, nn::LstmNmt::kBegin, options_.end, limit_of(pair));
  beam.alive()[0].state = encode(pair.source, graph);
  std::vector<Operand> heads;
  std::vector<std::span<const float>> rows;
  while (!beam.alive().empty()) {
    heads.clear();
    for (Beam::Hypothesis& hypothesis : beam.alive()) {
      hypothesis.state = add_step(model_.decoder(), hypothesis.state, hypothesis.word, graph);
      heads.push_back({graph.add(model_.head(), {hypothesis.state})});
    }
    report_.tokens += heads.size();
    co_await growing.values(heads.back());
    rows.clear();
    for (const Operand head : heads) rows.push_back(growing.read(head));
    beam.extend(rows);
  }
  sink(index, beam.best());
}

Operand Translator::encode(std::span<const std::uint32_t> words, graph::Graph& graph) {
  Operand state = kNoState;
  for (const std::uint32_t word : words) state = add_step(model_.encoder(), state, word, graph);
  report_.source_words += words.size();
  return state;
}

std::uint32_t Translator::limit_of(const nn::SentencePair& pair) const {
  if (options_.most_words > 0) return options_.most_words;
  return static_cast<std::uint32_t>(2 * pair.source.size() + 10);
}

}  // namespace sheaf::engine
