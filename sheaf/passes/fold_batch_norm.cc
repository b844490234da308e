// SPDX-License-Identifier: Apache-2.0
#include "sheaf/passes/fold_batch_norm.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/passes/copy_network.h"

namespace sheaf::passes {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::CellOp;
using graph::Value;
using graph::ValueId;
using ops::OpKind;
using DoubleRow = std::vector<double>;

// Values of a cell that depend on parameters and constants only.
class ConstantRows {
 public:
  ConstantRows(const Cell& cell, const graph::Binding& binding,
               const graph::ParameterStore& parameters)
      : cell_(cell), binding_(binding), parameters_(parameters) {}

  // Nothing where the value depends on anything else, or on an op that is not known here.
  [[nodiscard]] std::optional<DoubleRow> of(ValueId v) const {
    const CellOp& op = cell_.ops()[v];
    if (op.rows != 1) return std::nullopt;
    if (op.kind == OpKind::constant) return DoubleRow(op.width, static_cast<double>(op.scalar));
    if (op.kind == OpKind::parameter) return parameter(op.slots[0]);
    std::vector<DoubleRow> operands;
    for (const ValueId operand : op.operands) {
      std::optional<DoubleRow> row = of(operand);
      if (!row) return std::nullopt;
      operands.push_back(std::move(*row));
    }
    return elementwise(op, operands);
  }

  [[nodiscard]] const tensor::Tensor& value(graph::SlotId slot) const {
    const graph::Parameter& parameter = parameters_[binding_[slot]];
    if (parameter.value.shape() != parameter.shape) {
      throw base::UsageError({.place = "parameter " + parameter.name,
                              .what = "folding",
                              .got = "no value, or one that is not dense",
                              .expected = "values"});
    }
    return parameter.value;
  }

 private:
  [[nodiscard]] DoubleRow parameter(graph::SlotId slot) const {
    const auto values = value(slot).values();
    return {values.begin(), values.end()};
  }

  static std::optional<DoubleRow> elementwise(const CellOp& op,
                                              const std::vector<DoubleRow>& operands) {
    DoubleRow result(op.width);
    for (std::size_t j = 0; j < op.width; ++j) {
      const double a = operands.empty() ? 0 : operands[0][j];
      const double b = operands.size() < 2 ? 0 : operands[1][j];
      switch (op.kind) {
        case OpKind::add:
          result[j] = a + b;
          break;
        case OpKind::sub:
          result[j] = a - b;
          break;
        case OpKind::mul:
          result[j] = a * b;
          break;
        case OpKind::scale:
          result[j] = a * static_cast<double>(op.scalar);
          break;
        case OpKind::reciprocal_sqrt:
          result[j] = 1 / std::sqrt(a);
          break;
        default:
          return std::nullopt;
      }
    }
    return result;
  }

  const Cell& cell_;
  const graph::Binding& binding_;
  const graph::ParameterStore& parameters_;
};

struct Fold {
  ValueId convolution;
  DoubleRow scale, shift;
  std::string slot = {};  // of the new weights
};

class Folding {
 public:
  Folding(const Cell& cell, const ConstantRows& rows) : cell_(cell), rows_(rows) {
    for (ValueId v = 0; v < cell.ops().size(); ++v) find(v);
    name_slots();
  }

  // By the value that the convolution now gives.
  [[nodiscard]] const std::map<ValueId, Fold>& folds() const { return folds_; }

  [[nodiscard]] Cell folded() const {
    CellBuilder builder(cell_.name() + ".folded");
    std::vector<Value> values;
    for (ValueId v = 0; v < cell_.ops().size(); ++v) {
      const auto it = folds_.find(v);
      if (it != folds_.end()) {
        values.push_back(convolution(builder, it->second, values));
        continue;
      }
      std::vector<Value> operands;
      for (const ValueId operand : cell_.ops()[v].operands) operands.push_back(values[operand]);
      values.push_back(builder.repeat(cell_, v, operands));
    }
    for (const ValueId output : cell_.outputs()) builder.output(values[output]);
    return builder.build();
  }

  static std::string bias_slot(const std::string& weights) { return weights + ".bias"; }

 private:
  // "SLOT.folded"; where a slot is folded more than once, since what follows is another scale each
  // time, "SLOT.folded.2" and so on.
  void name_slots() {
    std::set<std::string> taken;
    for (const auto& slot : cell_.slots()) taken.insert(slot.name);
    for (auto& [v, fold] : folds_) {
      const std::string name =
          cell_.slots()[cell_.ops()[fold.convolution].slots[0]].name + ".folded";
      fold.slot = name;
      for (int i = 2; taken.contains(fold.slot) || taken.contains(bias_slot(fold.slot)); ++i) {
        fold.slot = name + "." + std::to_string(i);
      }
      taken.insert(fold.slot);
      taken.insert(bias_slot(fold.slot));
    }
  }

  void find(ValueId v) {
    const auto ops = cell_.ops();
    if (ops[v].kind != OpKind::add_row) return;
    const CellOp& product = ops[ops[v].operands[0]];
    if (product.kind != OpKind::mul_row) return;
    const ValueId convolution = product.operands[0];
    const OpKind kind = ops[convolution].kind;
    if (kind != OpKind::conv2d && kind != OpKind::depthwise_conv2d) return;
    auto scale = rows_.of(product.operands[1]);
    auto shift = rows_.of(ops[v].operands[1]);
    if (!scale || !shift) return;
    folds_.emplace(v, Fold{convolution, std::move(*scale), std::move(*shift)});
  }

  Value convolution(CellBuilder& builder, const Fold& fold,
                    const std::vector<Value>& values) const {
    const CellOp& op = cell_.ops()[fold.convolution];
    const Value x = values[op.operands[0]];
    const std::string bias = bias_slot(fold.slot);
    if (op.kind == OpKind::conv2d) return builder.conv2d(x, op.width, op.window, fold.slot, bias);
    return builder.depthwise_conv2d(x, op.window, fold.slot, bias);
  }

  const Cell& cell_;
  const ConstantRows& rows_;
  std::map<ValueId, Fold> folds_;
};

struct FoldedWeights {
  std::string slot;
  tensor::Tensor weights, bias;
};

FoldedWeights fold_weights(const Cell& cell, const ConstantRows& rows, const Fold& fold) {
  const CellOp& op = cell.ops()[fold.convolution];
  const tensor::Tensor& old = rows.value(op.slots[0]);
  FoldedWeights folded{fold.slot, tensor::Tensor(old.shape()), tensor::Tensor({1, op.width})};
  for (std::uint32_t o = 0; o < op.width; ++o) {
    for (std::uint32_t k = 0; k < old.shape().cols; ++k) {
      folded.weights.row(o)[k] = static_cast<float>(fold.scale[o] * old.row(o)[k]);
    }
    const double bias = op.slots.size() > 1 ? rows.value(op.slots[1]).values()[o] : 0;
    folded.bias.values()[o] = static_cast<float>(fold.scale[o] * bias + fold.shift[o]);
  }
  return folded;
}

}  // namespace

graph::TypeId fold_batch_norm(graph::Network& network, graph::TypeId id) {
  const graph::BatchType type = network.type(id);
  const Cell& cell = *type.cell;
  const ConstantRows rows(cell, type.binding, network.parameters());
  const Folding folding(cell, rows);
  if (folding.folds().empty()) {
    throw base::UsageError({.place = "type " + type.name,
                            .what = "folding",
                            .got = "no convolution that parameters scale and shift",
                            .expected = "one or more"});
  }
  std::vector<FoldedWeights> weights;
  for (const auto& [v, fold] : folding.folds()) {
    weights.push_back(fold_weights(cell, rows, fold));
  }
  auto folded = std::make_shared<const Cell>(folding.folded());
  std::map<std::string, std::string> shared;
  for (std::size_t s = 0; s < cell.slots().size(); ++s) {
    const std::string& slot = cell.slots()[s].name;
    const auto has = folded->slots();
    const bool kept =
        std::any_of(has.begin(), has.end(), [&](const auto& of) { return of.name == slot; });
    if (kept) shared[slot] = network.parameters()[type.binding[s]].name;
  }
  const graph::TypeId result = network.add_type(type.name + ".folded", folded, shared);
  graph::ParameterStore& parameters = network.parameters();
  const auto assign = [&](const std::string& slot, tensor::Tensor value) {
    const auto has = folded->slots();
    const auto at =
        std::find_if(has.begin(), has.end(), [&](const auto& of) { return of.name == slot; });
    parameters.assign(network.type(result).binding[at - has.begin()], std::move(value));
  };
  for (FoldedWeights& of : weights) {
    assign(of.slot, std::move(of.weights));
    assign(Folding::bias_slot(of.slot), std::move(of.bias));
  }
  return result;
}

graph::Network fold_batch_norms(const graph::Network& network) {
  graph::Network result = copy_network(network);
  std::optional<graph::Network> copy;  // to which folding adds types
  const std::vector<std::string> names = network.type_names();
  for (graph::TypeId t = 0; t < network.type_count(); ++t) {
    const graph::BatchType& type = network.type(t);
    const ConstantRows rows(*type.cell, type.binding, network.parameters());
    const bool made = std::find(names.begin(), names.end(), type.name + ".folded") != names.end();
    if (made || Folding(*type.cell, rows).folds().empty()) continue;
    if (!copy) copy = copy_network(network);
    graph::Network& scratch = *copy;
    const graph::BatchType folded = scratch.type(fold_batch_norm(scratch, t));
    std::map<std::string, std::string> bound;
    for (std::size_t s = 0; s < folded.binding.size(); ++s) {
      bound[folded.cell->slots()[s].name] = scratch.parameters()[folded.binding[s]].name;
    }
    result.replace_cell(t, folded.cell, bound);
    for (const graph::ParameterId id : folded.binding) {
      const graph::Parameter& from = scratch.parameters()[id];
      const graph::ParameterId to = result.parameters().find(from.name);
      if (result.parameters()[to].value.shape() == from.value.shape()) continue;
      result.parameters().assign(to, copy_tensor(from.value));
    }
  }
  return result;
}

}  // namespace sheaf::passes
