// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>

namespace sheaf::tensor {

// Rows of every planned value start at a multiple of this many floats: one 64-byte cache line, one
// AVX-512 vector.
inline constexpr std::size_t kRowAlignment = 16;

[[nodiscard]] constexpr std::size_t round_up(std::size_t n, std::size_t unit) {
  return (n + unit - 1) / unit * unit;
}

// Floats from one row of a planned value to the next, for `width` columns.
[[nodiscard]] constexpr std::size_t padded(std::size_t width) {
  return round_up(width, kRowAlignment);
}

// Owning float storage, aligned to a cache line (to a huge page when it is large enough to fill
// one). Contents are undefined until written. Throws ResourceError when memory is short.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t floats);

  [[nodiscard]] float* data() noexcept { return data_.get(); }
  [[nodiscard]] const float* data() const noexcept { return data_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  struct Free {
    void operator()(float* p) const noexcept { std::free(p); }
  };
  std::unique_ptr<float, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace sheaf::tensor
