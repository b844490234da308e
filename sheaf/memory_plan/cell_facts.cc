// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/cell_facts.h"

#include <algorithm>

namespace sheaf::memory_plan {

using graph::ValueId;
using ops::OpKind;

namespace {

bool is_product(const graph::CellOp& op) {
  return ops::schema(op.kind).op_class == ops::OpClass::product;
}

}  // namespace

CellFacts::CellFacts(const graph::Cell& cell)
    : level(cell.ops().size(), 0),
      live(level.size(), false),
      read(level.size(), false),
      written(level.size(), false),
      outlives(level.size(), false),
      returned(level.size(), false) {
  const auto ops = cell.ops();
  for (ValueId v = 0; v < ops.size(); ++v) {
    for (const ValueId operand : ops[v].operands) {
      level[v] = std::max(level[v], level[operand] + (is_product(ops[v]) ? 1U : 0U));
    }
  }
  for (const ValueId v : cell.outputs()) live[v] = written[v] = returned[v] = true;
  // Backwards from the outputs.
  for (auto v = static_cast<ValueId>(ops.size()); v-- > 0;) {
    if (!live[v]) continue;
    const bool pass_on = ops[v].kind == OpKind::concat && !written[v];
    for (const ValueId operand : ops[v].operands) {
      live[operand] = read[operand] = true;
      if (is_product(ops[v]) || pass_on) {
        outlives[operand] = true;
        // Only an affine op reads a concat part by part.
        const bool apart =
            ops[operand].kind == OpKind::concat && (pass_on || ops[v].kind == OpKind::affine);
        if (!apart) written[operand] = true;
      } else {
        written[operand] = true;
        if (level[operand] != level[v]) outlives[operand] = true;
      }
    }
  }
}

void CellFacts::expand(const graph::Cell& cell, ValueId v, std::vector<ValueId>& leaves) const {
  if (cell.ops()[v].kind != OpKind::concat || written[v]) {
    leaves.push_back(v);
    return;
  }
  for (const ValueId operand : cell.ops()[v].operands) expand(cell, operand, leaves);
}

std::vector<ValueId> CellFacts::leaves_of(const graph::Cell& cell, ValueId affine) const {
  std::vector<ValueId> leaves;
  for (const ValueId operand : cell.ops()[affine].operands) expand(cell, operand, leaves);
  return leaves;
}

}  // namespace sheaf::memory_plan
