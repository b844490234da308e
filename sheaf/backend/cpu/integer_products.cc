// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/integer_products.h"

#include <algorithm>
#include <memory>

#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::backend::cpu {

void KernelProducts::prepare(const runtime::IntegerMatrix& matrix) {
  constexpr std::size_t kLine = 64;  // bytes
  if (packed_.size() <= matrix.parameter) packed_.resize(matrix.parameter + std::size_t{1});
  const std::size_t width = kernels_.panel_width;
  Packed& to = packed_[matrix.parameter];
  to.pairs = (matrix.inputs + std::size_t{1}) / 2;
  to.n = tensor::round_up(matrix.outputs, width);
  const std::size_t numbers = to.n * 2 * to.pairs;
  to.room.assign(numbers + kLine / sizeof(std::int16_t), 0);
  void* first = to.room.data();
  std::size_t bytes = to.room.size() * sizeof(std::int16_t);
  auto* const panels =
      static_cast<std::int16_t*>(std::align(kLine, numbers * sizeof(std::int16_t), first, bytes));
  for (std::size_t j = 0; j < matrix.outputs; ++j) {
    const std::int16_t* const row = matrix.values.data() + j * matrix.inputs;
    std::int16_t* const column = panels + j / width * to.pairs * 2 * width + j % width * 2;
    for (std::size_t k = 0; k < matrix.inputs; ++k) column[k / 2 * 2 * width + k % 2] = row[k];
  }
  to.panels = panels;
}

void KernelProducts::multiply(const runtime::IntegerCall& call) noexcept {
  const Packed& weights = packed_[call.parameter];
  kernels_.product({.rows = call.rows,
                    .row_stride = call.row_stride,
                    .panels = weights.panels,
                    .pairs = weights.pairs,
                    .sums = call.sums,
                    .sum_stride = call.sum_stride,
                    .count = call.count,
                    .n = weights.n});
}

}  // namespace sheaf::backend::cpu
