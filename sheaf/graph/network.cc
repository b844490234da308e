// SPDX-License-Identifier: Apache-2.0
#include "sheaf/graph/network.h"

#include <algorithm>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::graph {

void Network::require_new_name(const std::string& name) const {
  for (const BatchType& type : types_) {
    if (type.name != name) continue;
    throw base::UsageError({.place = "type " + name, .what = "there is a type of this name"});
  }
}

void Network::require_slots(const Cell& cell, const std::map<std::string, std::string>& shared) {
  std::vector<std::string> slots;
  for (const ParameterSlot& slot : cell.slots()) slots.push_back(slot.name);
  for (const auto& [slot, parameter] : shared) {
    if (std::find(slots.begin(), slots.end(), slot) != slots.end()) continue;
    throw base::UsageError({.place = "cell " + cell.name(),
                            .what = "no slot to bind to " + parameter,
                            .got = "'" + slot + "'",
                            .hint = base::suggest(slot, slots)});
  }
}

TypeId Network::add_type(const std::string& name, std::shared_ptr<const Cell> cell,
                         const std::map<std::string, std::string>& shared) {
  require_new_name(name);
  require_slots(*cell, shared);
  Binding binding = bind(name, *cell, shared);
  types_.push_back({name, std::move(cell), std::move(binding)});
  return static_cast<TypeId>(types_.size() - 1);
}

Binding Network::bind(const std::string& name, const Cell& cell,
                      const std::map<std::string, std::string>& shared) {
  Binding binding;
  for (const ParameterSlot& slot : cell.slots()) {
    const auto it = shared.find(slot.name);
    const std::string parameter = it == shared.end() ? name + "." + slot.name : it->second;
    if (slot.shape.rows != 0) {
      binding.push_back(parameters_.declare(parameter, slot.shape));
      continue;
    }
    const ParameterId table = parameters_.find(parameter);
    if (parameters_[table].shape.cols != slot.shape.cols) {
      throw base::UsageError({.place = "parameter " + parameter,
                              .what = "columns of a table",
                              .got = std::to_string(parameters_[table].shape.cols),
                              .expected = std::to_string(slot.shape.cols)});
    }
    binding.push_back(table);
  }
  return binding;
}

std::vector<tensor::Encoding> Network::encodings(TypeId id) const {
  std::vector<tensor::Encoding> encodings;
  for (const ParameterId p : types_[id].binding) encodings.push_back(parameters_[p].encoding);
  return encodings;
}

std::uint64_t Network::encoded_flops(TypeId id) const {
  const BatchType& type = types_[id];
  std::uint64_t flops = type.cell->flops();
  for (const CellOp& op : type.cell->ops()) {
    if (op.kind != ops::OpKind::affine && op.kind != ops::OpKind::quantised_affine) continue;
    for (std::size_t i = 0; i < op.operands.size(); ++i) {
      const Parameter& weight = parameters_[type.binding[op.slots[i]]];
      flops -= op.rows * tensor::product_flops(tensor::kDense, weight.shape);
      flops += op.rows * tensor::product_flops(weight.encoding, weight.shape);
    }
  }
  return flops;
}

void Network::replace_cell(TypeId id, std::shared_ptr<const Cell> cell,
                           const std::map<std::string, std::string>& shared) {
  const Cell& before = *types_[id].cell;
  std::map<std::string, std::string> bound = shared;
  for (std::size_t s = 0; s < before.slots().size(); ++s) {
    bound[before.slots()[s].name] = parameters_[types_[id].binding[s]].name;
  }
  bool same = cell->inputs().size() == before.inputs().size() &&
              cell->outputs().size() >= before.outputs().size();
  for (std::size_t port = 0; same && port < before.outputs().size(); ++port) {
    same = cell->output_width(port) == before.output_width(port) &&
           cell->output_rows(port) == before.output_rows(port);
  }
  base::check(same, "network", "a cell is replaced by one of other inputs or outputs");
  types_[id].binding = bind(types_[id].name, *cell, bound);
  types_[id].cell = std::move(cell);
}

std::vector<std::string> Network::type_names() const {
  std::vector<std::string> names;
  for (const BatchType& type : types_) names.push_back(type.name);
  return names;
}

}  // namespace sheaf::graph
