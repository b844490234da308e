// SPDX-License-Identifier: Apache-2.0
//
// One gradient rule per op. A rule is given y = op(a, b, ...) and dy, and adds what it gives to the
// gradients of the operands, as ops of the gradient cell. Affine ops, convolutions and look-ups,
// whose weights have gradients too, are cell_gradient.cc's.
#pragma once

#include "sheaf/graph/cell.h"

namespace sheaf::autodiff {

// The gradient cell while a rule writes to it.
class RuleContext {
 public:
  virtual ~RuleContext() = default;
  // A value of the cell that is differentiated; only those that the rule says it reads.
  [[nodiscard]] virtual graph::Value value(graph::ValueId v) = 0;
  // Adds to the gradient of a value.
  virtual void add(graph::ValueId v, graph::Value gradient) = 0;
  // Whether anybody wants the gradient of a value: not that of a constant.
  [[nodiscard]] virtual bool wants(graph::ValueId v) const = 0;
  [[nodiscard]] virtual const graph::CellOp& op(graph::ValueId v) const = 0;
};

struct GradientRule {
  ops::OpKind kind;
  bool reads_result;
  bool reads_operands;
  // `v` is the value of an op of this kind, `dy` its gradient.
  void (*apply)(RuleContext& context, graph::ValueId v, graph::Value dy);
};

// Null for ops that have no gradient.
[[nodiscard]] const GradientRule* find_rule(ops::OpKind kind);

// All rules, in the order of OpKind.
[[nodiscard]] std::span<const GradientRule> gradient_rules();

}  // namespace sheaf::autodiff
