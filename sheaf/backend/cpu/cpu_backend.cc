// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/cpu_backend.h"

#include <algorithm>
#include <cstring>

#include "sheaf/backend/cpu/block_run.h"
#include "sheaf/backend/cpu/circulant_pack.h"
#include "sheaf/backend/cpu/flush_denormals.h"
#include "sheaf/backend/cpu/spatial.h"
#include "sheaf/backend/cpu/spatial_pack.h"
#include "sheaf/base/error.h"

namespace sheaf::backend::cpu {

using memory_plan::CompiledCell;
using memory_plan::Place;

runtime::Support CpuBackend::supports(const CompiledCell& cell) const {
  for (const memory_plan::Region& region : cell.regions) {
    for (const memory_plan::RegionOp& op : region.ops) {
      if (kernels_.rows_kernel(op.kind) != nullptr) continue;
      return {.ok = false, .reason = "no kernel for op " + std::string(ops::schema(op.kind).name)};
    }
  }
  return {.ok = true,
          .reason = {},
          .scratch_bytes = ScratchLayout(cell, block_rows_).floats * sizeof(float)};
}

void CpuBackend::prepare(const graph::Network& network,
                         const memory_plan::CompiledNetwork& compiled) {
  if (network_ != &network || compiled_ != &compiled) {
    programs_.clear();
    integer_weights_ = {};
  }
  network_ = &network;
  compiled_ = &compiled;
  programs_.resize(network.type_count());
  std::size_t floats = 0;
  std::size_t ranges = 0;
  for (graph::TypeId type = 0; type < network.type_count(); ++type) {
    prepare_type(type);
    for (const Program& program : programs_[type]) {
      floats = std::max(floats, program.layout.floats);
      for (const memory_plan::Product& product : program.cell->products) {
        ranges = std::max(ranges, product.ranges.size());
      }
      for (const memory_plan::Spatial& spatial : program.cell->spatials) {
        ranges = std::max<std::size_t>(ranges, spatial.window.kernel_height);
      }
      for (const memory_plan::IntegerProduct& product : program.cell->integer_products) {
        ranges = std::max(ranges, product.terms.size());
      }
    }
  }
  integer_weights_.prepare(network, compiled, *integer_products_);
  parameters_.clear();
  for (const graph::Parameter& parameter : network.parameters()) {
    parameters_.push_back(parameter.value.values().data());
  }
  for (Lane& lane : lanes_) {
    if (floats > lane.scratch.size()) lane.scratch = tensor::AlignedBuffer(floats);
    lane.ranges.resize(std::max(lane.ranges.size(), ranges));
  }
}

void CpuBackend::prepare_type(graph::TypeId type) {
  const graph::Binding& binding = network_->type(type).binding;
  const graph::ParameterStore& parameters = network_->parameters();
  for (const graph::ParameterId id : binding) {
    if (parameters[id].value.shape() == parameters[id].stored_shape()) continue;
    throw base::UsageError({.place = "parameter " + parameters[id].name,
                            .what = "has no value",
                            .hint = "initialise the parameters or assign it one first"});
  }
  Programs& programs = programs_[type];
  if (programs.empty()) {
    const memory_plan::CompiledType& compiled = compiled_->types[type];
    const auto add = [&](const CompiledCell& cell) {
      programs.push_back({&cell, {}, ScratchLayout(cell, block_rows_)});
    };
    add(*compiled.cell);
    if (compiled.split != nullptr) {
      add(compiled.split->prefix);
      add(compiled.split->rest);
    }
  }
  std::vector<std::uint64_t> versions;
  for (const graph::ParameterId id : binding) versions.push_back(parameters[id].version);
  for (Program& program : programs) {
    if (program.weights.versions == versions && program.weights.packed) continue;
    program.weights = pack_cell(*program.cell, binding, parameters);
    program.weights.versions = versions;
    program.weights.packed = true;
  }
}

TypeWeights CpuBackend::pack_cell(const CompiledCell& cell, const graph::Binding& binding,
                                  const graph::ParameterStore& parameters) const {
  TypeWeights weights;
  for (const memory_plan::Product& product : cell.products) {
    weights.products.push_back(
        product.encoding.is_dense()
            ? pack(product, binding, parameters, kernels_.panel_width)
            : pack_circulant(product, binding, parameters, kernels_.circulant_lanes));
  }
  for (const memory_plan::Spatial& spatial : cell.spatials) {
    weights.spatials.push_back(pack_spatial(spatial, binding, parameters, kernels_.panel_width));
  }
  for (const memory_plan::IntegerProduct& product : cell.integer_products) {
    weights.integers.push_back(pack_factors(product, binding, parameters));
  }
  for (const memory_plan::Repack& repack : cell.repacks) {
    weights.apart.push_back(
        pack(cell.products[repack.product], binding, parameters, kernels_.panel_width));
  }
  weights.slots.resize(binding.size());
  const auto pad_slot = [&](graph::SlotId slot) {
    require_encoding(parameters[binding[slot]], tensor::kDense);
    weights.slots[slot] = pad_rows(parameters[binding[slot]].value);
  };
  for (const memory_plan::Product& product : cell.products) {
    for (const memory_plan::KRange& range : product.ranges) {
      if (range.from.kind == Place::Kind::parameter) pad_slot(range.from.index);
    }
  }
  for (const memory_plan::MatVec& matvec : cell.matvecs) {
    if (matvec.vector.kind == Place::Kind::parameter) pad_slot(matvec.vector.index);
    if (matvec.matrix.kind == Place::Kind::parameter) pad_slot(matvec.matrix.index);
  }
  for (const memory_plan::Spatial& spatial : cell.spatials) {
    for (const memory_plan::Spatial::Operand& operand : spatial.operands) {
      if (operand.from.kind == Place::Kind::parameter) pad_slot(operand.from.index);
    }
  }
  for (const memory_plan::Region& region : cell.regions) {
    for (const memory_plan::RegionOp& op : region.ops) {
      if (op.a.kind == Place::Kind::parameter) pad_slot(op.a.index);
      if (op.b.kind == Place::Kind::parameter) pad_slot(op.b.index);
      if (op.kind == ops::OpKind::viterbi_step) pad_slot(op.slot);
      if (op.kind == ops::OpKind::dropout_mask) pad_slot(op.slot);
      if (op.kind == ops::OpKind::quantise) pad_slot(op.slot);
    }
  }
  for (const memory_plan::Lookup& lookup : cell.lookups) {
    require_encoding(parameters[binding[lookup.table]], tensor::kDense);
    weights.tables.push_back(parameters[binding[lookup.table]].value.values().data());
  }
  return weights;
}

void CpuBackend::reserve(memory_plan::Offset floats) {
  if (floats <= arena_.size()) return;
  // Growing by half keeps the copies of a graph that grows step by step few.
  tensor::AlignedBuffer larger(std::max<std::size_t>(floats, arena_.size() + arena_.size() / 2));
  if (arena_.size() > 0) std::memcpy(larger.data(), arena_.data(), arena_.size() * sizeof(float));
  arena_ = std::move(larger);
}

// A cell that packs its weights again does so in its first block, before any other.
bool CpuBackend::is_shared(const CompiledCell& cell) const {
  const bool alone = !cell.integer_products.empty() && !integer_products_->is_concurrent();
  return pool_ != nullptr && cell.repacks.empty() && !alone;
}

// Blocks of nearly equal size: 65 rows are 33 and 32, not 64 and 1. For several threads twice as
// many as there are, so that one which is held up holds up little, as long as they are not small.
std::uint32_t CpuBackend::block_count(const CompiledCell& cell, std::uint32_t block_rows,
                                      std::uint32_t rows) const {
  const std::uint32_t needed = (rows + block_rows - 1) / block_rows;
  if (!is_shared(cell)) return needed;
  return std::max(needed, std::min(2 * pool_->threads(), rows / kLeastSharedRows));
}

void CpuBackend::run(const memory_plan::MemoryPlan& plan,
                     const memory_plan::BatchPlan& batch) noexcept {
  Program& program = programs_[batch.type][static_cast<std::size_t>(batch.part)];
  const CompiledCell& cell = *program.cell;
  const bool whole = batch.part == memory_plan::BatchPlan::Part::whole;
  float* const early = whole ? nullptr : arena_.data() + plan.early_offset(*compiled_, batch);
  const std::uint32_t blocks = block_count(cell, program.layout.block_rows, batch.rows);
  const auto run = [&](std::size_t block, std::uint32_t thread) {
    const FlushDenormals flush;
    const auto row = [&](std::size_t b) {
      return static_cast<std::uint32_t>(std::uint64_t{batch.rows} * b / blocks);
    };
    Lane& lane = lanes_[thread];
    const BatchContext context{kernels_,
                               cell,
                               program.weights,
                               program.layout,
                               plan,
                               batch,
                               arena_.data(),
                               early,
                               parameters_,
                               lane.scratch.data(),
                               lane.ranges.data(),
                               network_->type(batch.type).binding,
                               *integer_products_,
                               pool_ == nullptr ? profile_ : nullptr};
    run_block(context, row(block), row(block + 1) - row(block));
  };
  if (blocks > 1 && is_shared(cell)) {
    pool_->parallel_for(blocks, run);
  } else {
    for (std::uint32_t block = 0; block < blocks; ++block) run(block, 0);
  }
}

}  // namespace sheaf::backend::cpu
