// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/cell_facts.h"

#include <algorithm>

namespace sheaf::memory_plan {

using graph::ValueId;
using ops::OpKind;

namespace {

bool is_step(const graph::CellOp& op) { return ops::is_step(ops::schema(op.kind).op_class); }

}  // namespace

CellFacts::CellFacts(const graph::Cell& cell, std::span<const tensor::Encoding> slots)
    : level(cell.ops().size(), 0),
      live(level.size(), false),
      read(level.size(), false),
      written(level.size(), false),
      outlives(level.size(), false),
      returned(level.size(), false),
      slots_(slots.begin(), slots.end()) {
  const auto ops = cell.ops();
  for (ValueId v = 0; v < ops.size(); ++v) {
    for (const ValueId operand : ops[v].operands) {
      level[v] = std::max(level[v], level[operand] + (is_step(ops[v]) ? 1U : 0U));
    }
  }
  for (const ValueId v : cell.outputs()) live[v] = written[v] = returned[v] = true;
  // Backwards from the outputs.
  for (auto v = static_cast<ValueId>(ops.size()); v-- > 0;) {
    if (!live[v]) continue;
    const bool pass_on = ops[v].kind == OpKind::concat && !written[v];
    for (std::size_t i = 0; i < ops[v].operands.size(); ++i) {
      const ValueId operand = ops[v].operands[i];
      live[operand] = read[operand] = true;
      if (is_step(ops[v]) || pass_on) {
        outlives[operand] = true;
        // Only an affine op reads a concat part by part.
        const bool affine = ops[v].kind == OpKind::affine;
        const bool apart =
            ops[operand].kind == OpKind::concat &&
            (pass_on || (affine && in_blocks(cell, operand, encoding(ops[v].slots[i]).block)));
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

bool CellFacts::in_blocks(const graph::Cell& cell, ValueId v, std::uint32_t block) {
  const graph::CellOp& op = cell.ops()[v];
  if (op.kind != OpKind::concat) return op.width % block == 0;
  return std::all_of(op.operands.begin(), op.operands.end(),
                     [&](ValueId operand) { return in_blocks(cell, operand, block); });
}

std::vector<tensor::Encoding> CellFacts::encodings_of(const graph::Cell& cell,
                                                      ValueId affine) const {
  const graph::CellOp& op = cell.ops()[affine];
  std::vector<tensor::Encoding> encodings;
  for (std::size_t i = 0; i < op.operands.size(); ++i) {
    std::vector<ValueId> leaves;
    expand(cell, op.operands[i], leaves);
    encodings.insert(encodings.end(), leaves.size(), encoding(op.slots[i]));
  }
  return encodings;
}

std::vector<ValueId> CellFacts::leaves_of(const graph::Cell& cell, ValueId affine) const {
  std::vector<ValueId> leaves;
  for (const ValueId operand : cell.ops()[affine].operands) expand(cell, operand, leaves);
  return leaves;
}

}  // namespace sheaf::memory_plan
