// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/crossbar_products.h"

#include <algorithm>
#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::backend::cim {
namespace {

using sim::crossbar::Format;

// Blocks are not cut: a crossbar's rows are those of whole blocks.
std::uint32_t whole_blocks(std::uint32_t rows, const runtime::IntegerMatrix& matrix) {
  const std::uint32_t block = std::max(1U, matrix.encoding.block);
  if (block > rows) {
    throw base::UnsupportedError(
        {.place = "parameter " + std::string(matrix.name),
         .what = "blocks",
         .got = std::to_string(block) + " rows",
         .expected = "at most the " + std::to_string(rows) + " rows of a crossbar"});
  }
  return rows / block * block;
}

}  // namespace

Format format_of(const target::Chip& chip, tensor::Bits bits) {
  if (!chip.crossbar || !chip.cell || !chip.dac || !chip.adc) {
    throw base::UnsupportedError({.place = "chip " + chip.name,
                                  .what = "values of products",
                                  .got = "PEs without crossbars",
                                  .expected = "PEs of kind crossbars"});
  }
  Format format = sim::crossbar::make_format(*chip.cell, *chip.crossbar, *chip.dac, *chip.adc);
  format.encoding = chip.mapping.encoding;
  format.weight_bits = bits.weight;
  format.input_bits = bits.input;
  format.signed_inputs = true;
  format.flipped = chip.mapping.columns == target::ColumnEncoding::flipped;
  sim::crossbar::check_format(format);
  return format;
}

PlacedMatrix place(const target::Chip& chip, const runtime::IntegerMatrix& matrix) {
  PlacedMatrix placed{format_of(chip, matrix.bits), {}};
  const std::uint32_t rows = whole_blocks(placed.format.rows, matrix);
  placed.format.rows = rows;
  placed.format.parallel_rows = std::min(placed.format.parallel_rows, rows);
  placed.weights.resize(std::size_t{matrix.inputs} * matrix.outputs);
  for (std::uint32_t o = 0; o < matrix.outputs; ++o) {
    for (std::uint32_t i = 0; i < matrix.inputs; ++i) {
      placed.weights[std::size_t{i} * matrix.outputs + o] =
          matrix.values[std::size_t{o} * matrix.inputs + i];
    }
  }
  return placed;
}

CrossbarProducts::CrossbarProducts(target::Chip chip, std::string_view isa)
    : chip_(std::move(chip)), kernels_(sim::crossbar::best_kernels(isa)) {}

void CrossbarProducts::prepare(const runtime::IntegerMatrix& matrix) {
  const PlacedMatrix placed = place(chip_, matrix);
  matrices_[matrix.parameter] = {.name = std::string(matrix.name),
                                 .version = matrix.version,
                                 .product = std::make_unique<sim::crossbar::ExactProduct>(
                                     placed.format, placed.weights, matrix.outputs)};
}

CountedProducts::Size CrossbarProducts::size_of(graph::ParameterId parameter) const {
  const sim::crossbar::ExactProduct& product = *matrices_.at(parameter).product;
  return {.inputs = product.inputs(), .outputs = product.outputs()};
}

sim::crossbar::Conversions CrossbarProducts::product(const runtime::IntegerCall& call,
                                                     std::span<const std::int32_t> inputs,
                                                     std::span<std::int64_t> sums) {
  return matrices_.at(call.parameter).product->multiply(inputs, sums, {.kernels = &kernels_});
}

const std::string& CrossbarProducts::name(graph::ParameterId parameter) const {
  return matrices_.at(parameter).name;
}

}  // namespace sheaf::backend::cim
