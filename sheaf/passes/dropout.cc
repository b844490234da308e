// SPDX-License-Identifier: Apache-2.0
#include "sheaf/passes/dropout.h"

#include <algorithm>
#include <vector>

namespace sheaf::passes {

using graph::CellOp;
using graph::Value;
using graph::ValueId;
using ops::OpKind;

namespace {

bool is_masked(const graph::Cell& cell, const CellOp& op, Drop what) {
  if (op.rows > 1) return false;
  if (what == Drop::lookups) {
    return op.kind == OpKind::lookup && !cell.slots()[op.slots[0]].is_data;
  }
  return op.kind == OpKind::input;
}

}  // namespace

graph::Cell with_dropout(const graph::Cell& cell, Drop what, float p) {
  std::uint32_t width = 0;
  for (const CellOp& op : cell.ops()) {
    if (what == Drop::inputs && ops::reads_payload(op.kind)) return cell;
    if (is_masked(cell, op, what)) width += op.width;
  }
  if (width == 0 || p == 0) return cell;

  graph::CellBuilder builder(cell.name());
  // One mask for all, so that no two values have the same.
  const Value mask = builder.dropout_mask(kDropoutKey, p, width);
  std::uint32_t column = 0;
  std::vector<Value> values;
  for (ValueId v = 0; v < cell.ops().size(); ++v) {
    const CellOp& op = cell.ops()[v];
    std::vector<Value> operands;
    for (const ValueId operand : op.operands) operands.push_back(values[operand]);
    values.push_back(builder.repeat(cell, v, operands));
    if (!is_masked(cell, op, what)) continue;
    values.back() = values.back() * slice(mask, column, op.width);
    column += op.width;
  }
  for (const ValueId output : cell.outputs()) builder.output(values[output]);
  return builder.build();
}

}  // namespace sheaf::passes
