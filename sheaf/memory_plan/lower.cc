// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/lower.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/memory_plan/region_lowering.h"
#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::memory_plan {
namespace {

using graph::CellOp;
using graph::SlotId;
using graph::ValueId;
using ops::OpKind;

std::uint32_t padded(std::uint32_t width) {
  return static_cast<std::uint32_t>(tensor::padded(width));
}

// Level by level (cell_facts.h): the products, the matrix-vector products, the spatial ops, the
// products of integers, then one region with all other ops of the level, or, where there are
// matrices, one per number of rows.
class Lowering {
 public:
  Lowering(const graph::Cell& cell, const CellFacts& facts, const CellLayout& layout,
           LayoutMode mode)
      : state_{cell, facts, layout, mode, {}, {}, {}, {}}, facts_(facts), ops_(cell.ops()) {}

  CompiledCell run() {
    describe();
    find_products();
    share_buffers();
    place_sources();
    const std::uint32_t last = *std::max_element(facts_.level.begin(), facts_.level.end());
    for (std::uint32_t level = 0; level <= last; ++level) {
      for (ProductDraft& draft : drafts_) {
        if (draft.level == level) add_product(draft);
      }
      add_matvecs(level);
      add_spatials(level);
      add_integer_products(level);
      for (const std::uint32_t rows : rows_of_level(level)) lower_region(state_, level, rows);
    }
    state_.out.verify();
    return std::move(state_.out);
  }

 private:
  // A product before its places are known.
  struct ProductDraft {
    std::uint32_t level;
    std::vector<ValueId> leaves;
    std::vector<tensor::Encoding> encodings;  // by leaf: of the weights that multiply it
    std::vector<ValueId> parts;               // in the planned order
    std::uint32_t width = 0;                  // of all parts
  };

  void describe() {
    CompiledCell& out = state_.out;
    const graph::Cell& cell = state_.cell;
    out.name = cell.name();
    out.inputs.assign(cell.inputs().begin(), cell.inputs().end());
    out.fixed_inputs = cell.fixed_inputs();
    for (std::size_t port = 0; port < cell.outputs().size(); ++port) {
      out.output_widths.push_back(cell.output_width(port));
      out.output_rows.push_back(cell.output_rows(port));
      out.output_tables.push_back(CompiledCell::kNoTable);
    }
    out.parameter_order = state_.layout.slots;
    for (ValueId v = 0; v < ops_.size(); ++v) {
      out.reads_payload |= facts_.live[v] && ops::reads_payload(ops_[v].kind);
    }
    out.report = state_.layout.report;
    state_.place.assign(ops_.size(), {});
  }

  // Products of one level run from left to right, as their results lie.
  void find_products() {
    draft_of_.assign(ops_.size(), 0);
    using Key = std::tuple<std::uint32_t, std::vector<ValueId>, std::vector<tensor::Encoding>>;
    std::map<Key, std::size_t> by_leaves;
    for (const ValueId v : state_.layout.values) {
      if (!facts_.live[v] || ops_[v].kind != OpKind::affine) continue;
      const std::uint32_t level = facts_.level[v];
      std::vector<ValueId> leaves = facts_.leaves_of(state_.cell, v);
      std::vector<tensor::Encoding> encodings = facts_.encodings_of(state_.cell, v);
      const auto [it, fresh] = by_leaves.try_emplace({level, leaves, encodings}, drafts_.size());
      if (fresh) drafts_.push_back({level, std::move(leaves), std::move(encodings), {}});
      draft_of_[v] = it->second;
      drafts_[it->second].parts.push_back(v);
      drafts_[it->second].width += padded(ops_[v].width);
    }
  }

  void share_buffers() {
    state_.group.assign(ops_.size(), SharedBuffer::kNone);
    for (const std::vector<ValueId>& values : state_.layout.groups) {
      SharedBuffer buffer;
      buffer.values = values;
      for (const ValueId v : values) {
        state_.group[v] = static_cast<std::uint32_t>(state_.shared.size());
        if (ops_[v].kind == OpKind::affine) {
          buffer.kind = Place::Kind::product;
        } else if ((facts_.outlives[v] || ops_[v].kind == OpKind::lookup) &&
                   buffer.kind == Place::Kind::tile) {
          buffer.kind = Place::Kind::block;
        }
      }
      lay_out(buffer);
      state_.shared.push_back(std::move(buffer));
    }
  }

  // Columns from left to right. A product writes whole panels; what lies to the right of its last
  // part must be written after it, or stand back by half a panel.
  void lay_out(SharedBuffer& buffer) const {
    std::uint32_t column = 0;
    std::uint32_t reaches = 0;  // how far products write
    for (std::size_t i = 0; i < buffer.values.size(); ++i) {
      const ValueId v = buffer.values[i];
      if (i > 0 && reaches > column && !is_written_after(v, buffer.values[i - 1])) column = reaches;
      buffer.columns.push_back(column);
      column += padded(ops_[v].width);
      if (ops_[v].kind != OpKind::affine) continue;
      const ProductDraft& draft = drafts_[draft_of_[v]];
      if (draft.parts.back() != v) continue;
      const auto whole = static_cast<std::uint32_t>(tensor::round_up(draft.width, kPanelAlignment));
      reaches = column + whole - draft.width;
    }
    buffer.width = std::max(column, reaches);
  }

  [[nodiscard]] bool is_written_after(ValueId v, ValueId affine) const {
    const std::uint32_t level = facts_.level[affine];
    if (ops_[v].kind == OpKind::lookup || facts_.level[v] < level) return false;
    if (ops_[v].kind != OpKind::affine || facts_.level[v] > level) return true;
    return draft_of_[v] > draft_of_[affine];
  }

  // A matrix that is only handed on is not copied, provided that the table holds its columns as the
  // arena would.
  [[nodiscard]] bool stays_in_table(ValueId v) const {
    return ops_[v].kind == OpKind::lookup && ops_[v].rows > 1 && !facts_.read[v] &&
           padded(ops_[v].width) == ops_[v].width;
  }

  void place_sources() {
    CompiledCell& out = state_.out;
    for (ValueId v = 0; v < ops_.size(); ++v) {
      if (!facts_.live[v]) continue;
      const CellOp& op = ops_[v];
      Place& place = state_.place[v];
      if (op.kind == OpKind::input) place = {Place::Kind::input, op.input};
      if (op.kind == OpKind::parameter) place = {Place::Kind::parameter, op.slots[0]};
      if (stays_in_table(v)) {
        for (std::size_t port = 0; port < state_.cell.outputs().size(); ++port) {
          if (state_.cell.outputs()[port] == v) out.output_tables[port] = op.slots[0];
        }
      } else if (op.kind == OpKind::lookup) {
        const bool shared = state_.group[v] != SharedBuffer::kNone;
        place = shared ? state_.shared_place(v) : state_.lasting_place(v);
        out.lookups.push_back({op.slots[0], place, op.width, op.rows});
        out.steps.push_back(
            {Step::Kind::lookup, static_cast<std::uint32_t>(out.lookups.size() - 1)});
      }
    }
  }

  // A product per encoding: the first, which is that of the dense weights where there are any, has
  // the bias, and the others add to what it writes.
  void add_product(const ProductDraft& draft) {
    CompiledCell& out = state_.out;
    const std::set<tensor::Encoding> encodings(draft.encodings.begin(), draft.encodings.end());
    const bool dense = encodings.size() == 1 && encodings.begin()->is_dense();
    Place to;
    for (const tensor::Encoding encoding : encodings) {
      const auto index = static_cast<std::uint32_t>(out.products.size());
      const bool adds = encoding != *encodings.begin();
      Product product = product_of(draft, encoding, adds);
      if (!adds) to = place_of(draft, product.n);
      product.to = to;
      for (std::size_t i = 0; i < draft.parts.size(); ++i) {
        Place& place = state_.place[draft.parts[i]];
        place = to;
        place.column += product.parts[i].column;
      }
      out.products.push_back(std::move(product));
      if (state_.mode == LayoutMode::unplanned && dense) add_repack(draft, index);
      out.steps.push_back({Step::Kind::product, index});
    }
  }

  // The terms of a draft whose weights are stored in one way; its place is still open.
  [[nodiscard]] Product product_of(const ProductDraft& draft, tensor::Encoding encoding,
                                   bool adds) const {
    Product product{.ranges = {},
                    .parts = {},
                    .rows = ops_[draft.parts[0]].rows,
                    .to = {},
                    .encoding = encoding,
                    .adds = adds};
    for (std::size_t i = 0; i < draft.leaves.size(); ++i) {
      if (draft.encodings[i] != encoding) continue;
      product.ranges.push_back({state_.place[draft.leaves[i]], ops_[draft.leaves[i]].width});
      product.k += product.ranges.back().width;
    }
    std::uint32_t column = 0;
    for (const ValueId v : draft.parts) {
      product.parts.push_back(part_of(v, column, encoding));
      if (adds) product.parts.back().bias = ProductPart::kNoBias;
      column += padded(ops_[v].width);
    }
    product.n = static_cast<std::uint32_t>(tensor::round_up(column, kPanelAlignment));
    return product;
  }

  // In the buffer that its parts share with others; in an output that leaves room for whole panels,
  // if it is all that it computes; or in a buffer of its own.
  [[nodiscard]] Place place_of(const ProductDraft& draft, std::uint32_t n) {
    const ValueId first = draft.parts[0];
    if (state_.group[first] != SharedBuffer::kNone) return state_.shared_place(first);
    base::check(draft.parts.size() == 1, "lower", "the parts of a product share no buffer");
    const Place output = state_.output_place(first);
    if (output.kind != Place::Kind::none && padded(ops_[first].width) == n) return output;
    auto& buffers = state_.out.product_buffers;
    buffers.push_back({n, ops_[first].rows});
    return {Place::Kind::product, static_cast<std::uint32_t>(buffers.size() - 1), 0, n};
  }

  [[nodiscard]] ProductPart part_of(ValueId v, std::uint32_t column,
                                    tensor::Encoding encoding) const {
    const CellOp& op = ops_[v];
    ProductPart part{.terms = {}, .width = op.width, .column = column};
    std::uint32_t k = 0;
    for (std::size_t i = 0; i < op.operands.size(); ++i) {
      if (facts_.encoding(op.slots[i]) != encoding) continue;
      const std::uint32_t width = ops_[op.operands[i]].width;
      ProductPart::Term term{op.slots[i], k, width};
      if (!op.columns.empty()) {
        term.transposed = true;
        term.weight_column = op.columns[i];
      }
      part.terms.push_back(term);
      k += width;
    }
    if (op.slots.size() > op.operands.size()) part.bias = op.slots.back();
    return part;
  }

  // Unplanned: the n-th parameters of all parts are used as they lie when they were declared one
  // after the other, and are copied together otherwise.
  void add_repack(const ProductDraft& draft, std::uint32_t index) {
    Repack repack{index, {}};
    CellReport& report = state_.out.report;
    std::size_t most = 0;
    for (const ValueId v : draft.parts) most = std::max(most, ops_[v].slots.size());
    for (std::size_t i = 0; i < most && draft.parts.size() > 1; ++i) {
      bool adjacent = true;
      for (std::size_t p = 1; p < draft.parts.size(); ++p) {
        const auto& before = ops_[draft.parts[p - 1]].slots;
        const auto& slots = ops_[draft.parts[p]].slots;
        adjacent = adjacent && i < before.size() && i < slots.size() && slots[i] == before[i] + 1;
      }
      if (adjacent) continue;
      ++report.copy_kernels;
      for (std::uint32_t p = 0; p < draft.parts.size(); ++p) {
        const auto& slots = ops_[draft.parts[p]].slots;
        if (i >= slots.size()) continue;
        const bool bias = i >= ops_[draft.parts[p]].operands.size();
        repack.pieces.push_back({p, bias ? Repack::kBias : static_cast<std::uint32_t>(i)});
        const tensor::Shape shape = state_.cell.slots()[slots[i]].shape;
        report.copied_bytes_per_call += std::uint64_t{shape.rows} * shape.cols * sizeof(float);
      }
    }
    if (repack.pieces.empty()) return;
    CompiledCell& out = state_.out;
    out.repacks.push_back(std::move(repack));
    out.steps.push_back({Step::Kind::repack, static_cast<std::uint32_t>(out.repacks.size() - 1)});
  }

  void add_matvecs(std::uint32_t level) {
    CompiledCell& out = state_.out;
    for (ValueId v = 0; v < ops_.size(); ++v) {
      const CellOp& op = ops_[v];
      if (!facts_.live[v] || op.kind != OpKind::matvec || facts_.level[v] != level) continue;
      const ValueId matrix = op.operands[0];
      state_.place[v] = state_.lasting_place(v);
      out.matvecs.push_back({state_.place[matrix], state_.place[op.operands[1]], state_.place[v],
                             ops_[matrix].width, ops_[matrix].rows});
      out.steps.push_back({Step::Kind::matvec, static_cast<std::uint32_t>(out.matvecs.size() - 1)});
    }
  }

  void add_spatials(std::uint32_t level) {
    CompiledCell& out = state_.out;
    for (ValueId v = 0; v < ops_.size(); ++v) {
      const CellOp& op = ops_[v];
      const bool spatial = ops::schema(op.kind).op_class == ops::OpClass::spatial;
      if (ops::is_quantised_product(op.kind)) continue;
      if (!facts_.live[v] || !spatial || facts_.level[v] != level) continue;
      state_.place[v] = state_.lasting_place(v);
      Spatial step{.kind = op.kind,
                   .window = op.window,
                   .operands = {},
                   .to = state_.place[v],
                   .shape = {op.rows, op.width}};
      for (const ValueId operand : op.operands) {
        step.operands.push_back({state_.place[operand], {ops_[operand].rows, ops_[operand].width}});
      }
      if (!op.slots.empty()) step.weights = op.slots[0];
      if (op.slots.size() > 1) step.bias = op.slots[1];
      out.steps.push_back({Step::Kind::spatial, static_cast<std::uint32_t>(out.spatials.size())});
      out.spatials.push_back(std::move(step));
    }
  }

  void add_integer_products(std::uint32_t level) {
    CompiledCell& out = state_.out;
    for (ValueId v = 0; v < ops_.size(); ++v) {
      const CellOp& op = ops_[v];
      const bool here = facts_.live[v] && facts_.level[v] == level;
      if (!here || !ops::is_quantised_product(op.kind)) continue;
      state_.place[v] = state_.lasting_place(v);
      IntegerProduct step{.to = state_.place[v],
                          .shape = {op.rows, op.width},
                          .bits = op.bits,
                          .window = op.window};
      const std::size_t n = op.operands.size();
      for (std::size_t i = 0; i < n; ++i) {
        const ValueId from = op.operands[i];
        step.terms.push_back({state_.place[from],
                              {ops_[from].rows, ops_[from].width},
                              op.slots[i],
                              op.slots[n + i],
                              op.slots[2 * n + i]});
      }
      if (op.slots.size() > 3 * n) step.bias = op.slots.back();
      out.steps.push_back(
          {Step::Kind::integer_product, static_cast<std::uint32_t>(out.integer_products.size())});
      out.integer_products.push_back(std::move(step));
    }
  }

  [[nodiscard]] std::set<std::uint32_t> rows_of_level(std::uint32_t level) const {
    std::set<std::uint32_t> rows;
    for (ValueId v = 0; v < ops_.size(); ++v) {
      if (facts_.live[v] && facts_.level[v] == level) rows.insert(ops_[v].rows);
    }
    return rows;
  }

  LoweringState state_;
  const CellFacts& facts_;
  std::span<const CellOp> ops_;
  std::vector<ProductDraft> drafts_;
  std::vector<std::size_t> draft_of_;  // of an affine op
};

}  // namespace

CompiledCell lower(const graph::Cell& cell, LayoutMode mode,
                   std::span<const tensor::Encoding> slots) {
  const CellFacts facts(cell, slots);
  const CellBatches batches = find_cell_batches(cell, facts);
  const CellLayout layout = plan_cell_layout(cell, facts, batches, mode);
  return Lowering(cell, facts, layout, mode).run();
}

}  // namespace sheaf::memory_plan
