// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::tensor {

// Rows and columns of a matrix; a vector is one row.
struct Shape {
  std::uint32_t rows = 0;
  std::uint32_t cols = 0;

  friend bool operator==(const Shape&, const Shape&) = default;
  [[nodiscard]] std::size_t size() const { return std::size_t{rows} * cols; }
};

[[nodiscard]] inline std::string to_string(Shape shape) {
  return std::to_string(shape.rows) + " x " + std::to_string(shape.cols);
}

// An owning float32 matrix, row-major, without padding between rows.
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Shape shape) : shape_(shape), buffer_(shape.size()) {}

  [[nodiscard]] Shape shape() const noexcept { return shape_; }
  [[nodiscard]] std::span<float> values() noexcept { return {buffer_.data(), shape_.size()}; }
  [[nodiscard]] std::span<const float> values() const noexcept {
    return {buffer_.data(), shape_.size()};
  }
  [[nodiscard]] std::span<float> row(std::uint32_t i) noexcept {
    return values().subspan(std::size_t{i} * shape_.cols, shape_.cols);
  }
  [[nodiscard]] std::span<const float> row(std::uint32_t i) const noexcept {
    return values().subspan(std::size_t{i} * shape_.cols, shape_.cols);
  }

 private:
  Shape shape_;
  AlignedBuffer buffer_;
};

}  // namespace sheaf::tensor
