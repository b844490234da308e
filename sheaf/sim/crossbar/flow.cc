// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/crossbar/flow.h"

#include <algorithm>

#include "sheaf/sim/crossbar/exact.h"

namespace sheaf::sim::crossbar {
namespace {

std::vector<ProductFlow::Column> columns_of(const Format& format, std::uint32_t outputs) {
  std::vector<ProductFlow::Column> columns;
  for (std::uint32_t output = 0; output < outputs; ++output) {
    for (std::uint32_t slice = slices(format); slice-- > 0;) {
      const std::uint32_t shift = slice * format.cell_bits;
      const std::uint32_t planes = std::min(format.cell_bits, stored_bits(format) - shift);
      for (std::uint32_t polarity = 0; polarity < polarities(format); ++polarity) {
        columns.push_back({output, shift, planes, polarity});
      }
    }
  }
  return columns;
}

// What the cell of a column (of a pair, their difference) holds of a weight.
std::int32_t cell_of(const Format& format, const ProductFlow::Column& column, std::int32_t weight) {
  const auto part = [&](std::uint32_t polarity) {
    return static_cast<std::int32_t>(stored(format, weight, polarity) >> column.shift &
                                     ((1U << column.planes) - 1));
  };
  if (format.encoding == WeightEncoding::sign_magnitude) return part(0) - part(1);
  return part(column.polarity);
}

// Fills the cells of one column in one group of rows.
void store(ProductFlow& flow, std::size_t group, std::size_t c) {
  const ProductFlow::Column& column = flow.columns[c];
  const RowGroup& rows = flow.groups[group];
  const std::int32_t highest = (1 << column.planes) - 1;
  std::uint32_t sum = 0;
  for (std::uint32_t row = rows.first; row < rows.first + rows.count; ++row) {
    const std::int32_t weight = flow.weights[std::size_t{row} * flow.outputs + column.output];
    std::int32_t& cell = flow.cells[row * flow.columns.size() + c];
    cell = cell_of(flow.format, column, weight);
    sum += static_cast<std::uint32_t>(cell);
  }
  if (!stored_flipped(flow.format, column.planes, rows.count, sum)) return;
  flow.flipped[group * flow.columns.size() + c] = true;
  for (std::uint32_t row = rows.first; row < rows.first + rows.count; ++row) {
    std::int32_t& cell = flow.cells[row * flow.columns.size() + c];
    cell = highest - cell;
    flow.digital[column.output] +=
        std::int64_t{highest} * flow.x[row] * (std::int64_t{1} << column.shift);
  }
}

// -1 where the rows of a read hold negative weights of an output, with `polarised`.
std::int64_t group_sign(const ProductFlow& flow, const RowGroup& rows, std::uint32_t output) {
  if (flow.format.encoding != WeightEncoding::polarised) return 1;
  for (std::uint32_t row = rows.first; row < rows.first + rows.count; ++row) {
    if (flow.weights[std::size_t{row} * flow.outputs + output] < 0) return -1;
  }
  return 1;
}

ProductFlow::Reading read(const ProductFlow& flow, std::size_t group, std::size_t cycle,
                          std::size_t c) {
  const ProductFlow::Column& column = flow.columns[c];
  const RowGroup& rows = flow.groups[group];
  ProductFlow::Reading reading;
  for (std::uint32_t row = rows.first; row < rows.first + rows.count; ++row) {
    reading.sum += std::int64_t{flow.cells[row * flow.columns.size() + c]} *
                   flow.digits[cycle * flow.inputs + row];
  }
  reading.code = convert(flow.format, reading.sum);
  std::int64_t sign = group_sign(flow, rows, column.output);
  if (flow.cycles[cycle].negative) sign = -sign;
  if (column.polarity == 1) sign = -sign;
  if (flow.flipped[group * flow.columns.size() + c]) sign = -sign;
  reading.adds =
      sign * reading.code * (std::int64_t{1} << (column.shift + flow.cycles[cycle].first_bit));
  return reading;
}

}  // namespace

std::size_t ProductFlow::saturated() const {
  return static_cast<std::size_t>(std::count_if(readings.begin(), readings.end(),
                                                [](const Reading& r) { return r.code != r.sum; }));
}

ProductFlow trace_product(const Format& format, std::span<const std::int32_t> weights,
                          std::uint32_t outputs, std::span<const std::int32_t> x) {
  const ExactProduct checked(format, weights, outputs);
  checked.require(x, outputs);
  ProductFlow flow{.format = format,
                   .inputs = checked.inputs(),
                   .outputs = outputs,
                   .x = {x.begin(), x.end()},
                   .weights = {weights.begin(), weights.end()},
                   .cycles = cycles_of(format),
                   .groups = row_groups(format, checked.inputs()),
                   .columns = columns_of(format, outputs),
                   .digital = std::vector<std::int64_t>(outputs),
                   .product = std::vector<std::int64_t>(outputs)};
  flow.flipped.resize(flow.groups.size() * flow.columns.size());
  flow.cells.resize(flow.inputs * flow.columns.size());
  for (const Cycle& cycle : flow.cycles) {
    for (const std::int32_t input : x) {
      flow.digits.push_back(static_cast<std::uint32_t>(input) >> cycle.first_bit &
                            ((1U << cycle.bits) - 1));
    }
  }
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::int64_t input = x[i / outputs];
    flow.product[i % outputs] += input * weights[i];
    if (format.encoding != WeightEncoding::offset) continue;
    flow.digital[i % outputs] -= input * (std::int64_t{1} << (format.weight_bits - 1));
  }
  for (std::size_t g = 0; g < flow.groups.size(); ++g) {
    for (std::size_t c = 0; c < flow.columns.size(); ++c) store(flow, g, c);
  }
  flow.y = flow.digital;
  for (std::size_t g = 0; g < flow.groups.size(); ++g) {
    for (std::size_t t = 0; t < flow.cycles.size(); ++t) {
      for (std::size_t c = 0; c < flow.columns.size(); ++c) {
        flow.readings.push_back(read(flow, g, t, c));
        flow.y[flow.columns[c].output] += flow.readings.back().adds;
      }
    }
  }
  return flow;
}

}  // namespace sheaf::sim::crossbar
