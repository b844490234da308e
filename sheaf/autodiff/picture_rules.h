// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/autodiff/gradient_rules.h"

namespace sheaf::autodiff {

// The rules of the ops on pictures, for the table in gradient_rules.cc.
void relu_rule(RuleContext& to, graph::ValueId v, graph::Value dy);
void reciprocal_sqrt_rule(RuleContext& to, graph::ValueId v, graph::Value dy);
void max_pool_rule(RuleContext& to, graph::ValueId v, graph::Value dy);
void average_pool_rule(RuleContext& to, graph::ValueId v, graph::Value dy);
void reshape_rule(RuleContext& to, graph::ValueId v, graph::Value dy);
void sum_rows_rule(RuleContext& to, graph::ValueId v, graph::Value dy);
void repeat_row_rule(RuleContext& to, graph::ValueId v, graph::Value dy);
void add_row_rule(RuleContext& to, graph::ValueId v, graph::Value dy);
void mul_row_rule(RuleContext& to, graph::ValueId v, graph::Value dy);

}  // namespace sheaf::autodiff
