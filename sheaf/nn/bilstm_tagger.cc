// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/bilstm_tagger.h"

#include "sheaf/base/error.h"

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::NodeId;

// log-softmax(O tanh(P [hf; hb])).
std::shared_ptr<const Cell> head_cell(const ModelOptions& options) {
  CellBuilder cell("tagger_head");
  const auto forward = cell.input("forward", options.hidden);
  const auto backward = cell.input("backward", options.hidden);
  const auto p = tanh(cell.affine(options.hidden, {{"P", concat(forward, backward)}}));
  cell.output(log_softmax(cell.affine(classes_of(options), {{"O", p}})));
  return std::make_shared<const Cell>(cell.build());
}

std::shared_ptr<const Cell> word_cell(std::uint32_t hidden) {
  CellBuilder cell("tagger_word");
  return std::make_shared<const Cell>(cell.output(cell.lookup(kEmbedding, hidden)).build());
}

std::shared_ptr<const Cell> spelt_cell(std::uint32_t half) {
  CellBuilder cell("tagger_spelt");
  const auto forward = cell.input("forward", half);
  const auto backward = cell.input("backward", half);
  return std::make_shared<const Cell>(cell.output(concat(forward, backward)).build());
}

void append_heads(graph::TypeId head, const LstmSteps& from_left, const LstmSteps& from_right,
                  graph::Graph& graph) {
  for (std::uint32_t i = 0; i < from_left.steps; ++i) {
    graph.mark_output({graph.add(head, {{from_left[i]}, {from_right[i]}})});
  }
}

}  // namespace

BilstmTagger::BilstmTagger(const ModelOptions& options) {
  const std::uint32_t hidden = options.hidden;
  network_.parameters().declare(kEmbedding, {options.vocabulary, hidden});
  const auto layer1 = lookup_lstm_cell("tagger_lstm1", kEmbedding, hidden);
  const auto layer2 = lstm_cell("tagger_lstm2", hidden, hidden);
  const auto add_stack = [&](const std::string& name) {
    return LstmStack{network_.add_type(name + "1", layer1, {{kEmbedding, kEmbedding}}),
                     network_.add_type(name + "2", layer2)};
  };
  forward_ = add_stack("forward");
  backward_ = add_stack("backward");
  head_ = network_.add_type("head", head_cell(options));
}

void BilstmTagger::append(const Instance& instance, std::uint32_t index,
                          graph::Graph& graph) const {
  const Sentence& sentence = require<Sentence>(instance, name());
  graph.begin_instance(index);
  const auto from_left = append_lookup_stack(forward_, sentence.ids, Direction::from_left, graph);
  const auto from_right =
      append_lookup_stack(backward_, sentence.ids, Direction::from_right, graph);
  append_heads(head_, from_left, from_right, graph);
}

BilstmTaggerChar::BilstmTaggerChar(const ModelOptions& options) {
  const std::uint32_t hidden = options.hidden;
  if (hidden % 2 != 0) {
    throw base::UsageError({.place = "model " + std::string(name()),
                            .what = "hidden size",
                            .got = std::to_string(hidden),
                            .expected = "an even number",
                            .hint = "each of the two character LSTMs makes half of a word"});
  }
  const std::uint32_t half = hidden / 2;
  network_.parameters().declare(kEmbedding, {options.vocabulary, hidden});
  word_ = network_.add_type("word", word_cell(hidden), {{kEmbedding, kEmbedding}});
  network_.parameters().declare(kCharacters, {options.characters, half});
  const auto step1 = lookup_lstm_cell("tagger_character_lstm1", kCharacters, half);
  const auto step2 = lstm_cell("tagger_character_lstm2", half, half);
  const auto add_characters = [&](const std::string& name) {
    return LstmStack{network_.add_type(name + "1", step1, {{kCharacters, kCharacters}}),
                     network_.add_type(name + "2", step2)};
  };
  char_forward_ = add_characters("char_forward");
  char_backward_ = add_characters("char_backward");
  spelt_ = network_.add_type("spelt", spelt_cell(half));
  const auto layer = lstm_cell("tagger_lstm", hidden, hidden);
  const auto add_stack = [&](const std::string& name) {
    return LstmStack{network_.add_type(name + "1", layer), network_.add_type(name + "2", layer)};
  };
  forward_ = add_stack("forward");
  backward_ = add_stack("backward");
  head_ = network_.add_type("head", head_cell(options));
}

NodeId BilstmTaggerChar::append_word(const Sentence& sentence, std::uint32_t word,
                                     graph::Graph& graph) const {
  std::span<const std::uint32_t> spelling;
  if (!sentence.spelling_begin.empty()) {
    const std::uint32_t begin = sentence.spelling_begin[word];
    spelling =
        std::span(sentence.spelling).subspan(begin, sentence.spelling_begin[word + 1] - begin);
  }
  if (spelling.empty()) return graph.add(word_, {}, sentence.ids[word]);
  const auto last = static_cast<std::uint32_t>(spelling.size()) - 1;
  const NodeId from_left =
      append_lookup_stack(char_forward_, spelling, Direction::from_left, graph)[last];
  const NodeId from_right =
      append_lookup_stack(char_backward_, spelling, Direction::from_right, graph)[0];
  return graph.add(spelt_, {{from_left}, {from_right}});
}

void BilstmTaggerChar::append(const Instance& instance, std::uint32_t index,
                              graph::Graph& graph) const {
  const Sentence& sentence = require<Sentence>(instance, name());
  graph.begin_instance(index);
  std::vector<NodeId>& words = graph.scratch();
  words.resize(sentence.ids.size());
  for (std::uint32_t i = 0; i < words.size(); ++i) words[i] = append_word(sentence, i, graph);
  const auto from_left = append_reading_stack(forward_, words, Direction::from_left, graph);
  const auto from_right = append_reading_stack(backward_, words, Direction::from_right, graph);
  append_heads(head_, from_left, from_right, graph);
}

void BilstmTagger::targets(const Instance& instance, std::vector<std::uint32_t>& labels) const {
  const Sentence& sentence = require<Sentence>(instance, name());
  append_labels(sentence.labels, sentence.ids.size(), labels);
}

void BilstmTaggerChar::targets(const Instance& instance, std::vector<std::uint32_t>& labels) const {
  const Sentence& sentence = require<Sentence>(instance, name());
  append_labels(sentence.labels, sentence.ids.size(), labels);
}

}  // namespace sheaf::nn
