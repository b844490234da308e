// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/model.h"

namespace sheaf::nn {

// The Chinese lexical analyser LAC as Debian's python3-jieba ships it (folder jieba/lac_small):
// character embeddings of 128, two bidirectional GRU layers of 128, 57 tags, a linear-chain CRF.
// The GRU keeps the update gate on the candidate, h' = (1 - u) h + u c. Outputs: the 57 emissions
// of every character, before the CRF. Decoded: the tag of every character (Viterbi, run as cells of
// the graph).
//
// With ModelOptions::crf, as it is trained on data of one's own: ModelOptions::classes tags, and
// the CRF that all taggers have (Model::has_crf()) in place of those cells. ModelOptions::hidden is
// not read.
class Lac final : public Model {
 public:
  static constexpr std::uint32_t kHidden = 128;
  static constexpr std::uint32_t kTags = 57;

  explicit Lac(const ModelOptions& options);
  // The package's.
  explicit Lac(std::uint32_t vocabulary) : Lac(ModelOptions{.vocabulary = vocabulary}) {}
  [[nodiscard]] std::string_view name() const override { return "lac"; }
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const override;
  void targets(const Instance& instance, std::vector<std::uint32_t>& labels) const override;
  [[nodiscard]] std::vector<std::uint32_t> decode(
      std::span<const std::span<const float>> rows) const override;

 private:
  graph::TypeId forward1_, backward1_, forward2_, backward2_, emission_;
  bool decodes_;  // by the cells that follow
  graph::TypeId crf_first_ = 0, crf_step_ = 0;
  graph::ParameterId stop_ = 0;
};

}  // namespace sheaf::nn
