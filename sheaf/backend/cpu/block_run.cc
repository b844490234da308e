// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/block_run.h"

#include <algorithm>
#include <cstring>

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

class BlockRun {
 public:
  BlockRun(const BatchContext& context, std::uint32_t first_row, std::uint32_t rows)
      : context_(context), first_row_(first_row), rows_(rows) {}

  void run() {
    for (std::uint32_t i = 0; i < context_.cell.inputs.size(); ++i) read_input(i);
    for (const memory_plan::Step& step : context_.cell.steps) {
      switch (step.kind) {
        case memory_plan::Step::Kind::lookup:
          run_lookup(step.index);
          break;
        case memory_plan::Step::Kind::product:
          run_product(step.index);
          break;
        case memory_plan::Step::Kind::region:
          run_region(step.index);
          break;
      }
    }
  }

 private:
  // What is in place stays there; anything else is copied or summed into scratch.
  void read_input(std::uint32_t i) {
    const InputPlan& how = context_.plan.inputs[context_.batch.first_input + i];
    if (how.kind == InputPlan::Kind::in_place) return;
    const Rows to = rows_of({Place::Kind::input, i});
    const std::size_t bytes = context_.cell.inputs[i].width * sizeof(float);
    if (how.kind == InputPlan::Kind::gathered) {
      const memory_plan::Offset* from = &context_.plan.gather_offsets[how.at + first_row_];
      for (std::uint32_t r = 0; r < rows_; ++r) {
        std::memcpy(to.first + r * to.stride, context_.arena + from[r], bytes);
      }
      return;
    }
    const RowsKernel add = context_.kernels.rows_kernel(ops::OpKind::add);
    const std::uint64_t* begin = &context_.plan.sum_begin[how.at + first_row_];
    for (std::uint32_t r = 0; r < rows_; ++r) {
      float* row = to.first + r * to.stride;
      if (begin[r] == begin[r + 1]) {
        std::memset(row, 0, bytes);
        continue;
      }
      const memory_plan::Offset* from = context_.plan.gather_offsets.data();
      std::memcpy(row, context_.arena + from[begin[r]], bytes);
      for (std::uint64_t t = begin[r] + 1; t < begin[r + 1]; ++t) {
        add({.a = row,
             .b = context_.arena + from[t],
             .to = row,
             .rows = 1,
             .width = context_.cell.inputs[i].width});
      }
    }
  }

  void run_lookup(std::uint32_t index) {
    const memory_plan::Lookup& lookup = context_.cell.lookups[index];
    const Rows to = rows_of(lookup.to);
    const float* table = context_.weights.tables[index];
    const std::uint32_t* payload = &context_.plan.payloads[context_.batch.first_node + first_row_];
    for (std::uint32_t r = 0; r < rows_; ++r) {
      std::memcpy(to.first + r * to.stride, table + std::size_t{payload[r]} * lookup.width,
                  lookup.width * sizeof(float));
    }
  }

  void run_product(std::uint32_t index) {
    const memory_plan::Product& product = context_.cell.products[index];
    const PackedProduct& packed = context_.weights.products[index];
    ProductArgs::Range* const ranges = context_.ranges;
    std::size_t count = 0;
    for (const memory_plan::KRange& range : product.ranges) {
      const Rows from = rows_of(range.from);
      ranges[count++] = {from.first, from.stride, range.width};
    }
    context_.kernels.product({.ranges = {ranges, count},
                              .k = product.k,
                              .panels = packed.panels.data(),
                              .bias = packed.bias.data(),
                              .out = context_.scratch + context_.layout.products[index],
                              .out_stride = product.n,
                              .rows = rows_,
                              .n = product.n});
  }

  // Op by op over a few rows at a time, so that temporaries never leave the L1 cache.
  void run_region(std::uint32_t index) {
    const memory_plan::Region& region = context_.cell.regions[index];
    const std::uint32_t step = context_.layout.tile_rows[index];
    for (std::uint32_t row = 0; row < rows_; row += step) {
      const std::uint32_t rows = std::min(step, rows_ - row);
      for (const RegionOp& op : region.ops) {
        const Rows to = at(rows_of(op.to), op.to, row);
        const Rows a = at(rows_of(op.a), op.a, row);
        const Rows b = at(rows_of(op.b), op.b, row);
        RowsArgs args{.a = a.first,
                      .a_stride = a.stride,
                      .b = b.first,
                      .b_stride = b.stride,
                      .to = to.first,
                      .to_stride = to.stride,
                      .rows = rows,
                      .width = op.width,
                      .table = nullptr,
                      .table_stride = 0,
                      .scalar = op.scalar};
        if (op.kind == ops::OpKind::viterbi_step) {
          args.table = context_.weights.slots[op.slot].data();
          args.table_stride = padded(op.width / 2);
        }
        context_.kernels.rows_kernel(op.kind)(args);
      }
    }
  }

  [[nodiscard]] static Rows at(Rows rows, const Place& place, std::uint32_t row) {
    if (place.kind != Place::Kind::tile && rows.first != nullptr) rows.first += row * rows.stride;
    return rows;
  }

  // The rows of this block at `place`.
  [[nodiscard]] Rows rows_of(const Place& place) const {
    const ScratchLayout& layout = context_.layout;
    float* const scratch = context_.scratch;
    switch (place.kind) {
      case Place::Kind::none:
        return {};
      case Place::Kind::input: {
        const std::size_t input_stride = padded(context_.cell.inputs[place.index].width);
        const InputPlan& how = context_.plan.inputs[context_.batch.first_input + place.index];
        float* const first = how.kind == InputPlan::Kind::in_place
                                 ? context_.arena + how.at + first_row_ * input_stride
                                 : scratch + layout.inputs[place.index];
        return {first + place.column, input_stride};
      }
      case Place::Kind::output: {
        const std::size_t output_stride = padded(context_.cell.output_widths[place.index]);
        const memory_plan::Offset first =
            context_.plan.outputs[context_.batch.first_output + place.index];
        return {context_.arena + first + first_row_ * output_stride + place.column, output_stride};
      }
      case Place::Kind::product:
        return {scratch + layout.products[place.index] + place.column,
                context_.cell.products[place.index].n};
      case Place::Kind::block:
        return {scratch + layout.block + std::size_t{place.index} * kBlockRows + place.column,
                place.stride};
      case Place::Kind::tile:
        return {scratch + layout.tile + std::size_t{place.index} * kBlockRows + place.column,
                place.stride};
      case Place::Kind::parameter:
        // Kernels only read through `a` and `b`; a parameter is never a destination.
        return {const_cast<float*>(context_.weights.slots[place.index].data()), 0};
    }
    return {};
  }

  const BatchContext& context_;
  std::uint32_t first_row_;
  std::uint32_t rows_;
};

}  // namespace

ScratchLayout::ScratchLayout(const memory_plan::CompiledCell& cell) {
  const auto take = [this](std::size_t floats_per_row) {
    const std::size_t at = floats;
    floats += floats_per_row * kBlockRows;
    return at;
  };
  for (const graph::CellInput& input : cell.inputs) inputs.push_back(take(padded(input.width)));
  for (const memory_plan::Product& product : cell.products) products.push_back(take(product.n));
  block = take(cell.block_floats);
  std::uint32_t widest = 0;
  for (const memory_plan::Region& region : cell.regions) {
    widest = std::max(widest, region.tile_floats);
    const std::uint32_t rows = kTileFloats / std::max(region.tile_floats, 1U);
    tile_rows.push_back(std::clamp(rows, 1U, kBlockRows));
  }
  tile = take(widest);
}

void run_block(const BatchContext& context, std::uint32_t first_row, std::uint32_t rows) noexcept {
  BlockRun(context, first_row, rows).run();
}

}  // namespace sheaf::backend::cpu
