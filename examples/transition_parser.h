// SPDX-License-Identifier: Apache-2.0
//
// A greedy transition-based dependency parser with bidirectional LSTM features (Kiperwasser and
// Goldberg, TACL 2016), without labels. It looks at the scores of its actions and goes on building
// its graph: a coroutine per sentence, all sentences batched together.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "examples/arc_standard.h"
#include "sheaf/autodiff/backward.h"
#include "sheaf/engine/gradients.h"
#include "sheaf/engine/growing.h"
#include "sheaf/train/updater.h"

namespace sheaf::examples {

struct ParserOptions {
  std::uint32_t hidden = 64;
  std::uint32_t words = 1;  // rows of the embedding table
  std::uint64_t seed = 1;
  std::uint32_t alive = 64;  // sentences that are parsed at a time
  double rate = 0.002;       // of Adam
};

class TransitionParser {
 public:
  explicit TransitionParser(const ParserOptions& options);

  struct Loss {
    double sum = 0;             // of -log p of the right action
    std::uint64_t actions = 0;  // that there was a choice for
  };
  // One update on trees, taught the actions of the oracle; trees that it has none for are skipped.
  Loss train(std::span<const nn::Instance> trees);

  // The heads of every sentence, whose own are not looked at.
  [[nodiscard]] std::vector<std::vector<std::uint32_t>> parse(
      std::span<const nn::Instance> sentences);

  // Of the last parse().
  [[nodiscard]] const engine::GrowingReport& report() const { return report_; }

 private:
  // Ports 0 and 1: what was read from the left up to a word, and from the right.
  struct Word {
    graph::Operand from_left;
    graph::Operand from_right;
  };
  struct Encoded {
    std::vector<Word> words;
    Word nothing;
    Word root;
  };

  void add_types(const ParserOptions& options);
  [[nodiscard]] Encoded encode(std::span<const std::uint32_t> words, graph::Graph& graph) const;
  [[nodiscard]] graph::Operand add_scores(const ArcStandard& state, const Encoded& encoded,
                                          graph::Graph& graph) const;
  void append_losses(const nn::DependencyTree& tree, std::span<const Action> actions);
  engine::Growth parse_one(engine::Growing& growing, const nn::DependencyTree& sentence,
                           std::vector<std::uint32_t>& heads) const;

  graph::Network network_;
  graph::TypeId from_left_{}, from_right_{}, special_{}, scores_{}, loss_{};
  std::optional<autodiff::Differentiation> differentiation_;
  std::unique_ptr<engine::Session> session_;
  std::optional<engine::GradientSums> sums_;
  std::optional<train::Updater> updater_;
  std::optional<engine::Growing> growing_;
  graph::Graph graph_{network_};
  graph::Gradients gradients_;
  std::vector<graph::NodeId> losses_;
  std::uint64_t updates_ = 0;
  engine::GrowingReport report_;
};

// The share of words whose head is right.
[[nodiscard]] double attachment_score(std::span<const nn::Instance> gold,
                                      std::span<const std::vector<std::uint32_t>> heads);

}  // namespace sheaf::examples
