// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/crf.h"

#include <map>
#include <memory>

#include "sheaf/base/error.h"

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::Operand;
using graph::TypeId;
using graph::Value;

// log sum exp over each row. Of its first column, log-softmax is a_0 minus that.
Value log_sum_exp(Value a) { return slice(a, 0, 1) - slice(log_softmax(a), 0, 1); }

Value reshape(Value a, std::uint32_t rows, std::uint32_t width) {
  return CellBuilder::apply(ops::OpKind::reshape, {a}, {.width = width, .rows = rows});
}

Cell first_cell(std::uint32_t tags) {
  CellBuilder cell("crf_first");
  const Value emission = cell.input("emission", tags);
  return cell.output(emission + cell.parameter("start", tags)).build();
}

// alpha'_j = emission_j + log sum_i exp(alpha_i + transitions_ji).
Cell step_cell(std::uint32_t tags) {
  CellBuilder cell("crf_step");
  const Value alpha = cell.input("alpha", tags);
  const Value emission = cell.input("emission", tags);
  const Value transitions = reshape(cell.parameter("transitions", tags * tags), tags, tags);
  const Value sums = log_sum_exp(add_row(transitions, alpha));
  return cell.output(emission + reshape(sums, 1, tags)).build();
}

Cell log_partition_cell(std::uint32_t tags) {
  CellBuilder cell("crf_log_partition");
  const Value alpha = cell.input("alpha", tags);
  return cell.output(log_sum_exp(alpha + cell.parameter("stop", tags))).build();
}

// Minus number `payload` of what is read.
Cell gold_emission_cell(std::uint32_t tags) {
  CellBuilder cell("crf_gold_emission");
  return cell.output(scale(pick(cell.input("emission", tags)), -1)).build();
}
Cell gold_parameter_cell(const std::string& slot, std::uint32_t width) {
  CellBuilder cell("crf_gold_" + slot);
  return cell.output(scale(pick(cell.parameter(slot, width)), -1)).build();
}

}  // namespace

CrfLoss::CrfLoss(graph::Network& network, const std::string& name, std::uint32_t tags)
    : tags_(tags) {
  const auto add = [&](const char* type, Cell cell) {
    std::map<std::string, std::string> parameters;
    for (const graph::ParameterSlot& slot : cell.slots()) {
      parameters[slot.name] = name + "." + slot.name;
    }
    return network.add_type(name + "." + type, std::make_shared<const Cell>(std::move(cell)),
                            parameters);
  };
  first_ = add("first", first_cell(tags));
  step_ = add("step", step_cell(tags));
  log_partition_ = add("log_partition", log_partition_cell(tags));
  gold_start_ = add("gold_start", gold_parameter_cell("start", tags));
  gold_emission_ = add("gold_emission", gold_emission_cell(tags));
  gold_transition_ = add("gold_transition", gold_parameter_cell("transitions", tags * tags));
  gold_stop_ = add("gold_stop", gold_parameter_cell("stop", tags));
}

void declare_crf(graph::ParameterStore& parameters, const std::string& name, std::uint32_t tags) {
  parameters.declare(name + ".start", {1, tags});
  parameters.declare(name + ".transitions", {1, tags * tags});
  parameters.declare(name + ".stop", {1, tags});
}

TagChain crf_chain(const graph::ParameterStore& parameters, const std::string& name) {
  const auto values = [&](const char* of) {
    return parameters[parameters.find(name + of)].value.values();
  };
  const auto start = values(".start");
  TagChain chain(static_cast<std::uint32_t>(start.size()));
  const auto fill = [](std::span<const float> from, std::vector<TagChain::Link>& to) {
    base::check(from.size() == to.size(), "crf", "parameters of another shape");
    for (std::size_t i = 0; i < to.size(); ++i) to[i].score = double{from[i]};
  };
  fill(start, chain.start);
  fill(values(".transitions"), chain.transitions);
  fill(values(".stop"), chain.stop);
  return chain;
}

std::vector<TypeId> CrfLoss::losses() const {
  return {log_partition_, gold_start_, gold_emission_, gold_transition_, gold_stop_};
}

void CrfLoss::append(graph::Graph& graph, std::span<const Operand> emissions,
                     std::span<const std::uint32_t> tags) const {
  if (emissions.empty() || emissions.size() != tags.size()) {
    throw base::UsageError(
        {.place = "crf",
         .what = "gold tags",
         .got = std::to_string(tags.size()),
         .expected = std::to_string(emissions.size()) + ", one per position, and at least one"});
  }
  Operand alpha{};
  for (std::size_t t = 0; t < emissions.size(); ++t) {
    alpha = {t == 0 ? graph.add(first_, {emissions[0]}) : graph.add(step_, {alpha, emissions[t]})};
    graph.add(gold_emission_, {emissions[t]}, tags[t]);
    if (t > 0) graph.add(gold_transition_, {}, tags[t] * tags_ + tags[t - 1]);
  }
  graph.add(gold_start_, {}, tags.front());
  graph.add(gold_stop_, {}, tags.back());
  graph.add(log_partition_, {alpha});
}

}  // namespace sheaf::nn
