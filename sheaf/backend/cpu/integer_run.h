// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "sheaf/backend/cpu/integer_pack.h"
#include "sheaf/backend/cpu/integers.h"
#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/memory_plan/compiled_cell.h"
#include "sheaf/runtime/integer_products.h"

namespace sheaf::backend::cpu {

// A product of integers for one node, or for several whose values have one row each.
struct IntegerRunArgs {
  const memory_plan::IntegerProduct& product;
  const graph::Binding& binding;
  const IntegerFactors& factors;
  const IntegerKernels& kernels;
  runtime::IntegerProducts& unit;
  // By term: the first row of its quantised values; of a picture in one row, `stride` is that of
  // its pixels.
  std::span<const ProductArgs::Range> from;
  float* to;
  std::size_t to_stride;
  graph::TypeId type;
  std::uint32_t batch;  // as of runtime::IntegerCall
  std::span<const graph::NodeId> nodes;
  float* scratch;  // integer_scratch() floats
};

void run_integer_product(const IntegerRunArgs& args) noexcept;

// Floats of scratch memory.
[[nodiscard]] std::size_t integer_scratch(const memory_plan::IntegerProduct& product);

}  // namespace sheaf::backend::cpu
