// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/crossbar/analog.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/sim/crossbar/wires.h"

namespace sheaf::sim::crossbar {
namespace {

bool with_pairs(const Format& format) { return format.encoding == WeightEncoding::sign_magnitude; }

bool is_noisy(const target::Cell& cell) {
  return cell.read_noise_sigma > 0 || cell.device == target::DeviceModel::pcm;
}

// The group that drives a row; groups follow each other.
std::size_t group_of_row(std::span<const RowGroup> groups, std::size_t row) {
  const auto after =
      std::upper_bound(groups.begin(), groups.end(), row,
                       [](std::size_t r, const RowGroup& group) { return r < group.first; });
  return static_cast<std::size_t>(after - groups.begin()) - 1;
}

void for_all(base::ThreadPool* pool, std::size_t count, const auto& body) {
  if (pool != nullptr) {
    pool->parallel_for(count, [&](std::size_t i, std::uint32_t) { body(i); });
  } else {
    for (std::size_t i = 0; i < count; ++i) body(i);
  }
}

}  // namespace

// Of one vector at a time.
struct AnalogProduct::Scratch {
  std::vector<double> sums;       // [columns of all outputs]
  std::vector<double> variances;  // the same, or empty
  double digits = 0;              // sum of a read's digits
};

AnalogProduct::AnalogProduct(const Format& format, const AnalogOptions& options,
                             std::span<const std::int32_t> weights, std::uint32_t outputs,
                             base::ThreadPool* pool)
    : format_(format),
      options_(options),
      exact_(format, weights, outputs),
      columns_per_output_(slices(format) * (with_pairs(format) ? 2 : polarities(format))),
      cycles_(cycles_of(format)),
      reads_(options.seed, "crossbar reads") {
  check_cell(options.cell);
  if (options.cell.bits != format.cell_bits) {
    throw base::UsageError({.place = "cell.bits",
                            .what = "not those of the format",
                            .got = std::to_string(options.cell.bits),
                            .expected = std::to_string(format.cell_bits)});
  }
  const base::Philox cells(options.seed, "crossbar cells");
  const double step_s = levels_of(options.cell).step_s;
  const std::uint32_t columns = columns_per_output_;
  const std::uint32_t signs = columns / slices(format);
  steps_.resize(weights.size() * columns);
  if (is_noisy(options.cell)) variances_.resize(steps_.size());
  for_all(pool, weights.size(), [&](std::size_t i) {
    for (std::uint32_t column = 0; column < columns; ++column) {
      const std::uint32_t number = stored(format, weights[i], column % signs);
      const std::uint32_t slice = column / signs;
      const std::uint32_t planes = exact_.packed().units[slice * polarities(format)].planes;
      std::uint32_t level = number >> slice * format.cell_bits & ((1U << planes) - 1);
      if (exact_.packed().flipped(i % outputs, group_of_row(exact_.packed().groups, i / outputs),
                                  slice)) {
        level ^= (1U << planes) - 1;
      }
      const std::size_t at = i * columns + column;
      const ProgrammedCell cell = program(options_.cell, level, cells, at);
      steps_[at] = cell.conductance_s / step_s;
      if (variances_.empty()) continue;
      const double sigma = cell.read_sigma_s / step_s;
      variances_[at] = sigma * sigma;
    }
  });
  if (options.crossbar.word_wire_ohm > 0 || options.crossbar.bit_wire_ohm > 0) drop_voltages(pool);
}

void AnalogProduct::drop_voltages(base::ThreadPool* pool) {
  const std::size_t inputs = exact_.inputs();
  const std::size_t all = std::size_t{exact_.outputs()} * columns_per_output_;
  const std::size_t most = options_.crossbar.columns;
  if (most == 0) {
    throw base::UsageError(
        {.place = "crossbar.columns", .what = "out of range", .got = "0", .expected = "1 or more"});
  }
  const double step_s = levels_of(options_.cell).step_s;
  for (std::size_t row = 0; row < inputs; row += format_.rows) {
    const std::size_t rows = std::min<std::size_t>(format_.rows, inputs - row);
    for (std::size_t column = 0; column < all; column += most) {
      const std::size_t columns = std::min(most, all - column);
      std::vector<double> g(rows * columns);
      for (std::size_t i = 0; i < g.size(); ++i) {
        g[i] = step_s * steps_[(row + i / columns) * all + column + i % columns];
      }
      const WireGrid grid{.rows = static_cast<std::uint32_t>(rows),
                          .columns = static_cast<std::uint32_t>(columns),
                          .conductance_s = g,
                          .word_wire_ohm = options_.crossbar.word_wire_ohm,
                          .bit_wire_ohm = options_.crossbar.bit_wire_ohm};
      const std::vector<double> effective = effective_conductance(grid, pool);
      for (std::size_t i = 0; i < g.size(); ++i) {
        const std::size_t at = (row + i / columns) * all + column + i % columns;
        const double share = g[i] > 0 ? effective[i] / g[i] : 0;
        steps_[at] = effective[i] / step_s;
        if (!variances_.empty()) variances_[at] *= share * share;
      }
    }
  }
}

Conversions AnalogProduct::multiply(std::span<const std::int32_t> inputs,
                                    std::span<std::int64_t> out, std::uint64_t first_vector,
                                    base::ThreadPool* pool) const {
  std::vector<std::uint64_t> numbers(inputs.size() / exact_.inputs());
  std::iota(numbers.begin(), numbers.end(), first_vector);
  return multiply(inputs, out, numbers, pool);
}

Conversions AnalogProduct::multiply(std::span<const std::int32_t> inputs,
                                    std::span<std::int64_t> out,
                                    std::span<const std::uint64_t> numbers,
                                    base::ThreadPool* pool) const {
  exact_.require(inputs, out.size());
  const std::size_t vectors = numbers.size();
  if (vectors * exact_.inputs() != inputs.size()) {
    throw base::UsageError({.place = "crossbar",
                            .what = "numbers of vectors",
                            .got = std::to_string(vectors),
                            .expected = std::to_string(inputs.size() / exact_.inputs())});
  }
  const std::size_t columns = std::size_t{exact_.outputs()} * columns_per_output_;
  std::vector<std::uint64_t> saturated(vectors);
  for_all(pool, vectors, [&](std::size_t v) {
    Scratch scratch;
    scratch.sums.resize(columns);
    if (!variances_.empty()) scratch.variances.resize(columns);
    saturated[v] =
        multiply_one(inputs.subspan(v * exact_.inputs(), exact_.inputs()),
                     out.subspan(v * exact_.outputs(), exact_.outputs()), numbers[v], scratch);
  });
  Conversions counts = exact_.conversions(vectors);
  for (const std::uint64_t count : saturated) counts.saturated += count;
  exact_.add_digital(inputs, out);
  return counts;
}

std::uint64_t AnalogProduct::multiply_one(std::span<const std::int32_t> x,
                                          std::span<std::int64_t> y, std::uint64_t vector,
                                          Scratch& scratch) const {
  std::fill(y.begin(), y.end(), 0);
  std::uint64_t saturated = 0;
  const std::size_t columns = scratch.sums.size();
  const auto& groups = exact_.packed().groups;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t c = 0; c < cycles_.size(); ++c) {
      std::fill(scratch.sums.begin(), scratch.sums.end(), 0);
      std::fill(scratch.variances.begin(), scratch.variances.end(), 0);
      scratch.digits = 0;
      for (std::size_t r = groups[g].first; r < groups[g].first + groups[g].count; ++r) {
        const double digit = static_cast<std::uint32_t>(x[r]) >> cycles_[c].first_bit &
                             ((1U << cycles_[c].bits) - 1);
        if (digit == 0) continue;
        scratch.digits += digit;
        const double* row = &steps_[r * columns];
        for (std::size_t i = 0; i < columns; ++i) scratch.sums[i] += digit * row[i];
        if (scratch.variances.empty()) continue;
        const double* variance = &variances_[r * columns];
        const double squared = digit * digit;
        for (std::size_t i = 0; i < columns; ++i) scratch.variances[i] += squared * variance[i];
      }
      saturated += convert_read(g, c, vector, scratch, y);
    }
  }
  return saturated;
}

std::uint64_t AnalogProduct::convert_read(std::size_t group, std::size_t cycle,
                                          std::uint64_t vector, Scratch& scratch,
                                          std::span<std::int64_t> y) const {
  const std::size_t columns = scratch.sums.size();
  if (!scratch.variances.empty()) {
    const std::uint64_t first = (group * cycles_.size() + cycle) * columns;
    for (std::size_t i = 0; i < columns; ++i) {
      const base::PhiloxBlock words = reads_.block(vector, first + i);
      scratch.sums[i] += std::sqrt(scratch.variances[i]) * normal(words[0], words[1]);
    }
  }
  if (options_.compensate_leak) {
    const Levels levels = levels_of(options_.cell);
    for (double& sum : scratch.sums) sum -= scratch.digits * levels.off_s / levels.step_s;
  }
  const auto& signs = exact_.packed().signs;
  const std::size_t groups = exact_.packed().groups.size();
  const std::uint32_t per_slice = columns_per_output_ / slices(format_);
  std::uint64_t saturated = 0;
  for (std::size_t o = 0; o < y.size(); ++o) {
    const double* sums = &scratch.sums[o * columns_per_output_];
    const std::size_t sign_at =
        (o / kBlockOutputs * groups + group) * kBlockOutputs + o % kBlockOutputs;
    const bool reversed = cycles_[cycle].negative != (!signs.empty() && signs[sign_at] < 0);
    for (std::uint32_t column = 0; column < columns_per_output_; ++column) {
      double sum = sums[column];
      if (with_pairs(format_)) sum -= sums[++column];
      const auto rounded = static_cast<std::int64_t>(std::llround(sum));
      const std::int64_t code = convert(format_, rounded);
      // What noise takes below 0 is no saturation: the converter reads 0, and loses nothing else.
      saturated += code < rounded || (with_pairs(format_) && code != rounded) ? 1 : 0;
      const bool flipped = exact_.packed().flipped(o, group, column / per_slice);
      const bool negative =
          (reversed != flipped) != (!with_pairs(format_) && column % per_slice == 1);
      const std::uint32_t shift = column / per_slice * format_.cell_bits + cycles_[cycle].first_bit;
      y[o] += (negative ? -code : code) * (std::int64_t{1} << shift);
    }
  }
  return saturated;
}

}  // namespace sheaf::sim::crossbar
