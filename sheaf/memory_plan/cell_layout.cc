// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/cell_layout.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>
#include <utility>

#include "sheaf/memory_plan/layout_order.h"

namespace sheaf::memory_plan {
namespace {

using graph::CellOp;
using graph::SlotId;
using graph::ValueId;
using ops::OpKind;

bool has_duplicates(std::vector<std::uint32_t> values) {
  std::sort(values.begin(), values.end());
  return std::adjacent_find(values.begin(), values.end()) != values.end();
}

class LayoutPlanner {
 public:
  LayoutPlanner(const graph::Cell& cell, const CellFacts& facts, const CellBatches& found)
      : cell_(cell), facts_(facts), found_(found), ops_(cell.ops()) {}

  CellLayout planned() {
    for (const CellBatch& batch : found_.batches) add_constraints(batch);
    const auto variables = static_cast<std::uint32_t>(ops_.size() + cell_.slots().size());
    const LayoutOrder order = order_variables(variables, constraints_);
    for (const std::uint32_t variable : order.order) {
      if (variable < ops_.size()) {
        result_.values.push_back(variable);
      } else {
        result_.slots.push_back(static_cast<SlotId>(variable - ops_.size()));
      }
    }
    keep(order);
    make_groups(order);
    return std::move(result_);
  }

  CellLayout unplanned() {
    result_.values.resize(ops_.size());
    std::iota(result_.values.begin(), result_.values.end(), 0U);
    result_.slots.resize(cell_.slots().size());
    std::iota(result_.slots.begin(), result_.slots.end(), 0U);
    for (const CellBatch& batch : found_.batches) {
      if (batch.ops.size() < 2) continue;
      count_found(batch);
      CellLayout::Batch kept{batch.kind, batch.level, {}};
      for (const ValueId v : batch.ops) {
        if (batch.kind == OpKind::affine || !facts_.returned[v]) kept.ops.push_back(v);
      }
      if (kept.ops.size() < 2) continue;
      result_.groups.push_back(kept.ops);
      result_.batches.push_back(std::move(kept));
    }
    return std::move(result_);
  }

 private:
  // A batch, or a part of one, that becomes a constraint.
  struct Candidate {
    std::size_t found;  // index of the batch that it is of
    CellLayout::Batch batch;
    std::size_t constraint;
  };

  void count_found(const CellBatch& batch) {
    ++result_.report.batches_found;
    const std::vector<ValueId> leaves = facts_.leaves_of(cell_, batch.ops[0]);
    if (batch.kind == OpKind::affine) {
      result_.report.broadcast_operands += static_cast<std::uint32_t>(leaves.size());
      return;
    }
    for (std::size_t i = 0; i < ops_[batch.ops[0]].operands.size(); ++i) {
      if (has_duplicates(operands(batch.ops, i))) ++result_.report.broadcast_operands;
    }
  }

  [[nodiscard]] std::vector<ValueId> operands(const std::vector<ValueId>& ops,
                                              std::size_t i) const {
    std::vector<ValueId> result;
    for (const ValueId v : ops) result.push_back(ops_[v].operands[i]);
    return result;
  }

  void add_constraints(const CellBatch& batch) {
    if (batch.ops.size() < 2) return;
    count_found(batch);
    if (batch.kind == OpKind::affine) {
      add_affine(batch);
    } else {
      add_elementwise(batch);
    }
  }

  void add_candidate(CellLayout::Batch batch, LayoutBatch constraint) {
    candidates_.push_back({found_index(batch), std::move(batch), constraints_.size()});
    constraints_.push_back(std::move(constraint));
  }
  [[nodiscard]] std::size_t found_index(const CellLayout::Batch& batch) const {
    for (std::size_t i = 0; i < found_.batches.size(); ++i) {
      const auto& ops = found_.batches[i].ops;
      if (std::find(ops.begin(), ops.end(), batch.ops[0]) != ops.end()) return i;
    }
    return 0;
  }

  // The results of a product lie together whatever happens. Its weights and biases are packed once,
  // before the first call, so that to copy them costs nothing that counts here: each vector of them
  // is a demand by itself, and gives way to values, as where two products share a bias.
  void add_affine(const CellBatch& batch) {
    add_candidate({batch.kind, batch.level, batch.ops},
                  {{batch.ops}, std::numeric_limits<std::uint64_t>::max()});
    const CellOp& first = ops_[batch.ops[0]];
    for (std::size_t i = 0; i < first.slots.size(); ++i) {
      std::vector<std::uint32_t> vector;
      for (const ValueId v : batch.ops) {
        if (ops_[v].operands != first.operands || ops_[v].slots.size() <= i) return;
        vector.push_back(static_cast<std::uint32_t>(ops_.size()) + ops_[v].slots[i]);
      }
      if (!has_duplicates(vector)) constraints_.push_back({{batch.ops, std::move(vector)}, 0});
    }
  }

  // Has its place by what it is.
  [[nodiscard]] bool is_fixed(ValueId v) const {
    const OpKind kind = ops_[v].kind;
    return kind == OpKind::input || kind == OpKind::parameter || kind == OpKind::matvec ||
           kind == OpKind::quantised_affine ||
           ops::schema(kind).op_class == ops::OpClass::spatial || facts_.returned[v];
  }

  void add_elementwise(const CellBatch& batch) {
    std::vector<std::vector<ValueId>> parts;
    for (const ValueId v : batch.ops) {
      const auto& operands = ops_[v].operands;
      const auto fixed = [this](ValueId operand) { return is_fixed(operand); };
      if (fixed(v) || std::any_of(operands.begin(), operands.end(), fixed)) continue;
      const auto fits = [&](const std::vector<ValueId>& part) {
        return std::none_of(part.begin(), part.end(), [&](ValueId other) {
          for (std::size_t i = 0; i < operands.size(); ++i) {
            if (ops_[other].operands[i] == operands[i]) return true;
          }
          return false;
        });
      };
      const auto it = std::find_if(parts.begin(), parts.end(), fits);
      if (it == parts.end()) {
        parts.push_back({v});
      } else {
        it->push_back(v);
      }
    }
    for (const auto& part : parts) {
      if (part.size() < 2) continue;
      LayoutBatch constraint{{part}, 0};
      for (std::size_t i = 0; i < ops_[part[0]].operands.size(); ++i) {
        constraint.vectors.push_back(operands(part, i));
        constraint.copy_bytes += std::uint64_t{ops_[part[0]].width} * part.size() * sizeof(float);
      }
      add_candidate({batch.kind, batch.level, part}, std::move(constraint));
    }
  }

  void keep(const LayoutOrder& order) {
    const std::vector<std::size_t> rank = ranks();
    std::set<std::size_t> in_place;
    for (const Candidate& candidate : candidates_) {
      if (!order.kept[candidate.constraint]) continue;
      in_place.insert(candidate.found);
      CellLayout::Batch batch = candidate.batch;
      std::sort(batch.ops.begin(), batch.ops.end(),
                [&](ValueId a, ValueId b) { return rank[a] < rank[b]; });
      result_.batches.push_back(std::move(batch));
    }
    CellReport& report = result_.report;
    report.batches_in_place = static_cast<std::uint32_t>(in_place.size());
    report.batches_dropped = report.batches_found - report.batches_in_place;
  }

  [[nodiscard]] std::vector<std::size_t> ranks() const {
    std::vector<std::size_t> rank(ops_.size());
    for (std::size_t i = 0; i < result_.values.size(); ++i) rank[result_.values[i]] = i;
    return rank;
  }

  // Values that a batch wants side by side share a buffer, and so on from batch to batch.
  void make_groups(const LayoutOrder& order) {
    std::vector<std::uint32_t> group(ops_.size());
    std::iota(group.begin(), group.end(), 0U);
    for (std::size_t i = 0; i < constraints_.size(); ++i) {
      if (!order.kept[i]) continue;
      for (const auto& vector : constraints_[i].vectors) {
        if (vector[0] >= ops_.size()) continue;  // parameters
        for (const std::uint32_t v : vector) {
          const std::uint32_t from = group[v];
          for (std::uint32_t& g : group) g = g == from ? group[vector[0]] : g;
        }
      }
    }
    std::vector<std::vector<ValueId>> members(ops_.size());
    for (const ValueId v : result_.values) members[group[v]].push_back(v);
    for (auto& group_members : members) {
      if (group_members.size() > 1) result_.groups.push_back(std::move(group_members));
    }
  }

  const graph::Cell& cell_;
  const CellFacts& facts_;
  const CellBatches& found_;
  std::span<const CellOp> ops_;
  std::vector<LayoutBatch> constraints_;
  std::vector<Candidate> candidates_;
  CellLayout result_;
};

}  // namespace

CellLayout plan_cell_layout(const graph::Cell& cell, const CellFacts& facts,
                            const CellBatches& found, LayoutMode mode) {
  LayoutPlanner planner(cell, facts, found);
  return mode == LayoutMode::planned ? planner.planned() : planner.unplanned();
}

std::string CellLayout::to_string(const graph::Cell& cell) const {
  std::string text = "values:";
  for (const ValueId v : values) text += " %" + std::to_string(v);
  text += "\nparameters:";
  for (const SlotId slot : slots) text += " " + cell.slots()[slot].name;
  return text + "\n";
}

}  // namespace sheaf::memory_plan
