// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/model.h"

namespace sheaf::nn {

// The Chinese lexical analyser LAC as Debian's python3-jieba ships it (folder jieba/lac_small):
// character embeddings of 128, two bidirectional GRU layers of 128, 57 tags, a linear-chain CRF.
// The GRU keeps the update gate on the candidate, h' = (1 - u) h + u c. Outputs: the 57 emissions
// of every character, before the CRF. Decoded: the tag of every character (Viterbi, run as cells of
// the graph).
class Lac final : public Model {
 public:
  static constexpr std::uint32_t kHidden = 128;
  static constexpr std::uint32_t kTags = 57;

  explicit Lac(std::uint32_t vocabulary);
  [[nodiscard]] std::string_view name() const override { return "lac"; }
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const override;
  void targets(const Instance& instance, std::vector<std::uint32_t>& labels) const override;
  [[nodiscard]] std::vector<std::uint32_t> decode(
      std::span<const std::span<const float>> rows) const override;

 private:
  graph::TypeId forward1_, backward1_, forward2_, backward2_, emission_, crf_first_, crf_step_;
  graph::ParameterId stop_;
};

}  // namespace sheaf::nn
