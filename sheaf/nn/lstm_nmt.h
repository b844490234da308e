// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/model.h"

namespace sheaf::nn {

// LSTM translation model with teacher forcing, as in ED-Batch's benchmark: an encoder over the
// source, and a decoder that starts from its last state (from 0 where the source is empty) and
// reads the target word by word, whatever it would have predicted. Equations: docs/models.md.
//
// Step t of the decoder reads word t - 1 of the target, step 0 row 0 of the table ("<unk>"), which
// thus stands for the beginning of a sentence too. Outputs: for every word t of the target,
// log-softmax over the ModelOptions::classes words of the target's vocabulary, among which word t
// is the right one. A target that is to be learned ends with a symbol of its own (io/parallel.h).
class LstmNmt final : public Model {
 public:
  explicit LstmNmt(const ModelOptions& options);
  [[nodiscard]] std::string_view name() const override { return "lstm_nmt"; }
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const override;
  void targets(const Instance& instance, std::vector<std::uint32_t>& labels) const override;

  // For decoders, which choose the target's words themselves. Encoder and decoder take the state
  // before, ports 0 (h) and 1 (c) of the step before, or nothing where there is none, and the word
  // as payload; the head takes h and gives log-softmax.
  [[nodiscard]] graph::TypeId encoder() const { return encoder_; }
  [[nodiscard]] graph::TypeId decoder() const { return decoder_; }
  [[nodiscard]] graph::TypeId head() const { return head_; }

  // What step 0 of the decoder reads.
  static constexpr std::uint32_t kBegin = 0;

 private:
  graph::TypeId encoder_, decoder_, head_;
};

}  // namespace sheaf::nn
