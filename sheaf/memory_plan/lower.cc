// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/lower.h"

#include <algorithm>
#include <map>
#include <set>

#include "sheaf/base/error.h"
#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::memory_plan {
namespace {

using graph::CellOp;
using graph::ValueId;
using ops::OpKind;

std::uint32_t padded(std::uint32_t width) {
  return static_cast<std::uint32_t>(tensor::padded(width));
}

// A cell is cut at its products. The *level* of a value is the number of products behind it; level
// L runs as: the products of level L, then one region with all other ops of level L, or, where
// there are matrices, one per number of rows.
class Lowering {
 public:
  explicit Lowering(const graph::Cell& cell) : cell_(cell), ops_(cell.ops()) {}

  CompiledCell run() {
    out_.name = cell_.name();
    out_.inputs.assign(cell_.inputs().begin(), cell_.inputs().end());
    out_.fixed_inputs = cell_.fixed_inputs();
    for (std::size_t port = 0; port < cell_.outputs().size(); ++port) {
      out_.output_widths.push_back(cell_.output_width(port));
      out_.output_rows.push_back(cell_.output_rows(port));
      out_.output_tables.push_back(CompiledCell::kNoTable);
    }
    find_levels();
    find_uses();
    place_sources();
    const std::uint32_t last = *std::max_element(level_.begin(), level_.end());
    for (std::uint32_t level = 0; level <= last; ++level) {
      if (level > 0) add_products(level);
      if (level > 0) add_matvecs(level);
      for (const std::uint32_t rows : rows_of_level(level)) add_region(level, rows);
    }
    out_.verify();
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool is_product(ValueId v) const {
    return ops::schema(ops_[v].kind).op_class == ops::OpClass::product;
  }
  [[nodiscard]] bool is_affine(ValueId v) const { return ops_[v].kind == OpKind::affine; }
  // Has a place from the start, and no op in a region.
  [[nodiscard]] bool is_given(ValueId v) const {
    return ops_[v].kind == OpKind::input || ops_[v].kind == OpKind::lookup ||
           ops_[v].kind == OpKind::parameter;
  }

  void find_levels() {
    level_.assign(ops_.size(), 0);
    for (ValueId v = 0; v < ops_.size(); ++v) {
      for (const ValueId operand : ops_[v].operands) {
        level_[v] = std::max(level_[v], level_[operand] + (is_product(v) ? 1U : 0U));
      }
    }
  }

  // Backwards from the outputs: who is alive, who must be written in full (a concat that only
  // products read need not be), and who must outlive its region.
  void find_uses() {
    live_.assign(ops_.size(), false);
    written_.assign(ops_.size(), false);
    outlives_.assign(ops_.size(), false);
    read_.assign(ops_.size(), false);
    for (const ValueId v : cell_.outputs()) live_[v] = written_[v] = true;
    for (ValueId v = static_cast<ValueId>(ops_.size()); v-- > 0;) {
      if (!live_[v]) continue;
      const bool pass_on = ops_[v].kind == OpKind::concat && !written_[v];
      for (const ValueId operand : ops_[v].operands) {
        live_[operand] = read_[operand] = true;
        if (is_product(v) || pass_on) {
          outlives_[operand] = true;
          const bool apart = ops_[operand].kind == OpKind::concat && ops_[v].kind != OpKind::matvec;
          if (!apart) written_[operand] = true;
        } else {
          written_[operand] = true;
          if (level_[operand] != level_[v]) outlives_[operand] = true;
        }
      }
    }
  }

  // The first port that returns `v`, or else a buffer that lives for the block.
  Place lasting_place(ValueId v) {
    const Place output = output_place(v);
    if (output.kind != Place::Kind::none) return output;
    const Place place{Place::Kind::block, out_.block_floats, 0, padded(ops_[v].width)};
    out_.block_floats += value_stride(ops_[v].rows, ops_[v].width);
    return place;
  }

  // A matrix that is only handed on is not copied, provided that the table holds its columns as the
  // arena would.
  [[nodiscard]] bool stays_in_table(ValueId v) const {
    return ops_[v].rows > 1 && !read_[v] && padded(ops_[v].width) == ops_[v].width;
  }

  void place_sources() {
    place_.assign(ops_.size(), {});
    for (ValueId v = 0; v < ops_.size(); ++v) {
      if (!live_[v]) continue;
      const CellOp& op = ops_[v];
      if (op.kind == OpKind::input) place_[v] = {Place::Kind::input, op.input};
      if (op.kind == OpKind::parameter) place_[v] = {Place::Kind::parameter, op.slots[0]};
      if (op.kind == OpKind::lookup && stays_in_table(v)) {
        for (std::size_t port = 0; port < cell_.outputs().size(); ++port) {
          if (cell_.outputs()[port] == v) out_.output_tables[port] = op.slots[0];
        }
      } else if (op.kind == OpKind::lookup) {
        place_[v] = lasting_place(v);
        out_.lookups.push_back({op.slots[0], place_[v], op.width, op.rows});
        out_.steps.push_back(
            {Step::Kind::lookup, static_cast<std::uint32_t>(out_.lookups.size() - 1)});
      }
    }
  }

  // The values of which `v` consists, concats taken apart.
  void expand(ValueId v, std::vector<ValueId>& leaves) const {
    if (ops_[v].kind != OpKind::concat || written_[v]) {
      leaves.push_back(v);
      return;
    }
    for (const ValueId operand : ops_[v].operands) expand(operand, leaves);
  }

  void add_products(std::uint32_t level) {
    std::map<std::vector<ValueId>, std::uint32_t> by_ranges;
    for (ValueId v = 0; v < ops_.size(); ++v) {
      if (!live_[v] || !is_affine(v) || level_[v] != level) continue;
      std::vector<ValueId> leaves;
      for (const ValueId operand : ops_[v].operands) expand(operand, leaves);
      const auto [it, fresh] =
          by_ranges.try_emplace(leaves, static_cast<std::uint32_t>(out_.products.size()));
      if (fresh) {
        Product product{.ranges = {}, .parts = {}, .rows = ops_[v].rows};
        for (const ValueId leaf : leaves) {
          product.ranges.push_back({place_[leaf], ops_[leaf].width});
          product.k += ops_[leaf].width;
        }
        out_.products.push_back(std::move(product));
        out_.steps.push_back({Step::Kind::product, it->second});
      }
      add_part(v, it->second);
    }
    for (const auto& [ranges, index] : by_ranges) {
      Product& product = out_.products[index];
      product.n = static_cast<std::uint32_t>(tensor::round_up(product.n, kPanelAlignment));
      product.to = {Place::Kind::product, index};
    }
    for (ValueId v = 0; v < ops_.size(); ++v) {
      if (live_[v] && is_affine(v) && level_[v] == level) write_to_output(v);
    }
  }

  // A product of a single part that an output returns writes its result there, provided that the
  // output's rows leave room for whole panels.
  void write_to_output(ValueId v) {
    Product& product = out_.products[place_[v].index];
    const Place output = output_place(v);
    const bool fits = product.parts.size() == 1 && padded(ops_[v].width) == product.n;
    if (output.kind != Place::Kind::none && fits) place_[v] = product.to = output;
  }

  void add_matvecs(std::uint32_t level) {
    for (ValueId v = 0; v < ops_.size(); ++v) {
      if (!live_[v] || ops_[v].kind != OpKind::matvec || level_[v] != level) continue;
      const ValueId matrix = ops_[v].operands[0];
      place_[v] = lasting_place(v);
      out_.matvecs.push_back({place_[matrix], place_[ops_[v].operands[1]], place_[v],
                              ops_[matrix].width, ops_[matrix].rows});
      out_.steps.push_back(
          {Step::Kind::matvec, static_cast<std::uint32_t>(out_.matvecs.size() - 1)});
    }
  }

  void add_part(ValueId v, std::uint32_t index) {
    Product& product = out_.products[index];
    const CellOp& op = ops_[v];
    ProductPart part{.terms = {}, .width = op.width, .column = product.n};
    std::uint32_t k = 0;
    for (std::size_t i = 0; i < op.operands.size(); ++i) {
      const std::uint32_t width = ops_[op.operands[i]].width;
      part.terms.push_back({op.slots[i], k, width});
      k += width;
    }
    if (op.slots.size() > op.operands.size()) part.bias = op.slots.back();
    place_[v] = {Place::Kind::product, index, part.column};
    product.n += padded(op.width);
    product.parts.push_back(std::move(part));
  }

  // The first port that returns `v`, or none.
  [[nodiscard]] Place output_place(ValueId v) const {
    const auto outputs = cell_.outputs();
    const auto it = std::find(outputs.begin(), outputs.end(), v);
    if (it == outputs.end()) return {};
    return {Place::Kind::output, static_cast<std::uint32_t>(it - outputs.begin())};
  }

  [[nodiscard]] std::set<std::uint32_t> rows_of_level(std::uint32_t level) const {
    std::set<std::uint32_t> rows;
    for (ValueId v = 0; v < ops_.size(); ++v) {
      if (live_[v] && level_[v] == level) rows.insert(ops_[v].rows);
    }
    return rows;
  }

  void add_region(std::uint32_t level, std::uint32_t rows) {
    Region region{.ops = {}, .rows = rows};
    std::vector<ValueId> members;
    for (ValueId v = 0; v < ops_.size(); ++v) {
      const bool computed = written_[v] && !is_product(v) && !is_given(v);
      if (computed && level_[v] == level && ops_[v].rows == rows) members.push_back(v);
    }
    TileAllocator tiles(*this, members);
    for (std::size_t i = 0; i < members.size(); ++i) {
      const ValueId v = members[i];
      const bool lasts = outlives_[v] || output_place(v).kind != Place::Kind::none;
      place_[v] = lasts ? lasting_place(v) : tiles.take(v);
      emit(v, region);
      tiles.release_after(i);
    }
    copy_outputs(level, rows, region);
    if (region.ops.empty()) return;
    region.tile_floats = tiles.size();
    out_.regions.push_back(std::move(region));
    out_.steps.push_back({Step::Kind::region, static_cast<std::uint32_t>(out_.regions.size() - 1)});
  }

  void emit(ValueId v, Region& region) {
    const CellOp& op = ops_[v];
    if (op.kind == OpKind::concat) {
      Place to = place_[v];
      for (const ValueId operand : op.operands) {
        region.ops.push_back({.kind = OpKind::copy,
                              .width = ops_[operand].width,
                              .to = to,
                              .a = place_[operand],
                              .b = {}});
        to.column += ops_[operand].width;
      }
      return;
    }
    region.ops.push_back({.kind = op.kind,
                          .width = op.width,
                          .to = place_[v],
                          .a = op.operands.empty() ? Place{} : place_[op.operands[0]],
                          .b = op.operands.size() < 2 ? Place{} : place_[op.operands[1]],
                          .slot = op.slots.empty() ? 0 : op.slots[0],
                          .scalar = op.scalar});
  }

  // Ports that return an input, a parameter, a product or another port's value.
  void copy_outputs(std::uint32_t level, std::uint32_t rows, Region& region) {
    for (std::uint32_t port = 0; port < cell_.outputs().size(); ++port) {
      const ValueId v = cell_.outputs()[port];
      const Place to{Place::Kind::output, port};
      if (level_[v] != level || ops_[v].rows != rows || place_[v] == to) continue;
      if (out_.output_tables[port] != CompiledCell::kNoTable) continue;
      region.ops.push_back(
          {.kind = OpKind::copy, .width = ops_[v].width, .to = to, .a = place_[v], .b = {}});
    }
  }

  // Temporaries of one region; a buffer is used again when the value in it has been read for the
  // last time.
  class TileAllocator {
   public:
    TileAllocator(const Lowering& lowering, const std::vector<ValueId>& members)
        : lowering_(lowering), dying_(members.size()) {
      std::map<ValueId, std::size_t> last;
      for (std::size_t i = 0; i < members.size(); ++i) {
        last[members[i]] = i;
        for (const ValueId operand : lowering.ops_[members[i]].operands) last[operand] = i;
      }
      for (const auto& [value, at] : last) dying_[at].push_back(value);
    }
    Place take(ValueId v) {
      const std::uint32_t width = padded(lowering_.ops_[v].width);
      auto& free = free_[width];
      if (!free.empty()) {
        const Place place = free.back();
        free.pop_back();
        return place;
      }
      const Place place{Place::Kind::tile, size_, 0, width};
      size_ += width;
      return place;
    }
    void release_after(std::size_t i) {
      for (const ValueId v : dying_[i]) {
        const Place& place = lowering_.place_[v];
        if (place.kind != Place::Kind::tile) continue;
        free_[padded(lowering_.ops_[v].width)].push_back(place);
      }
    }
    [[nodiscard]] std::uint32_t size() const { return size_; }

   private:
    const Lowering& lowering_;
    std::vector<std::vector<ValueId>> dying_;
    std::map<std::uint32_t, std::vector<Place>> free_;
    std::uint32_t size_ = 0;
  };

  const graph::Cell& cell_;
  std::span<const CellOp> ops_;
  CompiledCell out_;
  std::vector<std::uint32_t> level_;
  std::vector<bool> live_;  // an output depends on it
  std::vector<bool>
      written_;  // its columns are stored side by side; not so for a concat that only products read
  std::vector<bool> read_;      // an op reads it
  std::vector<bool> outlives_;  // it is read after its region, and cannot lie in a tile
  std::vector<Place> place_;
};

}  // namespace

CompiledCell lower(const graph::Cell& cell) { return Lowering(cell).run(); }

}  // namespace sheaf::memory_plan
