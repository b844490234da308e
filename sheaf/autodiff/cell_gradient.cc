// SPDX-License-Identifier: Apache-2.0
#include "sheaf/autodiff/cell_gradient.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "sheaf/autodiff/gradient_rules.h"
#include "sheaf/base/error.h"

namespace sheaf::autodiff {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::CellOp;
using graph::Value;
using graph::ValueId;
using ops::OpKind;

// A value that an affine op reads, concats taken apart, and the columns of the weight before it.
struct Leaf {
  ValueId value;
  std::uint32_t column;
};

bool is_depthwise(const CellOp& op) { return op.kind == OpKind::depthwise_conv2d; }
bool is_convolution(const CellOp& op) { return op.kind == OpKind::conv2d || is_depthwise(op); }

// What is the same whether a gradient is written or not: which values have gradients, and what of
// the forward pass they need.
class Needs {
 public:
  Needs(const Cell& cell, bool is_loss) : cell_(cell), ops_(cell.ops()) {
    find_active();
    find_reached();
    for (ValueId v = 0; v < ops_.size(); ++v) {
      if (has_gradient(v)) require(v);
    }
    base::check(!is_loss || (cell.outputs().size() == 1 && cell.output_width(0) == 1), "autodiff",
                "a loss has one output of one column");
  }

  // Whether the value depends on what may be differentiated by, and an output depends on it.
  [[nodiscard]] bool has_gradient(ValueId v) const { return active_[v] && reached_[v]; }
  [[nodiscard]] bool is_active(ValueId v) const { return active_[v]; }
  [[nodiscard]] bool any() const {
    const auto outputs = cell_.outputs();
    return std::any_of(outputs.begin(), outputs.end(), [&](ValueId v) { return active_[v]; });
  }

  // What the gradient cell takes as inputs, ascending.
  [[nodiscard]] const std::set<ValueId>& read() const { return read_; }
  // What the cell has to return beside its outputs, ascending.
  [[nodiscard]] const std::set<ValueId>& saved() const { return saved_; }

  [[nodiscard]] std::vector<Leaf> leaves_of(const CellOp& affine, std::size_t operand) const {
    std::vector<Leaf> leaves;
    std::uint32_t column = 0;
    expand(affine.operands[operand], column, leaves);
    return leaves;
  }

  // Whether the gradient cell makes the value again, from others.
  [[nodiscard]] bool is_made_again(ValueId v) const {
    switch (ops_[v].kind) {
      case OpKind::constant:
      case OpKind::parameter:
      case OpKind::lookup:
      case OpKind::dropout_mask:
      case OpKind::one_minus:
      case OpKind::concat:
      case OpKind::copy:
      case OpKind::slice:
      case OpKind::scale:
      case OpKind::broadcast:
        return true;
      default:
        return false;
    }
  }

 private:
  void find_active() {
    active_.resize(ops_.size());
    for (ValueId v = 0; v < ops_.size(); ++v) {
      const CellOp& op = ops_[v];
      const auto& operands = op.operands;
      active_[v] =
          op.kind == OpKind::input || op.kind == OpKind::parameter ||
          (op.kind == OpKind::lookup && !cell_.slots()[op.slots[0]].is_data) ||
          op.kind == OpKind::affine || is_convolution(op) ||
          std::any_of(operands.begin(), operands.end(), [&](ValueId o) { return active_[o]; });
    }
  }

  void find_reached() {
    reached_.resize(ops_.size());
    for (const ValueId v : cell_.outputs()) reached_[v] = true;
    for (auto v = static_cast<ValueId>(ops_.size()); v-- > 0;) {
      if (!reached_[v]) continue;
      for (const ValueId operand : ops_[v].operands) reached_[operand] = true;
    }
  }

  void require(ValueId v) {
    const CellOp& op = ops_[v];
    if (op.kind == OpKind::affine) {
      if (!op.columns.empty()) refuse(op, "its weights are transposed");
      for (std::size_t i = 0; i < op.operands.size(); ++i) {
        for (const Leaf& leaf : leaves_of(op, i)) save(leaf.value);
      }
      return;
    }
    if (is_convolution(op)) return save(op.operands[0]);
    if (ops::schema(op.kind).op_class == ops::OpClass::source) return;
    const GradientRule* rule = find_rule(op.kind);
    if (rule == nullptr) refuse(op, "it has no gradient");
    if (rule->reads_result) read(v);
    if (!rule->reads_operands) return;
    for (std::size_t i = 0; i < op.operands.size(); ++i) {
      // An operand is read for the gradient of another one.
      for (std::size_t j = 0; j < op.operands.size(); ++j) {
        if (i != j && active_[op.operands[j]]) read(op.operands[i]);
      }
      if (op.operands.size() == 1) read(op.operands[i]);
    }
  }

  [[noreturn]] void refuse(const CellOp& op, const char* why) const {
    throw base::UnsupportedError(
        {.place = "cell " + cell_.name(),
         .what = "gradient of op " + std::string(ops::schema(op.kind).name),
         .got = why,
         .expected = "an op with a gradient rule"});
  }

  // The gradient cell reads the value.
  void read(ValueId v) {
    if (is_made_again(v)) {
      for (const ValueId operand : ops_[v].operands) read(operand);
      return;
    }
    read_.insert(v);
    save(v);
  }

  // The value can be read after the cell has run: from the operand, the table, or an output.
  void save(ValueId v) {
    const CellOp& op = ops_[v];
    if (op.kind == OpKind::lookup) return;
    if (op.kind == OpKind::input && !cell_.inputs()[op.input].repeated) return;
    const auto outputs = cell_.outputs();
    if (std::find(outputs.begin(), outputs.end(), v) == outputs.end()) saved_.insert(v);
  }

  void expand(ValueId v, std::uint32_t& column, std::vector<Leaf>& leaves) const {
    if (ops_[v].kind != OpKind::concat) {
      leaves.push_back({v, column});
      column += ops_[v].width;
      return;
    }
    for (const ValueId operand : ops_[v].operands) expand(operand, column, leaves);
  }

  const Cell& cell_;
  std::span<const CellOp> ops_;
  std::vector<bool> active_;
  std::vector<bool> reached_;
  std::set<ValueId> read_;
  std::set<ValueId> saved_;
};

// Writes the gradient cell, from the last op to the first.
class Writer final : public RuleContext {
 public:
  Writer(const Cell& cell, const Needs& needs, bool is_loss)
      : cell_(cell),
        needs_(needs),
        builder_(cell.name() + ".grad"),
        gradient_(cell.ops().size()),
        terms_(cell.ops().size()) {
    const std::vector<ValueId> saved(needs.saved().begin(), needs.saved().end());
    result_.forward = cell.with_outputs(saved);
    for (const ValueId v : needs.read()) declare_read(v);
    declare_outputs(is_loss);
  }

  CellGradient run() {
    for (auto v = static_cast<ValueId>(cell_.ops().size()); v-- > 0;) {
      if (!needs_.has_gradient(v)) continue;
      add_affine_terms(v);
      if (!gradient_[v]) continue;
      const Value dy = *gradient_[v];
      const CellOp& op = cell_.ops()[v];
      if (op.kind == OpKind::affine) {
        differentiate_affine(op, dy);
      } else if (is_convolution(op)) {
        differentiate_convolution(op, dy);
      } else if (op.kind == OpKind::lookup) {
        result_.tables.push_back({op.slots[0], port_of(dy)});
      } else if (op.kind == OpKind::parameter) {
        result_.weights.push_back(
            {op.slots[0], port_of(dy), {ForwardValue::Kind::one}, 0, op.width});
      } else if (op.kind != OpKind::input) {
        find_rule(op.kind)->apply(*this, v, dy);
      }
    }
    return_input_gradients();
    result_.backward = builder_.build();
    return std::move(result_);
  }

  Value value(ValueId v) override {
    if (const auto it = values_.find(v); it != values_.end()) return it->second;
    const Value made = make_again(v);
    values_.emplace(v, made);
    return made;
  }
  void add(ValueId v, Value gradient) override {
    if (!needs_.has_gradient(v)) return;
    gradient_[v] = gradient_[v] ? *gradient_[v] + gradient : gradient;
  }
  [[nodiscard]] bool wants(ValueId v) const override { return needs_.has_gradient(v); }
  [[nodiscard]] const CellOp& op(ValueId v) const override { return cell_.ops()[v]; }

 private:
  [[nodiscard]] ForwardValue forward_of(ValueId v) const {
    const CellOp& op = cell_.ops()[v];
    if (op.kind == OpKind::lookup) return {ForwardValue::Kind::table, op.slots[0]};
    if (op.kind == OpKind::input && !cell_.inputs()[op.input].repeated) {
      return {ForwardValue::Kind::operand, op.input};
    }
    const auto outputs = result_.forward.outputs();
    const auto at = std::find(outputs.begin(), outputs.end(), v);
    base::check(at != outputs.end(), "autodiff", "a value that a gradient reads is not saved");
    return {ForwardValue::Kind::output, static_cast<std::uint32_t>(at - outputs.begin())};
  }

  void declare_read(ValueId v) {
    const CellOp& op = cell_.ops()[v];
    const std::string name = "v" + std::to_string(v);
    values_.emplace(v, builder_.matrix_input(name, op.width, op.rows));
    result_.reads.push_back(forward_of(v));
  }

  void declare_outputs(bool is_loss) {
    if (is_loss) {
      add(cell_.outputs()[0], builder_.constant(1, 1));
      return;
    }
    result_.outputs = static_cast<std::uint32_t>(cell_.outputs().size());
    for (std::uint32_t port = 0; port < result_.outputs; ++port) {
      const ValueId v = cell_.outputs()[port];
      const std::string name = "d" + std::to_string(port);
      add(v, builder_.repeated_matrix_input(name, op(v).width, op(v).rows));
    }
  }

  // Values that cost less to make again than to save.
  Value make_again(ValueId v) {
    const CellOp& op = cell_.ops()[v];
    const auto slot = [&] { return cell_.slots()[op.slots[0]].name; };
    switch (op.kind) {
      case OpKind::constant:
        return builder_.constant(op.scalar, op.width, op.rows);
      case OpKind::parameter:
        return builder_.parameter(slot(), op.width);
      case OpKind::lookup:
        return builder_.matrix_lookup(slot(), op.width, op.rows);
      case OpKind::dropout_mask:
        return builder_.dropout_mask(slot(), op.scalar, op.width);
      case OpKind::concat: {
        Value joined = value(op.operands[0]);
        for (std::size_t i = 1; i < op.operands.size(); ++i) {
          joined = concat(joined, value(op.operands[i]));
        }
        return joined;
      }
      case OpKind::slice:
        return slice(value(op.operands[0]), op.column, op.width);
      case OpKind::scale:
        return scale(value(op.operands[0]), op.scalar);
      case OpKind::broadcast:
        return broadcast(value(op.operands[0]), op.width);
      default:
        return CellBuilder::apply(op.kind, {value(op.operands[0])});
    }
  }

  // The sum of W^T delta over all affine ops that read `v`, as one.
  void add_affine_terms(ValueId v) {
    if (terms_[v].empty()) return;
    add(v, builder_.transposed_affine(op(v).width, terms_[v]));
  }

  void differentiate_affine(const CellOp& op, Value delta) {
    const std::uint32_t port = port_of(delta);
    for (std::size_t i = 0; i < op.operands.size(); ++i) {
      const graph::ParameterSlot& slot = cell_.slots()[op.slots[i]];
      for (const Leaf& leaf : needs_.leaves_of(op, i)) {
        const std::uint32_t width = cell_.ops()[leaf.value].width;
        result_.weights.push_back({op.slots[i], port, forward_of(leaf.value), leaf.column, width});
        if (!needs_.has_gradient(leaf.value)) continue;
        terms_[leaf.value].push_back({slot.name, slot.shape, leaf.column, delta});
      }
    }
    if (op.slots.size() > op.operands.size()) {
      result_.weights.push_back({op.slots.back(), port, {ForwardValue::Kind::one}, 0, op.width});
    }
  }

  void differentiate_convolution(const CellOp& op, Value delta) {
    const ValueId from = op.operands[0];
    const CellOp& x = cell_.ops()[from];
    const graph::ParameterSlot& weights = cell_.slots()[op.slots[0]];
    const bool one_row = x.rows != op.window.pixels();
    const std::uint32_t channels = one_row ? x.width / op.window.pixels() : x.width;
    const std::uint32_t port = port_of(delta);
    result_.weights.push_back(
        {.slot = op.slots[0],
         .delta = port,
         .x = forward_of(from),
         .width = weights.shape.cols,
         .convolution = ConvolutionWeights{op.window, channels, is_depthwise(op), one_row}});
    if (op.slots.size() > 1) {
      result_.weights.push_back({op.slots[1], port, {ForwardValue::Kind::one}, 0, op.width});
    }
    if (!needs_.has_gradient(from)) return;
    if (is_depthwise(op)) {
      return add(from, builder_.depthwise_conv2d_grad_input(delta, op.window, weights.name));
    }
    const Value dx = builder_.conv2d_grad_input(delta, channels, op.window, weights.name);
    add(from, one_row ? builder_.reshape(dx, 1, x.width) : dx);
  }

  void return_input_gradients() {
    result_.input_ports.assign(cell_.inputs().size(), CellGradient::kNone);
    for (ValueId v = 0; v < cell_.ops().size(); ++v) {
      const CellOp& op = cell_.ops()[v];
      if (op.kind != OpKind::input || !gradient_[v]) continue;
      result_.input_ports[op.input] = port_of(*gradient_[v]);
    }
  }

  // The port of the gradient cell that returns the value.
  std::uint32_t port_of(Value value) {
    const auto [it, fresh] = ports_.try_emplace(value.id(), ports_.size());
    if (fresh) builder_.output(value);
    return it->second;
  }

  const Cell& cell_;
  const Needs& needs_;
  CellBuilder builder_;
  CellGradient result_;
  std::map<ValueId, Value> values_;             // of the cell, in the gradient cell
  std::vector<std::optional<Value>> gradient_;  // by value of the cell
  std::vector<std::vector<CellBuilder::TransposedTerm>> terms_;
  std::map<ValueId, std::uint32_t> ports_;  // of the gradient cell's values
};

}  // namespace

std::optional<CellGradient> differentiate(const Cell& cell, bool is_loss) {
  const Needs needs(cell, is_loss);
  if (!needs.any()) return std::nullopt;
  return Writer(cell, needs, is_loss).run();
}

}  // namespace sheaf::autodiff
