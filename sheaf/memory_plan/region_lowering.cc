// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/region_lowering.h"

#include <algorithm>

#include "sheaf/base/error.h"
#include "sheaf/memory_plan/tile_allocator.h"
#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::memory_plan {
namespace {

using graph::CellOp;
using graph::ValueId;
using ops::OpKind;

std::uint32_t padded(std::uint32_t width) {
  return static_cast<std::uint32_t>(tensor::padded(width));
}

bool is_buffer(const Place& place) {
  return place.kind == Place::Kind::product || place.kind == Place::Kind::block ||
         place.kind == Place::Kind::tile;
}

class RegionLowering {
 public:
  RegionLowering(LoweringState& state, std::uint32_t level, std::uint32_t rows)
      : state_(state), level_(level), region_{.ops = {}, .rows = rows} {}

  void run() {
    find_units();
    order_units();
    find_last_uses();
    for (now_ = 0; now_ < units_.size(); ++now_) {
      place_results(units_[now_]);
      emit(units_[now_]);
      release();
    }
    copy_outputs();
    for (SharedBuffer& buffer : state_.shared) {
      if (buffer.kind == Place::Kind::tile) buffer.index = SharedBuffer::kNone;
    }
    if (region_.ops.empty()) return;
    region_.tile_floats = tiles_.size();
    state_.out.regions.push_back(std::move(region_));
    state_.out.steps.push_back(
        {Step::Kind::region, static_cast<std::uint32_t>(state_.out.regions.size() - 1)});
  }

 private:
  using Unit = std::vector<ValueId>;  // one op, or the ops of a batch in the order of their results

  [[nodiscard]] const CellOp& op(ValueId v) const { return state_.op(v); }

  [[nodiscard]] bool is_member(ValueId v) const {
    const OpKind kind = op(v).kind;
    const bool given = kind == OpKind::input || kind == OpKind::lookup || kind == OpKind::parameter;
    const bool step = ops::is_step(ops::schema(kind).op_class);
    return state_.facts.written[v] && !given && !step && state_.facts.level[v] == level_ &&
           op(v).rows == region_.rows;
  }

  void find_units() {
    std::vector<bool> batched(state_.place.size(), false);
    for (const CellLayout::Batch& batch : state_.layout.batches) {
      if (batch.kind == OpKind::affine || !is_member(batch.ops[0])) continue;
      units_.push_back(batch.ops);
      for (const ValueId v : batch.ops) batched[v] = true;
    }
    for (ValueId v = 0; v < state_.place.size(); ++v) {
      if (is_member(v) && !batched[v]) units_.push_back({v});
    }
  }

  // The order of the cell's text as far as the batches allow: of the units that are ready the one
  // that begins first.
  void order_units() {
    const auto first = [](const Unit& unit) { return *std::min_element(unit.begin(), unit.end()); };
    std::sort(units_.begin(), units_.end(),
              [&](const Unit& a, const Unit& b) { return first(a) < first(b); });
    std::vector<bool> waits(state_.place.size(), false);
    for (const Unit& unit : units_) {
      for (const ValueId v : unit) waits[v] = true;
    }
    std::vector<Unit> ordered;
    while (!units_.empty()) {
      const auto ready = std::find_if(units_.begin(), units_.end(), [&](const Unit& unit) {
        return std::none_of(unit.begin(), unit.end(), [&](ValueId v) {
          const auto& operands = op(v).operands;
          return std::any_of(operands.begin(), operands.end(), [&](ValueId o) { return waits[o]; });
        });
      });
      base::check(ready != units_.end(), "lower", "batches of a cell wait for each other");
      for (const ValueId v : *ready) waits[v] = false;
      ordered.push_back(std::move(*ready));
      units_.erase(ready);
    }
    units_ = std::move(ordered);
  }

  void find_last_uses() {
    for (std::size_t i = 0; i < units_.size(); ++i) {
      for (const ValueId v : units_[i]) {
        last_use_[v] = i;
        for (const ValueId operand : op(v).operands) last_use_[operand] = i;
      }
    }
  }

  // ---- places

  void place_results(const Unit& unit) {
    if (write_over_operand(unit)) return;
    for (const ValueId v : unit) {
      if (state_.place[v].kind != Place::Kind::none) continue;
      const std::uint32_t group = state_.group[v];
      if (group != SharedBuffer::kNone) {
        place_shared(group);
      } else if (state_.facts.outlives[v] || state_.facts.returned[v]) {
        state_.place[v] = state_.lasting_place(v);
      } else {
        const std::uint32_t width = padded(op(v).width);
        const std::uint32_t index = tiles_.take(width);
        state_.place[v] = {Place::Kind::tile, index, 0, width};
        live_tiles_.push_back({index, width, {v}});
      }
    }
  }

  // All values of the region in a shared buffer get their places when the first of them is written.
  void place_shared(std::uint32_t group) {
    SharedBuffer& buffer = state_.shared[group];
    if (buffer.index == SharedBuffer::kNone && buffer.kind == Place::Kind::tile) {
      buffer.index = tiles_.take(buffer.width);
      live_tiles_.push_back({buffer.index, buffer.width, buffer.values});
    }
    for (const ValueId v : buffer.values) {
      if (state_.place[v].kind == Place::Kind::none && is_member(v)) {
        state_.place[v] = state_.shared_place(v);
      }
    }
  }

  // A batch whose first operand is read for the last time writes its results over it: that memory
  // is in the cache already.
  bool write_over_operand(const Unit& unit) {
    if (unit.size() < 2 || state_.mode == LayoutMode::unplanned) return false;
    if (op(unit[0]).operands.empty()) return false;
    const std::vector<ValueId> from = operands(unit, 0);
    if (!are_neighbours(from) || !is_buffer(state_.place[from[0]])) return false;
    for (const ValueId v : from) {
      const bool read_later = state_.facts.outlives[v] || state_.facts.returned[v];
      if (read_later || last_use_.at(v) != now_) return false;
    }
    const bool tile = state_.place[from[0]].kind == Place::Kind::tile;
    for (const ValueId v : unit) {
      if (tile && state_.facts.outlives[v]) return false;
      const std::uint32_t group = state_.group[v];
      if (group != SharedBuffer::kNone && state_.shared[group].values != unit) return false;
    }
    for (std::size_t i = 0; i < unit.size(); ++i) {
      state_.place[unit[i]] = state_.place[from[i]];
      for (Tile& buffer : live_tiles_) {
        auto& values = buffer.values;
        if (std::find(values.begin(), values.end(), from[i]) != values.end()) {
          values.push_back(unit[i]);
        }
      }
    }
    return true;
  }

  // Gives back what nobody reads after this unit.
  void release() {
    const auto is_dead = [this](const Tile& buffer) {
      return std::all_of(buffer.values.begin(), buffer.values.end(), [this](ValueId v) {
        const auto it = last_use_.find(v);
        return it == last_use_.end() || it->second <= now_;
      });
    };
    for (const Tile& buffer : live_tiles_) {
      if (is_dead(buffer)) tiles_.release(buffer.index, buffer.width);
    }
    std::erase_if(live_tiles_, is_dead);
  }

  // ---- ops

  [[nodiscard]] std::vector<ValueId> operands(const Unit& unit, std::size_t i) const {
    std::vector<ValueId> result;
    for (const ValueId v : unit) result.push_back(op(v).operands[i]);
    return result;
  }

  // Whether `b` begins where the padding of `a`, as wide, ends.
  static bool are_neighbours(const Place& a, const Place& b, std::uint32_t width) {
    return is_buffer(a) && a.kind == b.kind && a.index == b.index && a.stride == b.stride &&
           b.column == a.column + padded(width);
  }
  [[nodiscard]] bool are_neighbours(const std::vector<ValueId>& values) const {
    for (std::size_t i = 1; i < values.size(); ++i) {
      const std::uint32_t width = op(values[0]).width;
      if (!are_neighbours(state_.place[values[i - 1]], state_.place[values[i]], width)) {
        return false;
      }
    }
    return true;
  }

  void emit(const Unit& unit) {
    if (op(unit[0]).kind == OpKind::concat) return emit_concat(unit[0]);
    if (unit.size() > 1 && state_.mode == LayoutMode::unplanned) return emit_with_copies(unit);
    // One wide op per run of neighbours: the whole unit, unless a buffer had to leave a gap.
    for (std::size_t begin = 0; begin < unit.size();) {
      std::size_t end = begin + 1;
      while (end < unit.size() && goes_on(unit[end - 1], unit[end])) ++end;
      RegionOp wide = region_op(unit[begin]);
      wide.width += static_cast<std::uint32_t>(end - begin - 1) * padded(wide.width);
      region_.ops.push_back(wide);
      begin = end;
    }
  }

  [[nodiscard]] bool goes_on(ValueId a, ValueId b) const {
    bool all = are_neighbours({a, b});
    for (std::size_t i = 0; i < op(a).operands.size(); ++i) {
      all = all && are_neighbours({op(a).operands[i], op(b).operands[i]});
    }
    return all;
  }

  [[nodiscard]] RegionOp region_op(ValueId v) const {
    const CellOp& of = op(v);
    RegionOp region{.kind = of.kind,
                    .width = of.width,
                    .to = state_.place[v],
                    .a = of.operands.empty() ? Place{} : state_.place[of.operands[0]],
                    .b = of.operands.size() < 2 ? Place{} : state_.place[of.operands[1]],
                    .slot = of.slots.empty() ? 0 : of.slots[0],
                    .scalar = of.scalar,
                    .a_width = of.operands.empty() ? 0 : op(of.operands[0]).width};
    if (of.kind == OpKind::slice) {
      region.kind = OpKind::copy;
      region.a.column += of.column;
    }
    return region;
  }

  void emit_concat(ValueId v) {
    Place to = state_.place[v];
    for (const ValueId operand : op(v).operands) {
      add_copy(operand, to);
      to.column += op(operand).width;
    }
  }

  void add_copy(ValueId from, const Place& to) {
    region_.ops.push_back({.kind = OpKind::copy,
                           .width = op(from).width,
                           .to = to,
                           .a = state_.place[from],
                           .b = {}});
  }

  // Unplanned: what does not lie side by side is copied to where it does.
  void emit_with_copies(const Unit& unit) {
    RegionOp wide = region_op(unit[0]);
    const std::uint32_t step = padded(wide.width);
    const auto count = static_cast<std::uint32_t>(unit.size());
    for (std::size_t i = 0; i < op(unit[0]).operands.size(); ++i) {
      const std::vector<ValueId> from = operands(unit, i);
      if (are_neighbours(from)) continue;
      Place to{Place::Kind::tile, tiles_.take(count * step), 0, count * step};
      live_tiles_.push_back({to.index, to.stride, {}});
      (i == 0 ? wide.a : wide.b) = to;
      for (const ValueId v : from) {
        add_copy(v, to);
        to.column += step;
      }
      ++state_.out.report.copy_kernels;
      state_.out.report.copied_bytes_per_node +=
          std::uint64_t{count} * wide.width * region_.rows * sizeof(float);
    }
    wide.width += (count - 1) * step;
    region_.ops.push_back(wide);
  }

  // Ports that return an input, a parameter, a product or another port's value.
  void copy_outputs() {
    for (std::uint32_t port = 0; port < state_.cell.outputs().size(); ++port) {
      const ValueId v = state_.cell.outputs()[port];
      const Place to{Place::Kind::output, port};
      const bool here = state_.facts.level[v] == level_ && op(v).rows == region_.rows;
      const bool in_table = state_.out.output_tables[port] != CompiledCell::kNoTable;
      if (here && !in_table && state_.place[v] != to) add_copy(v, to);
    }
  }

  struct Tile {
    std::uint32_t index;
    std::uint32_t width;
    std::vector<ValueId> values;  // that lie in it
  };

  LoweringState& state_;
  std::uint32_t level_;
  Region region_;
  std::vector<Unit> units_;
  std::size_t now_ = 0;
  std::map<ValueId, std::size_t> last_use_;  // the unit
  TileAllocator tiles_;
  std::vector<Tile> live_tiles_;
};

}  // namespace

Place LoweringState::output_place(ValueId v) const {
  const auto outputs = cell.outputs();
  const auto it = std::find(outputs.begin(), outputs.end(), v);
  if (it == outputs.end()) return {};
  return {Place::Kind::output, static_cast<std::uint32_t>(it - outputs.begin())};
}

Place LoweringState::lasting_place(ValueId v) {
  const Place output = output_place(v);
  if (output.kind != Place::Kind::none) return output;
  const Place place{Place::Kind::block, out.block_floats, 0, padded(op(v).width)};
  out.block_floats += value_stride(op(v).rows, op(v).width);
  return place;
}

Place LoweringState::shared_place(ValueId v) {
  SharedBuffer& buffer = shared[group[v]];
  if (buffer.index == SharedBuffer::kNone && buffer.kind == Place::Kind::product) {
    buffer.index = static_cast<std::uint32_t>(out.product_buffers.size());
    out.product_buffers.push_back({buffer.width, op(v).rows});
  } else if (buffer.index == SharedBuffer::kNone) {
    buffer.index = out.block_floats;
    out.block_floats += op(v).rows * buffer.width;
  }
  const auto at = std::find(buffer.values.begin(), buffer.values.end(), v) - buffer.values.begin();
  return {buffer.kind, buffer.index, buffer.columns[static_cast<std::size_t>(at)], buffer.width};
}

void lower_region(LoweringState& state, std::uint32_t level, std::uint32_t rows) {
  RegionLowering(state, level, rows).run();
}

}  // namespace sheaf::memory_plan
