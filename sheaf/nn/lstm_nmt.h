// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/model.h"

namespace sheaf::nn {

// LSTM translation model with teacher forcing, as in ED-Batch's benchmark: an encoder over the
// source, and a decoder that starts from its last state (from 0 where the source is empty) and
// reads the target word by word, whatever it would have predicted. Equations: docs/models.md.
// Outputs: for every word of the target, log-softmax over the ModelOptions::classes words of the
// target's vocabulary: what comes after it.
//
// The model adds no symbol of its own. To predict the first word and the end, the target has to
// begin with a start symbol and end with an end symbol; that is the reader's business.
class LstmNmt final : public Model {
 public:
  explicit LstmNmt(const ModelOptions& options);
  [[nodiscard]] std::string_view name() const override { return "lstm_nmt"; }
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const override;

 private:
  graph::TypeId encoder_, decoder_, head_;
};

}  // namespace sheaf::nn
