// SPDX-License-Identifier: Apache-2.0
#include "sheaf/passes/quantise.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/passes/copy_network.h"

namespace sheaf::passes {
namespace {

using graph::BatchType;
using graph::Cell;
using graph::CellBuilder;
using graph::CellOp;
using graph::ParameterId;
using graph::SlotId;
using graph::Value;
using graph::ValueId;
using ops::OpKind;

// An op whose weights may become integers.
bool is_product(const CellOp& op) {
  return (op.kind == OpKind::affine && op.columns.empty()) || op.kind == OpKind::conv2d;
}

std::span<const SlotId> weights_of(const CellOp& op) {
  return std::span(op.slots).first(op.operands.size());
}

// The slots of a type whose parameters are named.
std::vector<bool> named_slots(const BatchType& type, const std::set<ParameterId>& named) {
  std::vector<bool> slots;
  for (const ParameterId id : type.binding) slots.push_back(named.contains(id));
  return slots;
}

bool is_named(const CellOp& op, const std::vector<bool>& slots) {
  return is_product(op) && slots[op.slots[0]];
}

std::set<ParameterId> ids_of(const graph::Network& network, std::span<const std::string> weights) {
  std::set<ParameterId> ids;
  for (const std::string& name : weights) ids.insert(network.parameters().find(name));
  return ids;
}

// The values that named products of a cell read, in the order of the ops.
std::vector<ValueId> read_values(const Cell& cell, const std::vector<bool>& slots) {
  std::vector<ValueId> values;
  for (const CellOp& op : cell.ops()) {
    if (!is_named(op, slots)) continue;
    for (const ValueId operand : op.operands) {
      if (std::find(values.begin(), values.end(), operand) == values.end()) {
        values.push_back(operand);
      }
    }
  }
  return values;
}

// A cell with integer products for those that are named.
class QuantisedCell {
 public:
  QuantisedCell(const Cell& cell, const std::vector<bool>& slots, tensor::Bits bits)
      : cell_(cell), slots_(slots), bits_(bits), builder_(cell.name()) {
    for (const ValueId v : read_values(cell, slots)) name_scale(v);
    for (ValueId v = 0; v < cell.ops().size(); ++v) values_.push_back(value(v));
    for (const ValueId output : cell.outputs()) builder_.output(values_[output]);
  }

  [[nodiscard]] Cell build() { return builder_.build(); }
  // Slots of the scales of what products read, in the order of read_values().
  [[nodiscard]] const std::vector<std::string>& input_scales() const { return input_scales_; }

 private:
  // The first weight that multiplies it names it; a second value of the same weight is numbered.
  void name_scale(ValueId v) {
    std::string name;
    for (const CellOp& op : cell_.ops()) {
      for (std::size_t i = 0; is_named(op, slots_) && name.empty() && i < op.operands.size(); ++i) {
        if (op.operands[i] == v) name = cell_.slots()[op.slots[i]].name + ".input_scale";
      }
    }
    std::string unique = name;
    const auto taken = [&] {
      return std::find(input_scales_.begin(), input_scales_.end(), unique) != input_scales_.end();
    };
    for (int n = 2; taken(); ++n) unique = name + std::to_string(n);
    scale_of_[v] = unique;
    input_scales_.push_back(unique);
  }

  Value value(ValueId v) {
    const CellOp& op = cell_.ops()[v];
    if (is_named(op, slots_)) return product(op);
    std::vector<Value> operands;
    for (const ValueId operand : op.operands) operands.push_back(values_[operand]);
    return builder_.repeat(cell_, v, operands);
  }

  Value product(const CellOp& op) {
    const auto name = [&](SlotId slot) { return cell_.slots()[slot].name; };
    std::vector<CellBuilder::QuantisedTerm> terms;
    for (std::size_t i = 0; i < op.operands.size(); ++i) {
      const std::string weight = name(op.slots[i]);
      terms.push_back({weight, weight + ".scale", quantised(op.operands[i])});
    }
    const std::string bias = op.slots.size() > op.operands.size() ? name(op.slots.back()) : "";
    if (op.kind == OpKind::affine) {
      return builder_.quantised_affine(op.width, terms, bits_.weight, bias);
    }
    return builder_.quantised_conv2d(terms[0], op.width, op.window, bits_.weight, bias);
  }

  Value quantised(ValueId v) {
    const auto it = quantised_.find(v);
    if (it != quantised_.end()) return it->second;
    const Value q = builder_.quantise(values_[v], bits_.input, scale_of_.at(v));
    quantised_.emplace(v, q);
    return q;
  }

  const Cell& cell_;
  const std::vector<bool>& slots_;
  tensor::Bits bits_;
  CellBuilder builder_;
  std::vector<Value> values_;
  std::map<ValueId, std::string> scale_of_;
  std::vector<std::string> input_scales_;
  std::map<ValueId, Value> quantised_;
};

void require_whole(const graph::Network& network, const BatchType& type,
                   const std::vector<bool>& slots) {
  for (const CellOp& op : type.cell->ops()) {
    if (!is_product(op)) continue;
    for (const SlotId slot : weights_of(op)) {
      if (slots[slot] == slots[op.slots[0]]) continue;
      throw base::UsageError({.place = "quantise",
                              .what = "weights of one product of type " + type.name,
                              .got = network.parameters()[type.binding[slot]].name + " and " +
                                     network.parameters()[type.binding[op.slots[0]]].name +
                                     ", one of them named",
                              .expected = "all or none"});
    }
  }
}

// Gives every type its cell of integers; returns by type the parameters of what its products read.
std::vector<std::vector<ParameterId>> replace_cells(graph::Network& network, tensor::Bits bits,
                                                    const std::set<ParameterId>& named) {
  struct Replaced {
    std::shared_ptr<const Cell> cell;
    std::vector<std::string> input_scales;
  };
  // Types that share a cell go on sharing one.
  std::map<std::pair<const Cell*, std::vector<bool>>, Replaced> cells;
  std::vector<std::vector<ParameterId>> scales(network.type_count());
  for (graph::TypeId t = 0; t < network.type_count(); ++t) {
    const BatchType type = network.type(t);
    const std::vector<bool> slots = named_slots(type, named);
    require_whole(network, type, slots);
    if (read_values(*type.cell, slots).empty()) continue;
    Replaced& replaced = cells[{type.cell.get(), slots}];
    if (!replaced.cell) {
      QuantisedCell cell(*type.cell, slots, bits);
      replaced = {std::make_shared<const Cell>(cell.build()), cell.input_scales()};
    }
    std::map<std::string, std::string> bound;
    for (std::size_t s = 0; s < slots.size(); ++s) {
      if (!slots[s]) continue;
      bound[type.cell->slots()[s].name + ".scale"] =
          network.parameters()[type.binding[s]].name + ".scale";
    }
    network.replace_cell(t, replaced.cell, bound);
    for (const std::string& slot : replaced.input_scales) {
      scales[t].push_back(network.parameters().find(type.name + "." + slot));
    }
  }
  return scales;
}

void quantise_weight(graph::ParameterStore& parameters, ParameterId id, tensor::Bits bits) {
  const graph::Parameter& parameter = parameters[id];
  if (parameter.value.shape() != parameter.stored_shape()) {
    throw base::UsageError(
        {.place = "quantise", .what = "parameter " + parameter.name, .got = "no value"});
  }
  auto rows = tensor::quantise_rows(parameter.value, parameter.encoding, bits.weight);
  const std::int64_t sum = tensor::largest_sum(rows.integers, bits.input);
  if (sum > tensor::kMostSum) {
    throw base::UsageError(
        {.place = "quantise",
         .what = "sums of products of " + parameter.name + " in " + to_string(bits) + " bits",
         .got = "up to " + std::to_string(sum),
         .expected = "at most " + std::to_string(tensor::kMostSum),
         .hint = "use fewer bits, or keep it in floats"});
  }
  const ParameterId scale = parameters.find(parameter.name + ".scale");
  parameters.assign(id, std::move(rows.integers));
  parameters.assign(scale, std::move(rows.scales));
}

}  // namespace

std::vector<std::string> quantisable_weights(const graph::Network& network) {
  const graph::ParameterStore& parameters = network.parameters();
  std::vector<bool> weight(parameters.size(), false);
  std::vector<bool> other(parameters.size(), false);
  for (graph::TypeId t = 0; t < network.type_count(); ++t) {
    const BatchType& type = network.type(t);
    for (const CellOp& op : type.cell->ops()) {
      for (std::size_t i = 0; i < op.slots.size(); ++i) {
        const bool is_weight = is_product(op) && i < op.operands.size();
        (is_weight ? weight : other)[type.binding[op.slots[i]]] = true;
      }
    }
  }
  std::vector<std::string> names;
  for (ParameterId id = 0; id < parameters.size(); ++id) {
    if (weight[id] && !other[id]) names.push_back(parameters[id].name);
  }
  return whole_products(network, std::move(names));
}

std::vector<std::string> whole_products(const graph::Network& network,
                                        std::vector<std::string> weights) {
  std::set<ParameterId> named = ids_of(network, weights);
  for (bool again = true; again;) {
    again = false;
    for (graph::TypeId t = 0; t < network.type_count(); ++t) {
      const BatchType& type = network.type(t);
      for (const CellOp& op : type.cell->ops()) {
        if (!is_product(op)) continue;
        const auto is = [&](SlotId slot) { return named.contains(type.binding[slot]); };
        const auto slots = weights_of(op);
        if (std::all_of(slots.begin(), slots.end(), is)) continue;
        for (const SlotId slot : slots) again |= named.erase(type.binding[slot]) > 0;
      }
    }
  }
  std::erase_if(weights, [&](const std::string& name) {
    return !named.contains(network.parameters().find(name));
  });
  return weights;
}

std::vector<ProductInput> product_inputs(const graph::Network& network,
                                         std::span<const std::string> weights) {
  const std::set<ParameterId> named = ids_of(network, weights);
  std::vector<ProductInput> inputs;
  for (graph::TypeId t = 0; t < network.type_count(); ++t) {
    const BatchType& type = network.type(t);
    const std::vector<bool> slots = named_slots(type, named);
    auto port = static_cast<std::uint32_t>(type.cell->outputs().size());
    for (const ValueId v : read_values(*type.cell, slots)) {
      ProductInput input{t, v, port++, {}};
      for (const CellOp& op : type.cell->ops()) {
        for (std::size_t i = 0; is_named(op, slots) && i < op.operands.size(); ++i) {
          if (op.operands[i] != v) continue;
          input.weights.push_back(network.parameters()[type.binding[op.slots[i]]].name);
        }
      }
      inputs.push_back(std::move(input));
    }
  }
  return inputs;
}

ObservedNetwork observe_product_inputs(const graph::Network& network,
                                       std::span<const std::string> weights) {
  ObservedNetwork observed{copy_network(network), product_inputs(network, weights)};
  std::map<graph::TypeId, std::vector<ValueId>> values;
  for (const ProductInput& input : observed.inputs) values[input.type].push_back(input.value);
  for (const auto& [type, of_type] : values) {
    const Cell& cell = *network.type(type).cell;
    observed.network.replace_cell(type, std::make_shared<const Cell>(cell.with_outputs(of_type)));
  }
  return observed;
}

graph::Network quantise(graph::Network network, tensor::Bits bits,
                        std::span<const std::string> weights, std::span<const float> bounds) {
  const std::set<ParameterId> named = ids_of(network, weights);
  const auto scales = replace_cells(network, bits, named);
  for (const ParameterId id : named) quantise_weight(network.parameters(), id, bits);
  std::size_t input = 0;
  for (const auto& of_type : scales) {
    for (const ParameterId id : of_type) {
      base::check(input < bounds.size(), "quantise", "not a bound for every input of a product");
      tensor::Tensor scale({1, 1});
      scale.values()[0] = tensor::scale_of(bounds[input++], bits.input);
      network.parameters().assign(id, std::move(scale));
    }
  }
  return network;
}

graph::Network quantised_form(graph::Network network, tensor::Bits bits,
                              std::span<const std::string> weights) {
  static_cast<void>(replace_cells(network, bits, ids_of(network, weights)));
  return network;
}

}  // namespace sheaf::passes
