// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/crossbar_products.h"

#include <algorithm>
#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::backend::cim {
namespace {

using sim::crossbar::Conversions;
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

CrossbarProducts::CrossbarProducts(target::Chip chip, std::string isa)
    : chip_(std::move(chip)), isa_(std::move(isa)) {}

void CrossbarProducts::prepare(const runtime::IntegerMatrix& matrix) {
  const PlacedMatrix placed = place(chip_, matrix);
  matrices_[matrix.parameter] = {.name = std::string(matrix.name),
                                 .version = matrix.version,
                                 .product = std::make_unique<sim::crossbar::ExactProduct>(
                                     placed.format, placed.weights, matrix.outputs)};
}

void CrossbarProducts::multiply(const runtime::IntegerCall& call) noexcept {
  const sim::crossbar::ExactProduct& product = *matrices_.at(call.parameter).product;
  const std::size_t inputs = product.inputs();
  const std::size_t outputs = product.outputs();
  inputs_.resize(inputs * call.count);
  sums_.resize(outputs * call.count);
  for (std::uint32_t i = 0; i < call.count; ++i) {
    std::copy_n(call.rows + i * call.row_stride, inputs, inputs_.data() + i * inputs);
  }
  const Conversions conversions = product.multiply(inputs_, sums_, {.isa = isa_});
  for (std::uint32_t i = 0; i < call.count; ++i) {
    const std::int64_t* from = sums_.data() + i * outputs;
    std::transform(from, from + outputs, call.sums + i * call.sum_stride, to_int32);
  }
  const bool goes_on = !uses_.empty() && uses_.back().batch == call.batch &&
                       uses_.back().type == call.type && uses_.back().parameter == call.parameter &&
                       call.batch != runtime::IntegerCall::kNoBatch;
  if (!goes_on) {
    uses_.push_back({.parameter = call.parameter, .type = call.type, .batch = call.batch});
  }
  ProductUse& use = uses_.back();
  // A node whose positions are cut in two is counted by the part that has its first.
  const std::uint32_t first = call.first_position % call.positions;
  use.nodes += (first + call.count + call.positions - 1) / call.positions - (first > 0 ? 1 : 0);
  use.vectors += call.count;
  use.conversions += conversions;
}

Conversions CrossbarProducts::conversions() const {
  Conversions all;
  for (const ProductUse& use : uses_) all += use.conversions;
  return all;
}

const std::string& CrossbarProducts::name(graph::ParameterId parameter) const {
  return matrices_.at(parameter).name;
}

}  // namespace sheaf::backend::cim
