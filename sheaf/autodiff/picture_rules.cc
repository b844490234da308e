// SPDX-License-Identifier: Apache-2.0
#include "sheaf/autodiff/picture_rules.h"

namespace sheaf::autodiff {

using graph::CellBuilder;
using graph::CellOp;
using graph::Value;
using graph::ValueId;
using ops::OpKind;

void relu_rule(RuleContext& to, ValueId v, Value dy) {
  to.add(to.op(v).operands[0], relu_grad(to.value(v), dy));
}

// y = a^(-1/2), dy/da = -y^3 / 2.
void reciprocal_sqrt_rule(RuleContext& to, ValueId v, Value dy) {
  const Value y = to.value(v);
  to.add(to.op(v).operands[0], scale(dy * (y * y * y), -0.5F));
}

void max_pool_rule(RuleContext& to, ValueId v, Value dy) {
  const CellOp& op = to.op(v);
  const ValueId a = op.operands[0];
  to.add(a, CellBuilder::apply(OpKind::max_pool_grad, {to.value(a), dy}, {.window = op.window}));
}

void average_pool_rule(RuleContext& to, ValueId v, Value dy) {
  const CellOp& op = to.op(v);
  to.add(op.operands[0],
         CellBuilder::apply(OpKind::average_pool_grad, {dy}, {.window = op.window}));
}

void reshape_rule(RuleContext& to, ValueId v, Value dy) {
  const ValueId a = to.op(v).operands[0];
  const CellOp& of = to.op(a);
  to.add(a, CellBuilder::apply(OpKind::reshape, {dy}, {.width = of.width, .rows = of.rows}));
}

void sum_rows_rule(RuleContext& to, ValueId v, Value dy) {
  const ValueId a = to.op(v).operands[0];
  to.add(a, CellBuilder::apply(OpKind::repeat_row, {dy}, {.rows = to.op(a).rows}));
}

void repeat_row_rule(RuleContext& to, ValueId v, Value dy) {
  to.add(to.op(v).operands[0], sum_rows(dy));
}

void add_row_rule(RuleContext& to, ValueId v, Value dy) {
  const auto& operands = to.op(v).operands;
  to.add(operands[0], dy);
  if (to.wants(operands[1])) to.add(operands[1], sum_rows(dy));
}

void mul_row_rule(RuleContext& to, ValueId v, Value dy) {
  const ValueId a = to.op(v).operands[0];
  const ValueId row = to.op(v).operands[1];
  if (to.wants(a)) to.add(a, mul_row(dy, to.value(row)));
  if (to.wants(row)) to.add(row, sum_rows(dy * to.value(a)));
}

}  // namespace sheaf::autodiff
