// SPDX-License-Identifier: Apache-2.0
//
// Rows as kernels want them, and what tests compare them with.
#pragma once

#include <cstring>
#include <span>
#include <vector>

#include "sheaf/base/rng.h"
#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::test {

// What lies in memory that nothing has written.
inline constexpr float kUnwritten = -12345;

// Rows that start at 64-byte boundaries, `gap` floats further apart than they need to be.
class Matrix {
 public:
  Matrix(std::size_t rows, std::size_t width, std::size_t gap = 0)
      : rows_(rows),
        width_(width),
        stride_(tensor::round_up(width, tensor::kRowAlignment) + gap),
        buffer_(rows * stride_) {
    for (std::size_t i = 0; i < buffer_.size(); ++i) buffer_.data()[i] = kUnwritten;
  }

  static Matrix random(std::size_t rows, std::size_t width, base::Rng& rng, float range = 1) {
    Matrix matrix(rows, width);
    for (std::size_t i = 0; i < rows; ++i) {
      for (float& x : matrix.row(i)) x = rng.uniform(-range, range);
    }
    return matrix;
  }

  // The values, `width` to a row.
  static Matrix of(const std::vector<float>& values, std::size_t width) {
    Matrix matrix(tensor::round_up(values.size(), width) / width, width);
    for (std::size_t i = 0; i < matrix.rows() * width; ++i) {
      matrix.at(i / width, i % width) = values[i % values.size()];
    }
    return matrix;
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] std::size_t stride() const { return stride_; }
  [[nodiscard]] float* data() { return buffer_.data(); }
  [[nodiscard]] const float* data() const { return buffer_.data(); }
  [[nodiscard]] std::span<float> row(std::size_t i) { return {data() + i * stride_, width_}; }
  [[nodiscard]] std::span<const float> row(std::size_t i) const {
    return {data() + i * stride_, width_};
  }
  // The whole row, padding and gap included.
  [[nodiscard]] std::span<const float> whole_row(std::size_t i) const {
    return {data() + i * stride_, stride_};
  }
  [[nodiscard]] float& at(std::size_t i, std::size_t j) { return data()[i * stride_ + j]; }
  [[nodiscard]] float at(std::size_t i, std::size_t j) const { return data()[i * stride_ + j]; }

 private:
  std::size_t rows_;
  std::size_t width_;
  std::size_t stride_;
  tensor::AlignedBuffer buffer_;
};

// Bit by bit: NaN equals itself, 0 is not -0.
[[nodiscard]] inline bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

}  // namespace sheaf::test
