// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/lstm_nmt.h"

#include <utility>

#include "sheaf/nn/cells.h"

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::NodeId;
using graph::Operand;

constexpr const char* kTable = "table";

Cell step_cell(std::uint32_t hidden) {
  CellBuilder cell("nmt_step");
  const auto e = cell.lookup(kTable, hidden);
  const auto h = cell.repeated_input("h", hidden);
  const auto c = cell.repeated_input("c", hidden);
  const auto x = tanh(cell.affine(hidden, {{"E", e}}, "b"));
  const auto [h_new, c_new] = lstm_step(cell, x, {h, c});
  return cell.output(h_new).output(c_new).build();
}

}  // namespace

LstmNmt::LstmNmt(const ModelOptions& options) {
  const std::uint32_t hidden = options.hidden;
  const std::uint32_t classes = classes_of(options);
  network_.parameters().declare(kEmbedding, {options.vocabulary, hidden});
  network_.parameters().declare(kTargetEmbedding, {classes, hidden});
  const auto step = std::make_shared<Cell>(step_cell(hidden));
  encoder_ = network_.add_type("encoder", step, {{kTable, kEmbedding}});
  decoder_ = network_.add_type("decoder", step, {{kTable, kTargetEmbedding}});
  head_ = network_.add_type("head", classifier("nmt_head", hidden, classes));
}

void LstmNmt::append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const {
  const SentencePair& pair = require<SentencePair>(instance, name());
  graph.begin_instance(index);
  Operand state[2];
  std::size_t operands = 0;  // the first step has no state
  const auto add_step = [&](graph::TypeId type, std::uint32_t word) {
    const NodeId step = graph.add(type, std::span(state, operands), word);
    state[0] = {step, 0};
    state[1] = {step, 1};
    operands = 2;
  };
  for (const std::uint32_t word : pair.source) add_step(encoder_, word);
  std::uint32_t before = kBegin;
  for (const std::uint32_t word : pair.target) {
    add_step(decoder_, std::exchange(before, word));
    graph.mark_output({graph.add(head_, {state[0]})});
  }
}

void LstmNmt::targets(const Instance& instance, std::vector<std::uint32_t>& labels) const {
  const SentencePair& pair = require<SentencePair>(instance, name());
  append_labels(pair.target, pair.target.size(), labels);
}

}  // namespace sheaf::nn
