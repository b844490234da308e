// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/integers.h"

namespace sheaf::backend::cpu {
namespace {

void product(const IntegerProductArgs& args) noexcept {
  for (std::size_t i = 0; i < args.count; ++i) {
    for (std::size_t j = 0; j < args.n; ++j) {
      const std::int16_t* row = args.rows + i * args.row_stride;
      const std::int16_t* weights = args.panels + j * 2 * args.pairs;
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < 2 * args.pairs; ++k) sum += row[k] * weights[k];
      args.sums[i * args.sum_stride + j] = sum;
    }
  }
}

void scale_sums(const ScaleSumsArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    for (std::size_t j = 0; j < args.width; ++j) {
      const auto sum = static_cast<float>(args.sums[i * args.sum_stride + j]);
      const float term = sum * args.factors[j];
      args.to[i * args.to_stride + j] = args.initial[i * args.initial_stride + j] + term;
    }
  }
}

void narrow(const float* from, std::int16_t* to, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<std::int16_t>(from[i]);
}

}  // namespace

const IntegerKernels* reference_integers() {
  static constexpr IntegerKernels kKernels = {
      .panel_width = 1, .product = product, .scale_sums = scale_sums, .narrow = narrow};
  return &kKernels;
}

}  // namespace sheaf::backend::cpu
