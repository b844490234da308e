// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sheaf/backend/cpu/block_run.h"
#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/runtime/backend.h"

namespace sheaf::backend::cpu {

// Runs batches on the calling thread. A batch is cut into blocks of rows; for each block the
// operands that do not lie together are gathered, then the steps of the cell run, so that what one
// step writes is still in the cache when the next one reads it.
class CpuBackend final : public runtime::Backend {
 public:
  explicit CpuBackend(const KernelTable& kernels) : kernels_(kernels) {}

  [[nodiscard]] std::string_view name() const override { return "cpu"; }
  [[nodiscard]] runtime::Support supports(const memory_plan::CompiledCell& cell) const override;
  void prepare(const graph::Network& network,
               const memory_plan::CompiledNetwork& compiled) override;
  void reserve(memory_plan::Offset floats) override;
  void run(const memory_plan::MemoryPlan& plan,
           const memory_plan::BatchPlan& batch) noexcept override;
  [[nodiscard]] std::span<const float> read(memory_plan::Offset offset,
                                            std::size_t floats) const override {
    if (memory_plan::in_table(offset)) {
      const auto table = network_->parameters()[memory_plan::table_of(offset)].value.values();
      return table.subspan(memory_plan::float_of(offset), floats);
    }
    return {arena_.data() + offset, floats};
  }

 private:
  void prepare_type(graph::TypeId type);

  const KernelTable& kernels_;
  const graph::Network* network_ = nullptr;
  const memory_plan::CompiledNetwork* compiled_ = nullptr;
  std::vector<TypeWeights> weights_;    // by type
  std::vector<ScratchLayout> layouts_;  // by type
  std::vector<const float*> parameters_;
  std::vector<ProductArgs::Range> ranges_;
  tensor::AlignedBuffer arena_;
  tensor::AlignedBuffer scratch_;
};

}  // namespace sheaf::backend::cpu
