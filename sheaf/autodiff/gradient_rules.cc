// SPDX-License-Identifier: Apache-2.0
#include "sheaf/autodiff/gradient_rules.h"

#include <algorithm>
#include <array>

#include "sheaf/autodiff/picture_rules.h"

namespace sheaf::autodiff {
namespace {

using graph::CellBuilder;
using graph::CellOp;
using graph::Value;
using graph::ValueId;
using ops::OpKind;

void concat_rule(RuleContext& to, ValueId v, Value dy) {
  std::uint32_t column = 0;
  for (const ValueId operand : to.op(v).operands) {
    const std::uint32_t width = to.op(operand).width;
    if (to.wants(operand)) to.add(operand, slice(dy, column, width));
    column += width;
  }
}

void copy_rule(RuleContext& to, ValueId v, Value dy) { to.add(to.op(v).operands[0], dy); }

void add_rule(RuleContext& to, ValueId v, Value dy) {
  for (const ValueId operand : to.op(v).operands) to.add(operand, dy);
}

void sub_rule(RuleContext& to, ValueId v, Value dy) {
  const CellOp& op = to.op(v);
  to.add(op.operands[0], dy);
  if (to.wants(op.operands[1])) to.add(op.operands[1], scale(dy, -1));
}

void mul_rule(RuleContext& to, ValueId v, Value dy) {
  const ValueId a = to.op(v).operands[0];
  const ValueId b = to.op(v).operands[1];
  if (to.wants(a)) to.add(a, dy * to.value(b));
  if (to.wants(b)) to.add(b, dy * to.value(a));
}

void one_minus_rule(RuleContext& to, ValueId v, Value dy) {
  to.add(to.op(v).operands[0], scale(dy, -1));
}

void sigmoid_rule(RuleContext& to, ValueId v, Value dy) {
  to.add(to.op(v).operands[0], CellBuilder::apply(OpKind::sigmoid_grad, {to.value(v), dy}));
}

void tanh_rule(RuleContext& to, ValueId v, Value dy) {
  to.add(to.op(v).operands[0], CellBuilder::apply(OpKind::tanh_grad, {to.value(v), dy}));
}

void log_softmax_rule(RuleContext& to, ValueId v, Value dy) {
  to.add(to.op(v).operands[0], CellBuilder::apply(OpKind::log_softmax_grad, {to.value(v), dy}));
}

// y = M v, of which M has its columns as rows: column c of M gets v_c dy, and v_c the sum over that
// column times dy.
void matvec_rule(RuleContext& to, ValueId v, Value dy) {
  const ValueId matrix = to.op(v).operands[0];
  const ValueId vector = to.op(v).operands[1];
  const std::uint32_t columns = to.op(matrix).rows;
  const auto reshape = [](Value a, std::uint32_t rows, std::uint32_t width) {
    return CellBuilder::apply(OpKind::reshape, {a}, {.width = width, .rows = rows});
  };
  const Value repeated = CellBuilder::apply(OpKind::repeat_row, {dy}, {.rows = columns});
  if (to.wants(matrix)) {
    const Value factors = broadcast(reshape(to.value(vector), columns, 1), dy.width());
    to.add(matrix, repeated * factors);
  }
  if (to.wants(vector)) {
    to.add(vector, reshape(row_sum(to.value(matrix) * repeated), 1, columns));
  }
}

// What a slice does not take has gradient 0.
void slice_rule(RuleContext& to, ValueId v, Value dy) {
  const CellOp& op = to.op(v);
  to.add(op.operands[0], place(dy, op.column, to.op(op.operands[0]).width));
}

void scale_rule(RuleContext& to, ValueId v, Value dy) {
  to.add(to.op(v).operands[0], scale(dy, to.op(v).scalar));
}

void row_sum_rule(RuleContext& to, ValueId v, Value dy) {
  const ValueId a = to.op(v).operands[0];
  to.add(a, broadcast(dy, to.op(a).width));
}

void broadcast_rule(RuleContext& to, ValueId v, Value dy) {
  to.add(to.op(v).operands[0], row_sum(dy));
}

void pick_rule(RuleContext& to, ValueId v, Value dy) {
  const ValueId a = to.op(v).operands[0];
  to.add(a, one_hot(dy, to.op(a).width));
}

void one_hot_rule(RuleContext& to, ValueId v, Value dy) { to.add(to.op(v).operands[0], pick(dy)); }

// One line per op.
constexpr std::array kRules = {
    GradientRule{OpKind::concat, false, false, concat_rule},
    GradientRule{OpKind::copy, false, false, copy_rule},
    GradientRule{OpKind::add, false, false, add_rule},
    GradientRule{OpKind::sub, false, false, sub_rule},
    GradientRule{OpKind::mul, false, true, mul_rule},
    GradientRule{OpKind::one_minus, false, false, one_minus_rule},
    GradientRule{OpKind::sigmoid, true, false, sigmoid_rule},
    GradientRule{OpKind::tanh, true, false, tanh_rule},
    GradientRule{OpKind::log_softmax, true, false, log_softmax_rule},
    GradientRule{OpKind::matvec, false, true, matvec_rule},
    GradientRule{OpKind::slice, false, false, slice_rule},
    GradientRule{OpKind::scale, false, false, scale_rule},
    GradientRule{OpKind::row_sum, false, false, row_sum_rule},
    GradientRule{OpKind::broadcast, false, false, broadcast_rule},
    GradientRule{OpKind::pick, false, false, pick_rule},
    GradientRule{OpKind::one_hot, false, false, one_hot_rule},
    GradientRule{OpKind::relu, true, false, relu_rule},
    GradientRule{OpKind::reciprocal_sqrt, true, false, reciprocal_sqrt_rule},
    GradientRule{OpKind::max_pool, false, true, max_pool_rule},
    GradientRule{OpKind::average_pool, false, false, average_pool_rule},
    GradientRule{OpKind::reshape, false, false, reshape_rule},
    GradientRule{OpKind::sum_rows, false, false, sum_rows_rule},
    GradientRule{OpKind::repeat_row, false, false, repeat_row_rule},
    GradientRule{OpKind::add_row, false, false, add_row_rule},
    GradientRule{OpKind::mul_row, false, true, mul_row_rule},
};

}  // namespace

std::span<const GradientRule> gradient_rules() { return kRules; }

const GradientRule* find_rule(OpKind kind) {
  const auto* const it = std::find_if(kRules.begin(), kRules.end(),
                                      [&](const GradientRule& rule) { return rule.kind == kind; });
  return it == kRules.end() ? nullptr : it;
}

}  // namespace sheaf::autodiff
