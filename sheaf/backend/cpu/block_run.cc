// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/block_run.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "sheaf/backend/cpu/circulant.h"
#include "sheaf/backend/cpu/integer_run.h"
#include "sheaf/backend/cpu/spatial.h"
#include "sheaf/backend/cpu/step_timer.h"

namespace sheaf::backend::cpu {
namespace {

using memory_plan::InputPlan;
using memory_plan::Place;
using memory_plan::RegionOp;
using tensor::padded;

// Rows of a value: row i begins at first + i * stride.
struct Rows {
  float* first = nullptr;
  std::size_t stride = 0;
};

// Some nodes of the block.
struct Nodes {
  std::uint32_t first;
  std::uint32_t count;
};

class BlockRun {
 public:
  BlockRun(const BatchContext& context, std::uint32_t first_row, std::uint32_t rows)
      : context_(context), first_row_(first_row), rows_(rows) {}

  void run() {
    bool indirect = false;
    for (std::uint32_t i = 0; i < context_.cell.inputs.size(); ++i) {
      indirect = indirect || how(i).kind == InputPlan::Kind::indirect;
      read_input(i);
    }
    const std::span<const memory_plan::Step> steps(context_.cell.steps);
    for (std::size_t s = 0; s < steps.size();) {
      // Matrices that do not follow each other are read where they lie, node by node: by all steps
      // in a row that read some, so that a node's are in the cache for the next step.
      std::size_t end = s;
      while (indirect && end < steps.size() && reads_indirectly(steps[end])) ++end;
      for (std::uint32_t node = 0; end > s && node < rows_; ++node) {
        for (const auto& step : steps.subspan(s, end - s)) run_step(step, {node, 1});
      }
      if (end == s) run_step(steps[end++], {0, rows_});
      s = end;
    }
  }

 private:
  void run_step(const memory_plan::Step& step, Nodes nodes) {
    const StepTimer timer(context_, step.kind);
    switch (step.kind) {
      case memory_plan::Step::Kind::lookup:
        return run_lookup(context_.cell.lookups[step.index]);
      case memory_plan::Step::Kind::repack:
        return run_repack(step.index);
      case memory_plan::Step::Kind::product:
        return run_product(step.index, nodes);
      case memory_plan::Step::Kind::matvec:
        return run_matvec(context_.cell.matvecs[step.index], nodes);
      case memory_plan::Step::Kind::spatial:
        return run_spatial(step.index, nodes);
      case memory_plan::Step::Kind::integer_product:
        return run_integers(step.index, nodes);
      case memory_plan::Step::Kind::region:
        return run_region(step.index, nodes);
    }
  }

  [[nodiscard]] const InputPlan& how(std::uint32_t input) const {
    return context_.plan.inputs[context_.batch.first_input + input];
  }

  [[nodiscard]] bool is_indirect(const Place& place) const {
    return place.kind == Place::Kind::input && how(place.index).kind == InputPlan::Kind::indirect;
  }

  [[nodiscard]] bool reads_indirectly(const memory_plan::Step& step) const {
    const memory_plan::CompiledCell& cell = context_.cell;
    switch (step.kind) {
      case memory_plan::Step::Kind::lookup:
      case memory_plan::Step::Kind::repack:
        return false;
      case memory_plan::Step::Kind::product: {
        const auto& ranges = cell.products[step.index].ranges;
        return std::any_of(ranges.begin(), ranges.end(),
                           [this](const auto& range) { return is_indirect(range.from); });
      }
      case memory_plan::Step::Kind::matvec:
        return is_indirect(cell.matvecs[step.index].matrix);
      case memory_plan::Step::Kind::spatial: {
        const auto& operands = cell.spatials[step.index].operands;
        return std::any_of(operands.begin(), operands.end(),
                           [this](const auto& operand) { return is_indirect(operand.from); });
      }
      case memory_plan::Step::Kind::integer_product: {
        const auto& terms = cell.integer_products[step.index].terms;
        return std::any_of(terms.begin(), terms.end(),
                           [this](const auto& term) { return is_indirect(term.from); });
      }
      case memory_plan::Step::Kind::region: {
        const auto& ops = cell.regions[step.index].ops;
        return std::any_of(ops.begin(), ops.end(), [this](const RegionOp& op) {
          return is_indirect(op.a) || is_indirect(op.b);
        });
      }
    }
    return false;
  }

  // A value in the arena or in a table.
  [[nodiscard]] const float* value_at(memory_plan::Offset offset) const {
    if (!memory_plan::in_table(offset)) return context_.arena + offset;
    return context_.parameters[memory_plan::table_of(offset)] + memory_plan::float_of(offset);
  }

  // What is in place or indirect stays there; anything else is copied or summed into scratch.
  void read_input(std::uint32_t i) {
    const InputPlan& plan = how(i);
    if (plan.kind == InputPlan::Kind::in_place || plan.kind == InputPlan::Kind::indirect) return;
    const StepTimer timer(context_, &runtime::StepTimes::gather_ns);
    const graph::CellInput& input = context_.cell.inputs[i];
    float* to = context_.scratch + context_.layout.inputs[i];
    const std::size_t stride = memory_plan::value_stride(input.rows, input.width);
    const std::size_t floats = memory_plan::value_floats(input.rows, input.width);
    const memory_plan::Offset* const offsets = context_.plan.gather_offsets.data();
    if (plan.kind == InputPlan::Kind::gathered) {
      const memory_plan::Offset* from = offsets + plan.at + first_row_;
      for (std::uint32_t r = 0; r < rows_; ++r) {
        std::memcpy(to + r * stride, value_at(from[r]), floats * sizeof(float));
      }
      return;
    }
    const std::uint64_t* begin = &context_.plan.sum_begin[plan.at + first_row_];
    for (std::uint32_t r = 0; r < rows_; ++r) {
      sum_into(to + r * stride, floats, {offsets + begin[r], offsets + begin[r + 1]});
    }
  }

  void sum_into(float* to, std::size_t floats, std::span<const memory_plan::Offset> terms) {
    if (terms.empty()) {
      std::memset(to, 0, floats * sizeof(float));
      return;
    }
    std::memcpy(to, value_at(terms[0]), floats * sizeof(float));
    const RowsKernel add = context_.kernels.rows_kernel(ops::OpKind::add);
    for (const memory_plan::Offset term : terms.subspan(1)) {
      add({.a = to, .b = value_at(term), .to = to, .rows = 1, .width = floats});
    }
  }

  void run_lookup(const memory_plan::Lookup& lookup) {
    const Rows to = rows_of(lookup.to, 0, 1);
    const float* table = context_.weights.tables[&lookup - context_.cell.lookups.data()];
    const std::uint32_t* payload = &context_.plan.payloads[context_.batch.first_node + first_row_];
    // The columns of a matrix lie together in the table; where they do in the arena, too, a value
    // is copied as a whole.
    const bool whole = lookup.rows == 1 || to.stride == lookup.width;
    const std::size_t pieces = whole ? 1 : lookup.rows;
    const std::size_t floats = std::size_t{lookup.rows} * lookup.width / pieces;
    float* row = to.first;
    for (std::uint32_t r = 0; r < rows_; ++r) {
      const float* from = table + std::size_t{payload[r]} * lookup.rows * lookup.width;
      for (std::size_t p = 0; p < pieces; ++p) {
        std::memcpy(row + p * to.stride, from + p * floats, floats * sizeof(float));
      }
      row += lookup.rows * to.stride;
    }
  }

  // Once per batch, in its first block.
  void run_repack(std::uint32_t index) {
    if (first_row_ != 0) return;
    const memory_plan::Repack& step = context_.cell.repacks[index];
    repack(step, context_.cell.products[step.product], context_.weights.apart[index],
           context_.kernels.panel_width, context_.weights.products[step.product]);
  }

  void run_product(std::uint32_t index, Nodes nodes) {
    const memory_plan::Product& product = context_.cell.products[index];
    const PackedProduct& packed = context_.weights.products[index];
    ProductArgs::Range* const ranges = context_.ranges;
    std::size_t count = 0;
    for (const memory_plan::KRange& range : product.ranges) {
      const Rows from = rows_of(range.from, nodes.first, product.rows);
      ranges[count++] = {from.first, from.stride, range.width};
    }
    const Rows to = rows_of(product.to, nodes.first, product.rows);
    if (product.encoding.kind == tensor::EncodingKind::block_circulant) {
      context_.kernels.circulant({.ranges = {ranges, count},
                                  .block = product.encoding.block,
                                  .weights = packed.panels.data(),
                                  .columns = packed.columns,
                                  .bias = product.adds ? nullptr : packed.bias.data(),
                                  .out = to.first,
                                  .out_stride = to.stride,
                                  .rows = std::size_t{nodes.count} * product.rows,
                                  .scratch = context_.scratch + context_.layout.spectra});
      return;
    }
    Rows initial{context_.weights.products[index].bias.data(), 0};
    if (product.initial.kind != Place::Kind::none) {
      initial = rows_of(product.initial, nodes.first, product.rows);
    }
    context_.kernels.product({.ranges = {ranges, count},
                              .k = product.k,
                              .panels = packed.panels.data(),
                              .initial = initial.first,
                              .initial_stride = initial.stride,
                              .out = to.first,
                              .out_stride = to.stride,
                              .rows = std::size_t{nodes.count} * product.rows,
                              .n = product.n});
  }

  void run_matvec(const memory_plan::MatVec& matvec, Nodes nodes) {
    for (std::uint32_t node = nodes.first; node < nodes.first + nodes.count; ++node) {
      const Rows matrix = rows_of(matvec.matrix, node, matvec.rows);
      context_.kernels.matvec({.matrix = matrix.first,
                               .stride = matrix.stride,
                               .vector = rows_of(matvec.vector, node, 1).first,
                               .to = rows_of(matvec.to, node, 1).first,
                               .rows = matvec.rows,
                               .width = matvec.width});
    }
  }

  void run_spatial(std::uint32_t index, Nodes nodes) {
    const memory_plan::Spatial& step = context_.cell.spatials[index];
    const PackedProduct& packed = context_.weights.spatials[index];
    for (std::uint32_t node = nodes.first; node < nodes.first + nodes.count; ++node) {
      const auto operand = [&](std::size_t i) -> SpatialArgs::Operand {
        if (i >= step.operands.size()) return {};
        const tensor::Shape shape = step.operands[i].shape;
        const Rows rows = rows_of(step.operands[i].from, node, shape.rows);
        // A picture in one row: its pixels follow each other without padding.
        const std::uint32_t pixels = step.window.pixels();
        const bool one_row = step.kind == ops::OpKind::conv2d && shape.rows != pixels;
        return {rows.first, one_row ? shape.cols / pixels : rows.stride, shape};
      };
      const Rows to = rows_of(step.to, node, step.shape.rows);
      context_.kernels.spatial->ops[static_cast<std::size_t>(step.kind)](
          {.window = step.window,
           .a = operand(0),
           .b = operand(1),
           .to = to.first,
           .to_stride = to.stride,
           .shape = step.shape,
           .weights = packed.panels.data(),
           .bias = packed.bias.data(),
           .product = context_.kernels.product,
           .ranges = context_.ranges,
           .scratch = context_.scratch + context_.layout.pictures});
    }
  }

  // Nodes whose values have one row each go together.
  void run_integers(std::uint32_t index, Nodes nodes) {
    const memory_plan::IntegerProduct& step = context_.cell.integer_products[index];
    const bool one_row = step.shape.rows == 1 && !step.slides();
    const std::uint32_t each = one_row ? nodes.count : 1;
    for (std::uint32_t node = nodes.first; node < nodes.first + nodes.count; node += each) {
      std::size_t count = 0;
      for (const auto& term : step.terms) {
        const Rows from = rows_of(term.from, node, term.shape.rows);
        const bool in_one_row = step.slides() && term.shape.rows != step.window.pixels();
        const std::size_t pixel = in_one_row ? term.shape.cols / step.window.pixels() : 0;
        context_.ranges[count++] = {from.first, in_one_row ? pixel : from.stride, term.shape.cols};
      }
      const Rows to = rows_of(step.to, node, step.shape.rows);
      const bool early = context_.batch.part == memory_plan::BatchPlan::Part::prefix;
      run_integer_product(
          {.product = step,
           .binding = context_.binding,
           .factors = context_.weights.integers[index],
           .kernels = *context_.kernels.integers,
           .unit = context_.integer_products,
           .from = {context_.ranges, count},
           .to = to.first,
           .to_stride = to.stride,
           .type = context_.batch.type,
           .batch = early ? runtime::IntegerCall::kNoBatch : batch_index(),
           .nodes = context_.plan.nodes(context_.batch).subspan(first_row_ + node, each),
           .scratch = context_.scratch + context_.layout.integers});
    }
  }
  [[nodiscard]] std::uint32_t batch_index() const {
    return static_cast<std::uint32_t>(&context_.batch - context_.plan.batches.data());
  }

  // Op by op over a few rows at a time, so that temporaries never leave the L1 cache.
  void run_region(std::uint32_t index, Nodes nodes) {
    const memory_plan::Region& region = context_.cell.regions[index];
    const std::uint32_t step = context_.layout.tile_rows[index];
    const std::uint32_t all = nodes.count * region.rows;
    for (std::uint32_t row = 0; row < all; row += step) {
      const std::uint32_t rows = std::min(step, all - row);
      for (const RegionOp& op : region.ops) {
        const auto at = [&](const Place& place) {
          Rows of = rows_of(place, nodes.first, region.rows);
          if (place.kind != Place::Kind::tile && of.first != nullptr) of.first += row * of.stride;
          return of;
        };
        run_op(op, {at(op.to), at(op.a), at(op.b)}, {nodes.first + row, rows});
      }
    }
  }

  struct OpRows {
    Rows to, a, b;
  };

  void run_op(const RegionOp& op, const OpRows& of, Nodes rows) {
    RowsArgs args{.a = of.a.first,
                  .a_stride = of.a.stride,
                  .b = of.b.first,
                  .b_stride = of.b.stride,
                  .to = of.to.first,
                  .to_stride = of.to.stride,
                  .rows = rows.count,
                  .width = op.width,
                  .table = nullptr,
                  .table_stride = 0,
                  .scalar = op.scalar,
                  .a_width = op.a_width};
    if (ops::reads_payload(op.kind)) {
      args.payloads = &context_.plan.payloads[context_.batch.first_node + first_row_ + rows.first];
    }
    const bool has_slot = op.kind == ops::OpKind::dropout_mask || op.kind == ops::OpKind::quantise;
    if (has_slot) args.table = context_.weights.slots[op.slot].data();
    if (op.kind == ops::OpKind::viterbi_step) {
      args.table = context_.weights.slots[op.slot].data();
      args.table_stride = padded(op.width / 2);
    }
    context_.kernels.rows_kernel(op.kind)(args);
  }

  // The rows at `place` from the first of node `node` of this block on; `rows` of them per node.
  [[nodiscard]] Rows rows_of(const Place& place, std::uint32_t node, std::uint32_t rows) const {
    const Rows of = rows_of(place);
    const bool one_for_all = place.kind == Place::Kind::none || place.kind == Place::Kind::tile;
    if (one_for_all) return of;
    if (is_indirect(place)) {
      const memory_plan::Offset from =
          context_.plan.gather_offsets[how(place.index).at + first_row_ + node];
      // Kernels only read through what an input's place is given for.
      return {const_cast<float*>(value_at(from)) + place.column, of.stride};
    }
    return {of.first + std::size_t{node} * rows * of.stride, of.stride};
  }

  // The rows of this block at `place`.
  [[nodiscard]] Rows rows_of(const Place& place) const {
    const ScratchLayout& layout = context_.layout;
    float* const scratch = context_.scratch;
    switch (place.kind) {
      case Place::Kind::none:
        return {};
      case Place::Kind::input: {
        const graph::CellInput& input = context_.cell.inputs[place.index];
        const std::size_t input_stride = padded(input.width);
        const InputPlan& plan = how(place.index);
        float* const first =
            plan.kind == InputPlan::Kind::in_place
                ? context_.arena + plan.at + std::size_t{first_row_} * input.rows * input_stride
                : scratch + layout.inputs[place.index];
        return {first + place.column, input_stride};
      }
      case Place::Kind::output: {
        const std::size_t output_stride = padded(context_.cell.output_widths[place.index]);
        const memory_plan::Offset first =
            context_.plan.outputs[context_.batch.first_output + place.index];
        const std::size_t row = std::size_t{first_row_} * context_.cell.output_rows[place.index];
        return {context_.arena + first + row * output_stride + place.column, output_stride};
      }
      case Place::Kind::early:
        return {context_.early + std::size_t{first_row_} * place.stride + place.column,
                place.stride};
      case Place::Kind::product:
        return {scratch + layout.products[place.index] + place.column, place.stride};
      case Place::Kind::block:
        return {
            scratch + layout.block + std::size_t{place.index} * layout.block_rows + place.column,
            place.stride};
      case Place::Kind::tile:
        return {scratch + layout.tile + std::size_t{place.index} * kBlockRows + place.column,
                place.stride};
      case Place::Kind::parameter:
        // Kernels only read through `a` and `b`; a parameter is never a destination.
        return {const_cast<float*>(context_.weights.slots[place.index].data()) + place.column, 0};
    }
    return {};
  }

  const BatchContext& context_;
  std::uint32_t first_row_;
  std::uint32_t rows_;
};

std::size_t weight_floats(const memory_plan::CompiledCell& cell) {
  std::size_t floats = 0;
  for (const memory_plan::Product& product : cell.products) {
    if (product.encoding.is_dense()) floats += std::size_t{product.k} * product.n;
  }
  return floats;
}

// Floats per row that the ops of a region read and write, each value once.
std::uint32_t touched_floats(const memory_plan::Region& region) {
  std::vector<Place> seen;
  std::uint32_t floats = 0;
  for (const RegionOp& op : region.ops) {
    for (const Place& place : {op.to, op.a, op.b}) {
      if (place.kind == Place::Kind::none || place.kind == Place::Kind::parameter) continue;
      if (std::find(seen.begin(), seen.end(), place) != seen.end()) continue;
      seen.push_back(place);
      floats += op.width;
    }
  }
  return floats;
}

// Floats per node of matrices that may lie in scratch memory.
std::size_t matrix_floats(const memory_plan::CompiledCell& cell) {
  std::size_t floats = 0;
  for (const graph::CellInput& input : cell.inputs) {
    if (input.rows > 1) floats += memory_plan::value_stride(input.rows, input.width);
  }
  for (const memory_plan::ProductBuffer& buffer : cell.product_buffers) {
    if (buffer.rows > 1) floats += std::size_t{buffer.rows} * buffer.width;
  }
  const bool any = floats > 0 || std::any_of(cell.output_rows.begin(), cell.output_rows.end(),
                                             [](std::uint32_t rows) { return rows > 1; });
  return any ? floats + cell.block_floats : 0;
}

}  // namespace

ScratchLayout::ScratchLayout(const memory_plan::CompiledCell& cell, std::uint32_t most_rows) {
  if (most_rows == kRowsByWeights) {
    most_rows = weight_floats(cell) > kLargeWeightFloats ? kBlockRowsOfLargeWeights : kBlockRows;
  }
  block_rows = most_rows;
  if (const std::size_t matrices = matrix_floats(cell); matrices > 0) {
    block_rows =
        static_cast<std::uint32_t>(std::clamp<std::size_t>(kMatrixFloats / matrices, 1, most_rows));
  }
  const auto take = [this](std::size_t floats_per_row, std::uint32_t rows) {
    const std::size_t at = floats;
    floats += floats_per_row * rows;
    return at;
  };
  for (const graph::CellInput& input : cell.inputs) {
    inputs.push_back(take(memory_plan::value_stride(input.rows, input.width), block_rows));
  }
  for (const memory_plan::ProductBuffer& buffer : cell.product_buffers) {
    products.push_back(take(std::size_t{buffer.rows} * buffer.width, block_rows));
  }
  block = take(cell.block_floats, block_rows);
  std::uint32_t widest = 0;
  for (const memory_plan::Region& region : cell.regions) {
    widest = std::max(widest, region.tile_floats);
    const std::uint32_t rows = kTileFloats / std::max(touched_floats(region), 1U);
    tile_rows.push_back(std::clamp(rows, 1U, kBlockRows));
  }
  tile = take(widest, kBlockRows);
  std::size_t spectra_floats = 0;
  for (const memory_plan::Product& product : cell.products) {
    if (product.encoding.is_dense()) continue;
    const std::size_t k = product.encoding.block;
    spectra_floats =
        std::max(spectra_floats, circulant_scratch(block_rows * product.rows, product.k / k, k));
  }
  spectra = take(spectra_floats, 1);
  std::size_t picture_floats = 0;
  for (const memory_plan::Spatial& spatial : cell.spatials) {
    picture_floats = std::max(picture_floats, spatial_scratch(spatial));
  }
  floats = tensor::round_up(floats, tensor::kRowAlignment);
  pictures = take(picture_floats, 1);
  std::size_t integer_floats = 0;
  for (const memory_plan::IntegerProduct& product : cell.integer_products) {
    integer_floats = std::max(integer_floats, integer_scratch(product));
  }
  floats = tensor::round_up(floats, tensor::kRowAlignment);
  integers = take(integer_floats, 1);
}

void run_block(const BatchContext& context, std::uint32_t first_row, std::uint32_t rows) noexcept {
  BlockRun(context, first_row, rows).run();
}

}  // namespace sheaf::backend::cpu
