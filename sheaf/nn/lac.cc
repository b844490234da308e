// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/lac.h"

#include <algorithm>
#include <vector>

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::NodeId;
using graph::Operand;
using graph::Value;

// The state is a repeated input with no operand at the first character, that is 0, and one at every
// other.
Cell finish_gru(CellBuilder& cell, Value x) {
  const auto h = cell.repeated_input("h", Lac::kHidden);
  const auto u = sigmoid(cell.affine(Lac::kHidden, {{"W_u", x}, {"U_u", h}}, "b_u"));
  const auto r = sigmoid(cell.affine(Lac::kHidden, {{"W_r", x}, {"U_r", h}}, "b_r"));
  const auto c = tanh(cell.affine(Lac::kHidden, {{"W_c", x}, {"U_c", r * h}}, "b_c"));
  return cell.output(one_minus(u) * h + u * c).build();
}

Cell gru1_cell() {
  CellBuilder cell("lac_gru1");
  return finish_gru(cell, cell.lookup(kEmbedding, Lac::kHidden));
}

Cell gru2_cell() {
  CellBuilder cell("lac_gru2");
  const auto forward = cell.input("forward", Lac::kHidden);
  const auto backward = cell.input("backward", Lac::kHidden);
  return finish_gru(cell, concat(forward, backward));
}

Cell emission_cell(std::uint32_t tags) {
  CellBuilder cell("lac_emission");
  const auto forward = cell.input("forward", Lac::kHidden);
  const auto backward = cell.input("backward", Lac::kHidden);
  return cell.output(cell.affine(tags, {{"W", concat(forward, backward)}}, "b")).build();
}

Cell crf_first_cell() {
  CellBuilder cell("lac_crf_first");
  const auto scores = cell.input("emissions", Lac::kTags) + cell.parameter("start", Lac::kTags);
  return cell.output(concat(scores, cell.constant(0, Lac::kTags))).build();
}

Cell crf_step_cell() {
  CellBuilder cell("lac_crf_step");
  const auto previous = cell.input("previous", 2 * Lac::kTags);
  const auto emissions = cell.input("emissions", Lac::kTags);
  return cell.output(cell.viterbi_step(previous, emissions, "transitions")).build();
}

}  // namespace

Lac::Lac(const ModelOptions& options) : decodes_(!options.crf) {
  network_.parameters().declare(kEmbedding, {options.vocabulary, kHidden});
  const auto gru1 = std::make_shared<Cell>(gru1_cell());
  const auto gru2 = std::make_shared<Cell>(gru2_cell());
  forward1_ = network_.add_type("forward1", gru1, {{kEmbedding, kEmbedding}});
  backward1_ = network_.add_type("backward1", gru1, {{kEmbedding, kEmbedding}});
  forward2_ = network_.add_type("forward2", gru2);
  backward2_ = network_.add_type("backward2", gru2);
  const std::uint32_t tags = decodes_ ? kTags : options.classes;
  emission_ = network_.add_type("emission", std::make_shared<Cell>(emission_cell(tags)));
  if (!decodes_) return;
  crf_first_ = network_.add_type("crf_first", std::make_shared<Cell>(crf_first_cell()),
                                 {{"start", "crf.start"}});
  crf_step_ = network_.add_type("crf_step", std::make_shared<Cell>(crf_step_cell()),
                                {{"transitions", "crf.transitions"}});
  stop_ = network_.parameters().declare("crf.stop", {1, kTags});
}

void Lac::append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const {
  const Sentence& sentence = require<Sentence>(instance, name());
  graph.begin_instance(index);
  const auto n = static_cast<std::uint32_t>(sentence.ids.size());
  if (n == 0) return;

  // Layer 1: calls first + i going forward, first + 2 n - 1 - i going backward, for character i;
  // layer 2 alike.
  const NodeId first1 = graph.size();
  const auto forward_of = [](NodeId first, std::uint32_t i) { return Operand{first + i}; };
  const auto backward_of = [n](NodeId first, std::uint32_t i) {
    return Operand{first + 2 * n - 1 - i};
  };
  for (std::uint32_t i = 0; i < n; ++i) {
    const Operand before = {graph.size() - 1};
    graph.add(forward1_, std::span(&before, i == 0 ? 0 : 1), sentence.ids[i]);
  }
  for (std::uint32_t i = 0; i < n; ++i) {
    const Operand after = {graph.size() - 1};
    graph.add(backward1_, std::span(&after, i == 0 ? 0 : 1), sentence.ids[n - 1 - i]);
  }
  const NodeId first2 = graph.size();
  for (std::uint32_t i = 0; i < 2 * n; ++i) {
    const std::uint32_t at = i < n ? i : 2 * n - 1 - i;
    const Operand operands[] = {
        forward_of(first1, at), backward_of(first1, at), {graph.size() - 1}};
    const bool begins = i == 0 || i == n;
    graph.add(i < n ? forward2_ : backward2_, std::span(operands, begins ? 2 : 3));
  }
  Operand scores{};
  for (std::uint32_t i = 0; i < n; ++i) {
    const Operand emission = {
        graph.add(emission_, {forward_of(first2, i), backward_of(first2, i)})};
    graph.mark_output(emission);
    if (!decodes_) continue;
    scores = {i == 0 ? graph.add(crf_first_, {emission})
                     : graph.add(crf_step_, {scores, emission})};
    graph.mark_decoded(scores);
  }
}

std::vector<std::uint32_t> Lac::decode(std::span<const std::span<const float>> rows) const {
  std::vector<std::uint32_t> tags(rows.size());
  if (rows.empty()) return tags;
  const auto stop = network_.parameters()[stop_].value.values();
  float best = 0;
  std::uint32_t tag = 0;
  for (std::uint32_t t = 0; t < kTags; ++t) {
    const float score = rows.back()[t] + stop[t];
    if (t == 0 || score > best) {
      best = score;
      tag = t;
    }
  }
  for (std::size_t i = rows.size(); i-- > 0;) {
    tags[i] = tag;
    tag = static_cast<std::uint32_t>(rows[i][kTags + tag]);
  }
  return tags;
}

void Lac::targets(const Instance& instance, std::vector<std::uint32_t>& labels) const {
  const Sentence& sentence = require<Sentence>(instance, name());
  append_labels(sentence.labels, sentence.ids.size(), labels);
}

}  // namespace sheaf::nn
