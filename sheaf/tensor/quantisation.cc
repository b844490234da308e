// SPDX-License-Identifier: Apache-2.0
#include "sheaf/tensor/quantisation.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sheaf/base/error.h"

namespace sheaf::tensor {
namespace {

// 0 where it is not a number of bits.
std::uint32_t parse_one(std::string_view text) {
  std::uint32_t bits = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), bits);
  const bool whole = fault == std::errc() && end == text.data() + text.size();
  return whole && are_bits(bits) ? bits : 0;
}

// Rows of the matrix for one row of what is stored.
std::uint32_t rows_per_stored(Encoding encoding) {
  return encoding.kind == EncodingKind::block_circulant ? encoding.block : 1;
}

}  // namespace

Bits parse_bits(std::string_view text, const std::string& place) {
  const std::size_t x = text.find('x');
  const Bits bits{parse_one(text.substr(0, x)),
                  parse_one(x == text.npos ? text : text.substr(x + 1))};
  if (bits.input != 0 && bits.weight != 0) return bits;
  const std::string range = std::to_string(kLeastBits) + " to " + std::to_string(kMostBits);
  throw base::UsageError({.place = place,
                          .what = "bits",
                          .got = "'" + std::string(text) + "'",
                          .expected = "INPUTSxWEIGHTS, each " + range,
                          .hint = "for example 8x8"});
}

std::string to_string(Bits bits) {
  return std::to_string(bits.input) + "x" + std::to_string(bits.weight);
}

std::int32_t quantise(float x, float scale, std::int32_t most) {
  const float quotient = x / scale;
  if (std::isnan(quotient)) return 0;
  const auto limit = static_cast<float>(most);
  return static_cast<std::int32_t>(std::nearbyint(std::clamp(quotient, -limit, limit)));
}

float scale_of(float bound, std::uint32_t bits) {
  const float scale = bound / static_cast<float>(most_integer(bits));
  return std::isnormal(scale) ? scale : 1.0F;
}

QuantisedRows quantise_rows(const Tensor& stored, Encoding encoding, std::uint32_t bits) {
  const std::uint32_t copies = rows_per_stored(encoding);
  const Shape shape = stored.shape();
  QuantisedRows rows{Tensor(shape), Tensor({1, shape.rows * copies})};
  for (std::uint32_t i = 0; i < shape.rows; ++i) {
    float bound = 0;
    for (const float w : stored.row(i)) bound = std::max(bound, std::abs(w));
    const float scale = scale_of(bound, bits);
    std::fill_n(rows.scales.values().data() + std::size_t{i} * copies, copies, scale);
    std::transform(
        stored.row(i).begin(), stored.row(i).end(), rows.integers.row(i).begin(),
        [&](float w) { return static_cast<float>(quantise(w, scale, most_integer(bits))); });
  }
  return rows;
}

std::int64_t largest_sum(const Tensor& integers, std::uint32_t input_bits) {
  std::int64_t most = 0;
  for (std::uint32_t i = 0; i < integers.shape().rows; ++i) {
    std::int64_t sum = 0;
    for (const float w : integers.row(i)) sum += std::abs(static_cast<std::int64_t>(w));
    most = std::max(most, sum);
  }
  return most * most_integer(input_bits);
}

}  // namespace sheaf::tensor
