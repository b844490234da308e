// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/analog_products.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sheaf/backend/cim/crossbar_products.h"
#include "sheaf/base/rng.h"

namespace sheaf::backend::cim {
namespace {

std::uint64_t seed_of(std::uint64_t seed, std::string_view name) {
  return base::Rng(seed, name).next();
}

}  // namespace

AnalogProducts::AnalogProducts(target::Chip chip, std::uint64_t seed, bool compensate_leak,
                               base::ThreadPool* pool)
    : chip_(std::move(chip)), seed_(seed), compensate_leak_(compensate_leak), pool_(pool) {}

void AnalogProducts::prepare(const runtime::IntegerMatrix& matrix) {
  const PlacedMatrix placed = place(chip_, matrix);
  target::Crossbar crossbar = *chip_.crossbar;
  crossbar.rows = placed.format.rows;
  crossbar.parallel_rows = placed.format.parallel_rows;
  const sim::crossbar::AnalogOptions options{.cell = *chip_.cell,
                                             .crossbar = crossbar,
                                             .compensate_leak = compensate_leak_,
                                             .seed = seed_of(seed_, matrix.name)};
  matrices_[matrix.parameter] = {
      .inputs = matrix.inputs,
      .outputs = matrix.outputs,
      .product = std::make_unique<sim::crossbar::AnalogProduct>(
          placed.format, options, placed.weights, matrix.outputs, pool_)};
}

void AnalogProducts::multiply(const runtime::IntegerCall& call) noexcept {
  Matrix& matrix = matrices_.at(call.parameter);
  inputs_.resize(std::size_t{matrix.inputs} * call.count);
  sums_.resize(std::size_t{matrix.outputs} * call.count);
  for (std::uint32_t i = 0; i < call.count; ++i) {
    std::copy_n(call.rows + i * call.row_stride, matrix.inputs,
                inputs_.data() + std::size_t{i} * matrix.inputs);
  }
  conversions_ += matrix.product->multiply(inputs_, sums_, matrix.rows, pool_);
  matrix.rows += call.count;
  for (std::uint32_t i = 0; i < call.count; ++i) {
    const std::int64_t* from = sums_.data() + std::size_t{i} * matrix.outputs;
    std::transform(from, from + matrix.outputs, call.sums + i * call.sum_stride, to_int32);
  }
}

}  // namespace sheaf::backend::cim
