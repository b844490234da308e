// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/backend/cpu/integers.h"
#include "sheaf/runtime/integer_products.h"

namespace sheaf::backend::cpu {

// Rows of integers and of their sums begin this many numbers apart, or a multiple of it.
inline constexpr std::size_t kIntegerAlignment = 32;

// The unit that the backend uses where it is given no other: the kernels of an instruction set.
class KernelProducts final : public runtime::IntegerProducts {
 public:
  // `kernels` must outlive this.
  explicit KernelProducts(const IntegerKernels& kernels) : kernels_(kernels) {}

  void prepare(const runtime::IntegerMatrix& matrix) override;
  // Strides must be multiples of kIntegerAlignment.
  void multiply(const runtime::IntegerCall& call) noexcept override;
  [[nodiscard]] bool is_concurrent() const override { return true; }

 private:
  struct Packed {
    std::vector<std::int16_t> room;  // what is aligned within it are the panels
    const std::int16_t* panels = nullptr;
    std::size_t pairs = 0;
    std::size_t n = 0;
  };

  const IntegerKernels& kernels_;
  std::vector<Packed> packed_;  // by parameter
};

}  // namespace sheaf::backend::cpu
