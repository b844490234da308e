// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sheaf/backend/cpu/block_run.h"
#include "sheaf/backend/cpu/integer_pack.h"
#include "sheaf/backend/cpu/integer_products.h"
#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/base/thread_pool.h"
#include "sheaf/runtime/backend.h"

namespace sheaf::backend::cpu {

// Runs batches on the calling thread and those of its pool. A batch is cut into blocks of rows; for
// each block the operands that do not lie together are gathered, then the steps of the cell run, so
// that what one step writes is still in the cache when the next one reads it.
class CpuBackend final : public runtime::Backend {
 public:
  // `pool` may be null, and must outlive the backend. `block_rows`: rows of a block, at
  // most; results do not depend on it. `integer_products`: what multiplies integers; null: the
  // kernels; must outlive the backend.
  explicit CpuBackend(const KernelTable& kernels, base::ThreadPool* pool = nullptr,
                      std::uint32_t block_rows = kRowsByWeights,
                      runtime::IntegerProducts* integer_products = nullptr)
      : kernels_(kernels),
        own_integer_products_(*kernels.integers),
        integer_products_(integer_products == nullptr ? &own_integer_products_ : integer_products),
        pool_(pool),
        block_rows_(block_rows),
        lanes_(pool == nullptr ? 1 : pool->threads() + 1) {}

  [[nodiscard]] std::string_view name() const override { return "cpu"; }
  [[nodiscard]] runtime::Support supports(const memory_plan::CompiledCell& cell) const override;
  void prepare(const graph::Network& network,
               const memory_plan::CompiledNetwork& compiled) override;
  void reserve(memory_plan::Offset floats) override;
  void run(const memory_plan::MemoryPlan& plan,
           const memory_plan::BatchPlan& batch) noexcept override;
  void add(const runtime::OuterProducts& products) override;
  void add(const runtime::ConvolutionGradients& gradients) override;
  void record_steps(runtime::Profile* profile) override { profile_ = profile; }
  [[nodiscard]] std::span<const float> read(memory_plan::Offset offset,
                                            std::size_t floats) const override {
    if (memory_plan::in_table(offset)) {
      const auto table = network_->parameters()[memory_plan::table_of(offset)].value.values();
      return table.subspan(memory_plan::float_of(offset), floats);
    }
    return {arena_.data() + offset, floats};
  }

 private:
  // What one thread writes while it runs a block.
  struct Lane {
    tensor::AlignedBuffer scratch;
    std::vector<ProductArgs::Range> ranges;
    tensor::AlignedBuffer left;          // of outer products: a block of rows of a ...
    tensor::AlignedBuffer panels;        // ... and of b, in panels
    tensor::AlignedBuffer pictures;      // scratch memory of convolutions' gradients
    std::vector<const float*> x, delta;  // their nodes
  };

  // A cell, or one of its parts, with the weights of a type.
  struct Program {
    const memory_plan::CompiledCell* cell;
    TypeWeights weights;
    ScratchLayout layout;
  };
  // Of a type, by BatchPlan::Part; of one that is not split, the first only.
  using Programs = std::vector<Program>;

  void prepare_type(graph::TypeId type);
  [[nodiscard]] TypeWeights pack_cell(const memory_plan::CompiledCell& cell,
                                      const graph::Binding& binding,
                                      const graph::ParameterStore& parameters) const;
  // Some columns of outer products, or a sum of rows.
  void add_columns(const runtime::OuterProducts& products, std::uint32_t first_panel,
                   std::uint32_t panels, Lane& lane) const;
  void add_rows(const runtime::OuterProducts& products) const;
  // The rows of some outputs.
  void add_outputs(const runtime::ConvolutionGradients& gradients, std::uint32_t first,
                   std::uint32_t end, Lane& lane) const;
  // A value in the arena or in a table.
  [[nodiscard]] const float* value_at(memory_plan::Offset offset) const {
    if (!memory_plan::in_table(offset)) return arena_.data() + offset;
    return parameters_[memory_plan::table_of(offset)] + memory_plan::float_of(offset);
  }
  // Whether other threads may run blocks of a batch of the cell.
  [[nodiscard]] bool is_shared(const memory_plan::CompiledCell& cell) const;
  [[nodiscard]] std::uint32_t block_count(const memory_plan::CompiledCell& cell,
                                          std::uint32_t block_rows, std::uint32_t rows) const;

  const KernelTable& kernels_;
  KernelProducts own_integer_products_;
  runtime::IntegerProducts* integer_products_;
  IntegerWeights integer_weights_;
  base::ThreadPool* pool_;
  std::uint32_t block_rows_;
  std::vector<Lane> lanes_;  // by thread; the last, where there is a pool, of calls from its chunks
  const graph::Network* network_ = nullptr;
  runtime::Profile* profile_ = nullptr;
  const memory_plan::CompiledNetwork* compiled_ = nullptr;
  std::vector<Programs> programs_;  // by type
  std::vector<const float*> parameters_;
  tensor::AlignedBuffer arena_;
};

}  // namespace sheaf::backend::cpu
