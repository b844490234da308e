// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sheaf/tensor/tensor.h"

namespace sheaf::tensor {

enum class EncodingKind : std::uint8_t {
  dense,            // every value, row-major
  block_circulant,  // a matrix of k x k circulant blocks, k values each (docs/encodings.md)
};

// How a parameter's values are stored. Ops do not change with it; kernels are chosen by it.
struct Encoding {
  EncodingKind kind = EncodingKind::dense;
  std::uint32_t block = 1;  // k of block_circulant, a power of two from 2 to kMostBlock

  friend auto operator<=>(const Encoding&, const Encoding&) = default;
  [[nodiscard]] bool is_dense() const { return kind == EncodingKind::dense; }
};

inline constexpr Encoding kDense{};
// Blocks above this leave so few numbers that transforms, not products, would take the time.
inline constexpr std::uint32_t kMostBlock = 64;

[[nodiscard]] constexpr Encoding block_circulant(std::uint32_t block) {
  return {EncodingKind::block_circulant, block};
}

// Names that parse_encoding() knows, without their parameters.
[[nodiscard]] std::span<const std::string> encoding_names();

// "dense", "block_circulant:k=8".
[[nodiscard]] std::string to_string(Encoding encoding);

// The opposite. Throws UsageError that names `place`: unknown names with the nearest, k missing or
// no power of two from 2 to kMostBlock.
[[nodiscard]] Encoding parse_encoding(std::string_view text, const std::string& place);

// Whether a matrix [rows x cols] can be stored so: k divides both.
[[nodiscard]] bool fits(Encoding encoding, Shape shape);

// Shape of what is stored for a matrix of `shape` that fits. block_circulant: [rows / k x cols],
// row i being block row i and its columns [j k, (j + 1) k) the k values of block j.
[[nodiscard]] Shape stored_shape(Encoding encoding, Shape shape);

// Floating-point operations of one row times a matrix of `shape`, as stored. Multiply-adds count
// twice. block_circulant: those between spectra, 4 k - 4 a block, without the transforms.
[[nodiscard]] std::uint64_t product_flops(Encoding encoding, Shape shape);

}  // namespace sheaf::tensor
