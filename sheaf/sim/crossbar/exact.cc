// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/crossbar/exact.h"

#include <algorithm>
#include <array>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/sim/crossbar/kernel.h"

namespace sheaf::sim::crossbar {
namespace {

// Vectors whose bits are packed at a time, and that one task multiplies by one block.
constexpr std::size_t kPackedVectors = 256;
constexpr std::size_t kTaskVectors = 32;

void require_range(const char* place, std::span<const std::int32_t> values, std::int64_t least,
                   std::int64_t most) {
  for (const std::int32_t value : values) {
    if (value >= least && value <= most) continue;
    throw base::UsageError({.place = place,
                            .what = "out of the format's range",
                            .got = std::to_string(value),
                            .expected = std::to_string(least) + " to " + std::to_string(most)});
  }
}

void require_size(const char* place, std::size_t got, std::size_t expected) {
  if (got == expected) return;
  throw base::UsageError({.place = place,
                          .what = "wrong number of values",
                          .got = std::to_string(got),
                          .expected = std::to_string(expected)});
}

// The converter's range, as far as sums go at all.
struct Range {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

Range converter_range(const Format& format, std::int64_t largest_sum) {
  return {convert(format, -largest_sum), convert(format, largest_sum)};
}

// Gathers cycles in 16 bits for as long as nothing overflows.
std::vector<KernelCycle> gather(std::span<const Cycle> cycles, std::int64_t code,
                                std::int64_t room) {
  std::vector<KernelCycle> gathered;
  std::int64_t bound = 0;
  std::uint32_t base = 0;
  for (std::size_t c = 0; c < cycles.size(); ++c) {
    if (gathered.empty() || gathered.back().flush) {
      base = cycles[c].first_bit;
      bound = 0;
    }
    const std::uint32_t shift = cycles[c].first_bit - base;
    bound += code << shift;
    const bool last = c + 1 == cycles.size();
    const bool flush = last || cycles[c + 1].negative || cycles[c].negative ||
                       bound + (code << (cycles[c + 1].first_bit - base)) > room;
    gathered.push_back(
        {.shift = shift, .base_shift = base, .negative = cycles[c].negative, .flush = flush});
  }
  return gathered;
}

std::vector<std::int64_t> digital_factors(const Format& format, const PackedWeights& packed,
                                          std::uint32_t outputs) {
  if (format.encoding != WeightEncoding::offset) return {};
  std::vector<std::int64_t> factors(packed.groups.size() * outputs,
                                    -(std::int64_t{1} << (format.weight_bits - 1)));
  for (std::size_t i = 0; i < factors.size() && !packed.flips.empty(); ++i) {
    for (std::size_t u = 0; u < packed.units.size(); ++u) {
      const Unit& unit = packed.units[u];
      if (!packed.flipped(i % outputs, i / outputs, u)) continue;
      factors[i] += ((std::int64_t{1} << unit.planes) - 1) << unit.shift;
    }
  }
  return factors;
}

}  // namespace

// What the tasks of a pack of vectors share.
struct ExactProduct::Task {
  Kernel kernel = nullptr;
  std::span<const KernelBit> bits;
  std::span<const KernelCycle> cycles;
  Range range;
  std::span<const std::uint32_t> packed;  // of all vectors
  std::size_t words = 0;                  // of a vector
  std::size_t vectors = 0;
  std::span<std::int64_t> out;
};

ExactProduct::ExactProduct(const Format& format, std::span<const std::int32_t> weights,
                           std::uint32_t outputs)
    : format_(format), inputs_(0), outputs_(outputs) {
  check_format(format_);
  if (outputs == 0 || weights.empty()) require_size("outputs", 0, 1);
  inputs_ = static_cast<std::uint32_t>(weights.size() / outputs);
  require_size("weights", weights.size(), std::size_t{inputs_} * outputs);
  const std::int64_t half = std::int64_t{1} << (format_.weight_bits - 1);
  require_range("weights", weights, format_.encoding == WeightEncoding::offset ? -half : 1 - half,
                half - 1);
  cycles_ = cycles_of(format_);
  packed_ = pack(format_, weights, outputs);
  digital_ = digital_factors(format_, packed_, outputs);

  std::uint32_t digit_bits = 1;
  for (const Cycle& cycle : cycles_) digit_bits = std::max(digit_bits, cycle.bits);
  std::int64_t largest = 0;
  std::int64_t group_bound = 0;
  for (Unit& unit : packed_.units) {
    const std::int64_t sum = std::int64_t{unit.largest} * ((1 << digit_bits) - 1);
    unit.saturates = sum > convert(format_, sum);
    largest = std::max(largest, sum);
  }
  const std::int64_t code = convert(format_, largest);
  for (const Unit& unit : packed_.units) group_bound += code << (format_.input_bits + unit.shift);
  constexpr std::int64_t kInt32 = std::int64_t{1} << 31U;
  const bool with_sign = format_.encoding == WeightEncoding::sign_magnitude;
  vectorised_ = largest <= (with_sign ? 0x7FFF : 0xFFFF) && cycles_.size() <= kMaxCycles &&
                code << format_.input_bits < kInt32;
  wide_ = group_bound >= kInt32;
}

Conversions ExactProduct::conversions(std::uint64_t vectors) const {
  Conversions counts;
  counts.reads = vectors * packed_.groups.size() * cycles_.size();
  counts.conversions = counts.reads * packed_.units.size() * outputs_;
  return counts;
}

void ExactProduct::require(std::span<const std::int32_t> inputs, std::size_t out_size) const {
  const std::size_t vectors = inputs.size() / inputs_;
  require_size("inputs", inputs.size(), vectors * inputs_);
  require_size("out", out_size, vectors * outputs_);
  const std::int64_t all = std::int64_t{1} << format_.input_bits;
  require_range("inputs", inputs, format_.signed_inputs ? -all / 2 : 0,
                (format_.signed_inputs ? all / 2 : all) - 1);
}

Conversions ExactProduct::multiply(std::span<const std::int32_t> inputs,
                                   std::span<std::int64_t> out, const RunOptions& options) const {
  const KernelTable& table =
      options.kernels != nullptr ? *options.kernels : select_kernels(options.isa);
  const std::size_t vectors = inputs.size() / inputs_;
  require(inputs, out.size());
  Conversions counts = conversions(vectors);
  if (!vectorised_) {
    counts.saturated = multiply_plainly(inputs, out);
    add_digital(inputs, out);
    return counts;
  }

  std::vector<KernelBit> bits(format_.input_bits);
  std::int64_t largest = 0;
  for (std::uint32_t c = 0; c < cycles_.size(); ++c) {
    for (std::uint32_t i = 0; i < cycles_[c].bits; ++i) {
      bits[cycles_[c].first_bit + i] = {.cycle = c, .shift = i};
    }
    for (const Unit& unit : packed_.units) {
      largest = std::max(largest, std::int64_t{unit.largest} * ((1 << cycles_[c].bits) - 1));
    }
  }
  const bool with_sign = format_.encoding == WeightEncoding::sign_magnitude;
  const Range range = converter_range(format_, largest);
  const auto cycles =
      gather(cycles_, std::max(range.most, -range.least), with_sign ? 0x7FFF : 0xFFFF);
  const std::size_t words = packed_words(format_, packed_.groups);
  std::vector<std::uint32_t> packed(std::min(vectors, kPackedVectors) * words);
  const auto for_all = [&](std::size_t count, const auto& body) {
    if (options.pool != nullptr) {
      options.pool->parallel_for(count, [&](std::size_t i, std::uint32_t) { body(i); });
    } else {
      for (std::size_t i = 0; i < count; ++i) body(i);
    }
  };
  for (std::size_t first = 0; first < vectors; first += kPackedVectors) {
    const std::size_t some = std::min(kPackedVectors, vectors - first);
    for_all(some, [&](std::size_t v) {
      pack_inputs(format_, packed_.groups, inputs.subspan((first + v) * inputs_, inputs_),
                  std::span(packed).subspan(v * words, words));
    });
    const Task task{.kernel = with_sign ? table.signed_product : table.product,
                    .bits = bits,
                    .cycles = cycles,
                    .range = range,
                    .packed = packed,
                    .words = words,
                    .vectors = some,
                    .out = out.subspan(first * outputs_, some * outputs_)};
    const std::size_t parts = (some + kTaskVectors - 1) / kTaskVectors;
    std::vector<std::uint64_t> saturated(parts * packed_.blocks);
    for_all(saturated.size(), [&](std::size_t i) {
      saturated[i] = run_block(task, i / parts, i % parts * kTaskVectors);
    });
    for (const std::uint64_t count : saturated) counts.saturated += count;
  }
  add_digital(inputs, out);
  return counts;
}

std::uint64_t ExactProduct::run_block(const Task& task, std::size_t block,
                                      std::size_t first) const {
  const std::size_t vectors = std::min(kTaskVectors, task.vectors - first);
  std::array<std::array<std::int64_t, kBlockOutputs>, kTaskVectors> sums{};
  std::uint64_t saturated = 0;
  std::size_t word = 0;
  for (std::size_t g = 0; g < packed_.groups.size(); ++g) {
    const std::uint32_t chunks = chunks_of(packed_.groups[g]);
    KernelArgs args{.weights = &packed_.lines[block * packed_.block_lines + packed_.group_lines[g]],
                    .units = packed_.units,
                    .chunks = chunks,
                    .bits = task.bits,
                    .cycles = task.cycles,
                    .least = static_cast<std::int32_t>(task.range.least),
                    .most = static_cast<std::int32_t>(task.range.most),
                    .wide = wide_};
    if (!packed_.signs.empty()) {
      args.signs = &packed_.signs[(block * packed_.groups.size() + g) * kBlockOutputs];
    }
    if (!packed_.flips.empty()) args.flips = &packed_.flips[packed_.flip_at(block, g, 0)];
    for (std::size_t v = 0; v < vectors; ++v) {
      args.inputs = &task.packed[(first + v) * task.words + word];
      args.sums = sums[v].data();
      saturated += task.kernel(args);
    }
    word += std::size_t{chunks} * format_.input_bits;
  }
  const std::size_t column = block * kBlockOutputs;
  const std::size_t columns = std::min<std::size_t>(kBlockOutputs, outputs_ - column);
  for (std::size_t v = 0; v < vectors; ++v) {
    std::copy_n(sums[v].data(), columns, &task.out[(first + v) * outputs_ + column]);
  }
  return saturated;
}

void ExactProduct::add_digital(std::span<const std::int32_t> inputs,
                               std::span<std::int64_t> out) const {
  if (digital_.empty()) return;
  for (std::size_t v = 0; v * inputs_ < inputs.size(); ++v) {
    const auto x = inputs.subspan(v * inputs_, inputs_);
    const auto y = out.subspan(v * outputs_, outputs_);
    for (std::size_t g = 0; g < packed_.groups.size(); ++g) {
      std::int64_t sum = 0;
      for (const std::int32_t input : x.subspan(packed_.groups[g].first, packed_.groups[g].count)) {
        sum += input;
      }
      const std::int64_t* factors = &digital_[g * outputs_];
      for (std::size_t o = 0; o < outputs_; ++o) y[o] += factors[o] * sum;
    }
  }
}

}  // namespace sheaf::sim::crossbar
