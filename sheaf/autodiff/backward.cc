// SPDX-License-Identifier: Apache-2.0
#include "sheaf/autodiff/backward.h"

#include <algorithm>
#include <map>
#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::autodiff {

using graph::NodeId;
using graph::Operand;
using graph::TypeId;

namespace {

constexpr std::uint32_t kEnd = ~0U;

std::shared_ptr<const graph::Cell> zero_cell(std::uint32_t width, std::uint32_t rows) {
  graph::CellBuilder cell("zero");
  cell.output(cell.constant(0, width, rows));
  return std::make_shared<const graph::Cell>(cell.build());
}

}  // namespace

Differentiation::Differentiation(graph::Network& network, std::span<const TypeId> losses) {
  add_types(network, losses);
  add_zeros(network);
}

void Differentiation::add_types(graph::Network& network, std::span<const TypeId> losses) {
  const auto count = static_cast<TypeId>(network.type_count());
  types_.resize(count);
  reasons_.resize(count);
  is_loss_.assign(count, false);
  for (const TypeId loss : losses) is_loss_[loss] = true;
  // Types that share a cell share its gradient, and so the code of both.
  struct Shared {
    std::shared_ptr<const graph::Cell> forward;
    std::shared_ptr<const graph::Cell> backward;
  };
  std::map<std::pair<const graph::Cell*, bool>, Shared> cells;
  for (TypeId id = 0; id < count; ++id) {
    const graph::BatchType type = network.type(id);
    outputs_.push_back(static_cast<std::uint32_t>(type.cell->outputs().size()));
    std::optional<CellGradient> gradient;
    try {
      gradient = differentiate(*type.cell, is_loss_[id]);
    } catch (const base::UnsupportedError& error) {
      reasons_[id] = error.what();
    }
    if (!gradient) continue;
    Shared& shared = cells[{type.cell.get(), is_loss_[id]}];
    if (!shared.forward) {
      shared.forward = std::make_shared<const graph::Cell>(gradient->forward);
      shared.backward = std::make_shared<const graph::Cell>(gradient->backward);
    }
    std::map<std::string, std::string> names;
    for (const graph::ParameterSlot& slot : shared.backward->slots()) {
      const auto slots = type.cell->slots();
      const auto at = std::find_if(slots.begin(), slots.end(),
                                   [&](const auto& of) { return of.name == slot.name; });
      names[slot.name] = network.parameters()[type.binding[at - slots.begin()]].name;
    }
    network.replace_cell(id, shared.forward);
    const TypeId grad = network.add_type(type.name + ".grad", shared.backward, names);
    types_[id] = TypeGradient{grad, std::move(*gradient)};
  }
}

// Consumers of a node need not give gradients of all of its outputs; repeated inputs are of equal
// numbers all the same.
void Differentiation::add_zeros(graph::Network& network) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> known;
  zero_of_port_.resize(types());
  for (TypeId id = 0; id < types(); ++id) {
    const graph::Cell& cell = *network.type(id).cell;
    for (std::uint32_t port = 0; port < outputs_[id]; ++port) {
      const std::uint32_t width = cell.output_width(port);
      const std::uint32_t rows = cell.output_rows(port);
      const auto [it, fresh] =
          known.try_emplace({width, rows}, static_cast<std::uint32_t>(zeros_.size()));
      zero_of_port_[id].push_back(it->second);
      if (!fresh) continue;
      const std::string name = "zero." + std::to_string(rows) + "x" + std::to_string(width);
      zeros_.push_back(network.add_type(name, zero_cell(width, rows)));
    }
  }
}

void Differentiation::append(graph::Graph& graph) {
  number_outputs(graph);
  terms_.clear();
  gradient_nodes_.assign(graph.size(), kNone);
  zero_nodes_.assign(zeros_.size(), kNone);
  std::uint32_t instance = kNone;
  for (NodeId node = graph.size(); node-- > 0;) {
    const TypeId type = graph.type(node);
    base::check(type < types(), "autodiff", "a node is of no type that was differentiated");
    if (!is_loss_[type] && !has_terms(node, outputs_[type])) continue;
    // What depends on nothing needs no gradient.
    if (!types_[type] && reasons_[type].empty()) continue;
    if (!types_[type]) {
      throw base::UnsupportedError({.place = "type " + graph.network().type(type).name,
                                    .what = "gradient",
                                    .got = reasons_[type],
                                    .expected = "a cell that has one"});
    }
    if (graph.instance(node) != instance) {
      instance = graph.instance(node);
      graph.begin_instance(instance);
      std::fill(zero_nodes_.begin(), zero_nodes_.end(), kNone);
    }
    base::check(!is_loss_[type] || !has_terms(node, outputs_[type]), "autodiff",
                "the output of a loss is read");
    append_gradient(graph, node);
    pass_on(graph, node);
  }
}

void Differentiation::number_outputs(const graph::Graph& graph) {
  first_output_.resize(graph.size());
  std::uint32_t outputs = 0;
  for (NodeId node = 0; node < graph.size(); ++node) {
    first_output_[node] = outputs;
    outputs += outputs_[graph.type(node)];
  }
  first_term_.assign(outputs, kEnd);
}

bool Differentiation::has_terms(NodeId node, std::uint32_t outputs) const {
  const auto first = first_term_.begin() + first_output_[node];
  return std::any_of(first, first + outputs, [](std::uint32_t term) { return term != kEnd; });
}

void Differentiation::append_gradient(graph::Graph& graph, NodeId node) {
  const TypeId type = graph.type(node);
  const TypeGradient& gradient = *types_[type];
  operands_.clear();
  for (const ForwardValue& read : gradient.cell.reads) {
    operands_.push_back(read.kind == ForwardValue::Kind::operand ? graph.operands(node)[read.index]
                                                                 : Operand{node, read.index});
  }
  const std::uint32_t ports = gradient.cell.outputs;
  by_port_.resize(std::max<std::size_t>(by_port_.size(), ports));
  std::size_t most = 0;
  for (std::uint32_t port = 0; port < ports; ++port) {
    by_port_[port].clear();
    for (std::uint32_t t = first_term_[first_output_[node] + port]; t != kEnd; t = terms_[t].next) {
      by_port_[port].push_back(terms_[t].from);
    }
    most = std::max(most, by_port_[port].size());
  }
  for (std::size_t i = 0; i < most; ++i) {
    for (std::uint32_t port = 0; port < ports; ++port) {
      const auto& terms = by_port_[port];
      operands_.push_back(i < terms.size() ? terms[i] : zero(graph, type, port));
    }
  }
  gradient_nodes_[node] = graph.add(gradient.type, operands_, graph.payload(node));
}

Operand Differentiation::zero(graph::Graph& graph, TypeId type, std::uint32_t port) {
  const std::uint32_t index = zero_of_port_[type][port];
  if (zero_nodes_[index] == kNone) {
    zero_nodes_[index] = graph.add(zeros_[index], std::span<const Operand>{});
  }
  return {zero_nodes_[index]};
}

void Differentiation::pass_on(const graph::Graph& graph, NodeId node) {
  const CellGradient& cell = types_[graph.type(node)]->cell;
  const auto inputs = static_cast<std::uint32_t>(cell.input_ports.size());
  const std::uint32_t fixed = cell.forward.fixed_inputs();
  std::uint32_t input = 0;
  for (const Operand& operand : graph.operands(node)) {
    const std::uint32_t port = cell.input_ports[input];
    input = input + 1 == inputs ? fixed : input + 1;
    if (port == CellGradient::kNone) continue;
    std::uint32_t& first = first_term_[first_output_[operand.node] + operand.port];
    terms_.push_back({{gradient_nodes_[node], port}, first});
    first = static_cast<std::uint32_t>(terms_.size() - 1);
  }
}

}  // namespace sheaf::autodiff
