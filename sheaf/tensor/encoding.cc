// SPDX-License-Identifier: Apache-2.0
#include "sheaf/tensor/encoding.h"

#include <array>
#include <bit>
#include <charconv>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::tensor {
namespace {

constexpr std::string_view kBlockKey = "k=";

[[noreturn]] void refuse_block(const std::string& place, std::string_view got) {
  throw base::UsageError({.place = place,
                          .what = "block size of block_circulant",
                          .got = got.empty() ? "none" : "'" + std::string(got) + "'",
                          .expected = "k= a power of two from 2 to " + std::to_string(kMostBlock),
                          .hint = "for example block_circulant:k=8"});
}

std::uint32_t parse_block(std::string_view text, const std::string& place) {
  std::uint32_t block = 0;
  if (!text.starts_with(kBlockKey)) refuse_block(place, text);
  const std::string_view digits = text.substr(kBlockKey.size());
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), block);
  const bool number = fault == std::errc() && end == digits.data() + digits.size();
  if (!number || block < 2 || block > kMostBlock || !std::has_single_bit(block)) {
    refuse_block(place, text);
  }
  return block;
}

}  // namespace

std::span<const std::string> encoding_names() {
  static const std::array<std::string, 2> kNames = {"dense", "block_circulant"};
  return kNames;
}

std::string to_string(Encoding encoding) {
  const std::string& name = encoding_names()[static_cast<std::size_t>(encoding.kind)];
  return encoding.is_dense() ? name : name + ":k=" + std::to_string(encoding.block);
}

Encoding parse_encoding(std::string_view text, const std::string& place) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const std::string_view rest = colon == text.npos ? std::string_view() : text.substr(colon + 1);
  if (name == encoding_names()[0]) {
    if (colon == text.npos) return kDense;
    throw base::UsageError({.place = place,
                            .what = "parameters of encoding dense",
                            .got = "'" + std::string(rest) + "'",
                            .expected = "none"});
  }
  if (name == encoding_names()[1]) return block_circulant(parse_block(rest, place));
  throw base::UsageError({.place = place,
                          .what = "unknown encoding",
                          .got = "'" + std::string(name) + "'",
                          .hint = base::suggest(name, encoding_names())});
}

bool fits(Encoding encoding, Shape shape) {
  return shape.rows % encoding.block == 0 && shape.cols % encoding.block == 0 &&
         (encoding.is_dense() || shape.size() > 0);
}

Shape stored_shape(Encoding encoding, Shape shape) {
  return {shape.rows / encoding.block, shape.cols};
}

std::uint64_t product_flops(Encoding encoding, Shape shape) {
  if (encoding.is_dense()) return 2 * std::uint64_t{shape.size()};
  const std::uint64_t k = encoding.block;
  return shape.size() / (k * k) * (4 * k - 4);  // 2 real bins, k / 2 - 1 complex ones
}

}  // namespace sheaf::tensor
