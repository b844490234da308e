// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/crossbar/naive.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "sheaf/base/rng.h"

namespace sheaf::test {
namespace {

using sim::crossbar::Format;
using sim::crossbar::WeightEncoding;

std::int64_t power(std::uint32_t bits) { return std::int64_t{1} << bits; }

// Digit number i of a non-negative number in base 2^bits.
std::int64_t base_digit(std::int64_t number, std::uint32_t i, std::uint32_t bits) {
  return number / power(i * bits) % power(bits);
}

// What the input contributes to in one read, and with which weight.
struct Read {
  std::int64_t digit = 0;
  std::int64_t factor = 1;
};

std::vector<Read> reads(const Format& format, std::int32_t input) {
  std::vector<Read> result;
  const std::uint32_t magnitude = format.input_bits - (format.signed_inputs ? 1 : 0);
  std::int64_t low = input;
  if (input < 0) low += power(magnitude);
  for (std::uint32_t i = 0; i * format.dac_bits < magnitude; ++i) {
    result.push_back({base_digit(low, i, format.dac_bits), power(i * format.dac_bits)});
  }
  if (format.signed_inputs) result.push_back({input < 0 ? 1 : 0, -power(magnitude)});
  return result;
}

}  // namespace

NaiveProduct naive_product(const Format& format, const std::vector<std::int32_t>& weights,
                           std::size_t outputs, const std::vector<std::int32_t>& inputs) {
  const std::size_t rows = weights.size() / outputs;
  const std::size_t vectors = inputs.size() / rows;
  const bool offset = format.encoding == WeightEncoding::offset;
  const std::uint32_t bits = offset ? format.weight_bits : format.weight_bits - 1;
  const std::uint32_t slices = (bits + format.cell_bits - 1) / format.cell_bits;
  const std::size_t cycles = reads(format, 0).size();
  NaiveProduct result;
  result.y.resize(vectors * outputs);
  for (std::size_t v = 0; v < vectors; ++v) {
    for (std::size_t o = 0; o < outputs; ++o) {
      std::int64_t& y = result.y[v * outputs + o];
      for (std::size_t xbar = 0; xbar < rows; xbar += format.rows) {
        const std::size_t xbar_end = std::min<std::size_t>(rows, xbar + format.rows);
        for (std::size_t first = xbar; first < xbar_end; first += format.parallel_rows) {
          const std::size_t end = std::min<std::size_t>(xbar_end, first + format.parallel_rows);
          for (std::uint32_t slice = 0; slice < slices; ++slice) {
            for (std::size_t c = 0; c < cycles; ++c) {
              std::int64_t positive = 0;
              std::int64_t negative = 0;
              std::int64_t digits = 0;
              std::int64_t cells = 0;
              std::int64_t factor = 1;
              for (std::size_t r = first; r < end; ++r) {
                const std::int64_t w = weights[r * outputs + o];
                const Read read = reads(format, inputs[v * rows + r])[c];
                const std::int64_t number =
                    offset ? w + power(format.weight_bits - 1) : std::abs(w);
                const std::int64_t term = base_digit(number, slice, format.cell_bits) * read.digit;
                (w < 0 && !offset ? negative : positive) += term;
                digits += read.digit;
                cells += base_digit(number, slice, format.cell_bits);
                factor = read.factor;
              }
              factor *= power(slice * format.cell_bits);
              const auto read_out = [&](std::int64_t sum, std::int64_t least, std::int64_t most) {
                ++result.conversions;
                if (sum < least || sum > most) ++result.saturated;
                return std::min(std::max(sum, least), most);
              };
              const std::int64_t full = power(format.adc_bits);
              if (format.encoding == WeightEncoding::differential) {
                y += factor * read_out(positive, 0, full - 1);
                y -= factor * read_out(negative, 0, full - 1);
              } else if (format.encoding == WeightEncoding::sign_magnitude) {
                y += factor * read_out(positive - negative, -full / 2, full / 2 - 1);
              } else if (format.flipped) {
                const std::int64_t level =
                    power(std::min(format.cell_bits, bits - slice * format.cell_bits)) - 1;
                const std::int64_t others = level * static_cast<std::int64_t>(end - first) - cells;
                const std::int64_t most = power(std::min(format.dac_bits, format.input_bits)) - 1;
                if (cells * most > full - 1 && others < cells) {
                  y += factor * (level * digits - read_out(level * digits - positive, 0, full - 1));
                } else {
                  y += factor * read_out(positive, 0, full - 1);
                }
              } else {
                y += factor * read_out(positive + negative, 0, full - 1) * (negative > 0 ? -1 : 1);
              }
            }
          }
          for (std::size_t r = first; offset && r < end; ++r) {
            y -= power(format.weight_bits - 1) * inputs[v * rows + r];
          }
        }
      }
    }
  }
  return result;
}

std::vector<std::int32_t> random_integers(std::size_t count, std::int32_t least, std::int32_t most,
                                          std::uint64_t seed) {
  base::Rng rng(seed);
  std::vector<std::int32_t> values(count);
  for (std::int32_t& value : values) {
    value =
        least + static_cast<std::int32_t>(rng.below(static_cast<std::uint32_t>(most - least) + 1));
  }
  return values;
}

std::vector<std::int64_t> integer_product(const std::vector<std::int32_t>& weights,
                                          std::size_t outputs,
                                          const std::vector<std::int32_t>& inputs) {
  const std::size_t rows = weights.size() / outputs;
  std::vector<std::int64_t> y(inputs.size() / rows * outputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (std::size_t o = 0; o < outputs; ++o) {
      y[i / rows * outputs + o] += std::int64_t{inputs[i]} * weights[i % rows * outputs + o];
    }
  }
  return y;
}

}  // namespace sheaf::test
