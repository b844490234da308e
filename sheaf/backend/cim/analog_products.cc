// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/analog_products.h"

#include <cmath>
#include <string>
#include <utility>

#include "sheaf/backend/cim/crossbar_products.h"
#include "sheaf/base/rng.h"

namespace sheaf::backend::cim {
namespace {

std::uint64_t seed_of(std::uint64_t seed, std::string_view name) {
  return base::Rng(seed, name).next();
}

// What a vector is numbered by: its integers and its position (the finaliser of SplitMix64, Steele,
// Lea and Flood, OOPSLA 2014, over each in turn).
std::uint64_t number_of(std::span<const std::int32_t> row, std::uint32_t position) {
  std::uint64_t number = position;
  for (const std::int32_t value : row) {
    number += 0x9E3779B97F4A7C15 + static_cast<std::uint32_t>(value);
    number = (number ^ number >> 30U) * 0xBF58476D1CE4E5B9;
    number = (number ^ number >> 27U) * 0x94D049BB133111EB;
    number ^= number >> 31U;
  }
  return number;
}

}  // namespace

bool is_ideal(const target::Chip& chip) {
  if (!chip.cell || !chip.crossbar) return true;
  const target::Cell& cell = *chip.cell;
  const bool drifts =
      cell.read_after_s > cell.drift_start_s && (cell.drift_nu != 0 || cell.drift_nu_sigma != 0);
  return cell.device == target::DeviceModel::ideal && std::isinf(cell.on_off_ratio) && !drifts &&
         cell.read_noise_sigma == 0 && cell.stuck_on_rate == 0 && cell.stuck_off_rate == 0 &&
         chip.crossbar->word_wire_ohm == 0 && chip.crossbar->bit_wire_ohm == 0;
}

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
      .size = {.inputs = matrix.inputs, .outputs = matrix.outputs},
      .product = std::make_unique<sim::crossbar::AnalogProduct>(
          placed.format, options, placed.weights, matrix.outputs, pool_)};
}

CountedProducts::Size AnalogProducts::size_of(graph::ParameterId parameter) const {
  return matrices_.at(parameter).size;
}

sim::crossbar::Conversions AnalogProducts::product(const runtime::IntegerCall& call,
                                                   std::span<const std::int32_t> inputs,
                                                   std::span<std::int64_t> sums) {
  const Matrix& matrix = matrices_.at(call.parameter);
  numbers_.resize(call.count);
  for (std::uint32_t i = 0; i < call.count; ++i) {
    numbers_[i] = number_of(inputs.subspan(std::size_t{i} * matrix.size.inputs, matrix.size.inputs),
                            (call.first_position + i) % call.positions);
  }
  return matrix.product->multiply(inputs, sums, numbers_, pool_);
}

}  // namespace sheaf::backend::cim
