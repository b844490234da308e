// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/lstm_stack.h"
#include "sheaf/nn/model.h"

namespace sheaf::nn {

// Bidirectional LSTM taggers as in ED-Batch's benchmarks: two LSTM layers from the left and two
// from the right, which do not read each other, and a head per word. States start at 0. Equations:
// docs/models.md. Outputs: log-softmax over ModelOptions::classes tags of every word.

// Every word has a row of the embedding table; spellings are not read.
class BilstmTagger final : public Model {
 public:
  explicit BilstmTagger(const ModelOptions& options);
  [[nodiscard]] std::string_view name() const override { return "bilstm_tagger"; }
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const override;
  void targets(const Instance& instance, std::vector<std::uint32_t>& labels) const override;

 private:
  LstmStack forward_, backward_;
  graph::TypeId head_;
};

// A word with a spelling is the last state of a two-layer LSTM of size H/2 over its characters from
// the left beside that of one from the right; any other word is its row of the embedding table. The
// look-up (`word`) and the pair of states (`spelt`) are cells of their own, so that the LSTM steps
// over words are of one type whatever a word is. The table of characters is H/2 wide.
class BilstmTaggerChar final : public Model {
 public:
  // Throws UsageError for an odd H.
  explicit BilstmTaggerChar(const ModelOptions& options);
  [[nodiscard]] std::string_view name() const override { return "bilstm_tagger_char"; }
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const override;
  void targets(const Instance& instance, std::vector<std::uint32_t>& labels) const override;

 private:
  [[nodiscard]] graph::NodeId append_word(const Sentence& sentence, std::uint32_t word,
                                          graph::Graph& graph) const;

  LstmStack forward_, backward_, char_forward_, char_backward_;
  graph::TypeId word_, spelt_, head_;
};

}  // namespace sheaf::nn
