// SPDX-License-Identifier: Apache-2.0
#include "examples/transition_parser.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sheaf/nn/losses.h"
#include "sheaf/nn/lstm_stack.h"
#include "sheaf/nn/model.h"

namespace sheaf::examples {
namespace {

using graph::CellBuilder;
using graph::NodeId;
using graph::Operand;

constexpr const char* kTable = "table";
constexpr std::uint32_t kNothing = 0;  // rows of the table of what is no word
constexpr std::uint32_t kRootRow = 1;

std::shared_ptr<const graph::Cell> shared(CellBuilder& cell) {
  return std::make_shared<const graph::Cell>(cell.build());
}

// What stands for a word where there is none: a row of a table, in two halves.
std::shared_ptr<const graph::Cell> special_cell(std::uint32_t hidden) {
  CellBuilder cell("special");
  const auto row = cell.lookup(kTable, 2 * hidden);
  cell.output(slice(row, 0, hidden)).output(slice(row, hidden, hidden));
  return shared(cell);
}

// Log-probabilities of the actions, from the three topmost of the stack and the next of the buffer.
std::shared_ptr<const graph::Cell> scores_cell(std::uint32_t hidden) {
  CellBuilder cell("scores");
  const auto l2 = cell.input("l2", hidden), r2 = cell.input("r2", hidden);
  const auto l1 = cell.input("l1", hidden), r1 = cell.input("r1", hidden);
  const auto l0 = cell.input("l0", hidden), r0 = cell.input("r0", hidden);
  const auto lb = cell.input("lb", hidden), rb = cell.input("rb", hidden);
  const auto h = tanh(cell.affine(hidden,
                                  {{"L2", l2},
                                   {"R2", r2},
                                   {"L1", l1},
                                   {"R1", r1},
                                   {"L0", l0},
                                   {"R0", r0},
                                   {"LB", lb},
                                   {"RB", rb}},
                                  "b"));
  cell.output(log_softmax(cell.affine(kActions, {{"V", h}}, "c")));
  return shared(cell);
}

Action best_of(std::span<const float> scores, const ArcStandard& state) {
  Action best = Action::shift;
  float most = -std::numeric_limits<float>::infinity();
  for (const Action action : {Action::shift, Action::left, Action::right}) {
    const float score = scores[static_cast<std::size_t>(action)];
    if (!state.may(action) || score <= most) continue;
    best = action;
    most = score;
  }
  return best;
}

}  // namespace

TransitionParser::TransitionParser(const ParserOptions& options) {
  add_types(options);
  differentiation_.emplace(network_, std::span(&loss_, 1));
  nn::initialise(network_.parameters(), options.seed, nn::Vocabulary{});
  session_ = engine::compile(network_);
  sums_.emplace(network_, *differentiation_, *session_);
  updater_.emplace(train::UpdateOptions{.optimiser = {.name = "adam"},
                                        .rate = {.base = options.rate},
                                        .clip_norm = 5,
                                        .frozen = {}},
                   network_.parameters());
  growing_.emplace(network_, engine::GrowingOptions{.most_alive = options.alive});
}

void TransitionParser::add_types(const ParserOptions& options) {
  const std::uint32_t hidden = options.hidden;
  network_.parameters().declare("embedding", {options.words, hidden});
  network_.parameters().declare("special", {2, 2 * hidden});
  const auto reader = nn::lookup_lstm_cell("reader", kTable, hidden);
  from_left_ = network_.add_type("from_left", reader, {{kTable, "embedding"}});
  from_right_ = network_.add_type("from_right", reader, {{kTable, "embedding"}});
  special_ = network_.add_type("special_words", special_cell(hidden), {{kTable, "special"}});
  scores_ = network_.add_type("scores", scores_cell(hidden));
  loss_ = network_.add_type("loss", nn::cross_entropy(kActions));
}

TransitionParser::Encoded TransitionParser::encode(std::span<const std::uint32_t> words,
                                                   graph::Graph& graph) const {
  const auto add_special = [&](std::uint32_t row) {
    const NodeId node = graph.add(special_, {}, row);
    return Word{{node, 0}, {node, 1}};
  };
  const auto add_step = [&](graph::TypeId type, Operand before, bool first, std::uint32_t word) {
    const std::array<Operand, 2> state = {Operand{before.node, 0}, Operand{before.node, 1}};
    return Operand{graph.add(type, std::span(state).first(first ? 0 : 2), word)};
  };
  Encoded encoded{std::vector<Word>(words.size()), add_special(kNothing), add_special(kRootRow)};
  Operand state{};
  for (std::size_t w = 0; w < words.size(); ++w) {
    encoded.words[w].from_left = state = add_step(from_left_, state, w == 0, words[w]);
  }
  for (std::size_t w = words.size(); w-- > 0;) {
    const bool first = w + 1 == words.size();
    encoded.words[w].from_right = state = add_step(from_right_, state, first, words[w]);
  }
  return encoded;
}

Operand TransitionParser::add_scores(const ArcStandard& state, const Encoded& encoded,
                                     graph::Graph& graph) const {
  std::array<Operand, 8> features{};
  std::size_t i = 0;
  for (const auto item : {state.stack(2), state.stack(1), state.stack(0), state.buffer()}) {
    const Word& word = !item                         ? encoded.nothing
                       : *item == ArcStandard::kRoot ? encoded.root
                                                     : encoded.words[*item];
    features[i++] = word.from_left;
    features[i++] = word.from_right;
  }
  return {graph.add(scores_, features)};
}

TransitionParser::Loss TransitionParser::train(std::span<const nn::Instance> trees) {
  graph_.clear();
  session_->begin();
  losses_.clear();
  for (std::uint32_t i = 0; i < trees.size(); ++i) {
    graph_.begin_instance(i);
    const auto& tree = nn::require<nn::DependencyTree>(trees[i], "transition parser");
    if (const auto actions = oracle(tree)) append_losses(tree, *actions);
  }
  if (losses_.empty()) return {};
  differentiation_->append(graph_);
  session_->step(graph_);
  Loss loss{0, losses_.size()};
  for (const NodeId node : losses_) loss.sum += static_cast<double>(session_->read({node})[0]);
  sums_->sum(graph_, {static_cast<std::uint32_t>(trees.size())},
             1.0F / static_cast<float>(loss.actions), gradients_);
  updater_->apply(gradients_, updates_++);
  return loss;
}

void TransitionParser::append_losses(const nn::DependencyTree& tree,
                                     std::span<const Action> actions) {
  const Encoded encoded = encode(tree.words, graph_);
  ArcStandard state(static_cast<std::uint32_t>(tree.words.size()));
  for (const Action action : actions) {
    if (!state.forced()) {
      const Operand scores = add_scores(state, encoded, graph_);
      losses_.push_back(graph_.add(loss_, {scores}, static_cast<std::uint32_t>(action)));
    }
    state.apply(action);
  }
}

std::vector<std::vector<std::uint32_t>> TransitionParser::parse(
    std::span<const nn::Instance> sentences) {
  std::vector<std::vector<std::uint32_t>> heads(sentences.size());
  report_ = growing_->run(static_cast<std::uint32_t>(sentences.size()), [&](std::uint32_t i) {
    const auto& sentence = nn::require<nn::DependencyTree>(sentences[i], "transition parser");
    return parse_one(*growing_, sentence, heads[i]);
  });
  return heads;
}

engine::Growth TransitionParser::parse_one(engine::Growing& growing,
                                           const nn::DependencyTree& sentence,
                                           std::vector<std::uint32_t>& heads) const {
  const Encoded encoded = encode(sentence.words, growing.graph());
  ArcStandard state(static_cast<std::uint32_t>(sentence.words.size()));
  while (!state.done()) {
    if (const auto forced = state.forced()) {
      state.apply(*forced);
      continue;
    }
    const Operand scores = add_scores(state, encoded, growing.graph());
    state.apply(best_of(co_await growing.values(scores), state));
  }
  heads = state.heads();
}

double attachment_score(std::span<const nn::Instance> gold,
                        std::span<const std::vector<std::uint32_t>> heads) {
  std::size_t right = 0;
  std::size_t words = 0;
  for (std::size_t i = 0; i < gold.size(); ++i) {
    const auto& tree = nn::require<nn::DependencyTree>(gold[i], "transition parser");
    for (std::size_t w = 0; w < tree.heads.size(); ++w) {
      right += tree.heads[w] == heads[i][w] ? 1 : 0;
    }
    words += tree.heads.size();
  }
  return words == 0 ? 0 : static_cast<double>(right) / static_cast<double>(words);
}

}  // namespace sheaf::examples
