// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sheaf::ops {

// Where a window slides over a picture: over `height` x `width` pixels with `padding` pixels of 0
// around them. A picture is a matrix value: its rows are the pixels, from left to right and from
// top to bottom, and its columns are the channels. Of a gradient op: the window of the op that it
// belongs to.
struct Window {
  std::uint32_t height = 0;
  std::uint32_t width = 0;
  std::uint32_t kernel_height = 0;
  std::uint32_t kernel_width = 0;
  std::uint32_t stride = 1;
  std::uint32_t padding = 0;

  [[nodiscard]] std::uint32_t pixels() const { return height * width; }
  [[nodiscard]] std::uint32_t taps() const { return kernel_height * kernel_width; }
  // Places of the window: what does not fill a whole stride is left out.
  [[nodiscard]] std::uint32_t out_height() const {
    return (height + 2 * padding - kernel_height) / stride + 1;
  }
  [[nodiscard]] std::uint32_t out_width() const {
    return (width + 2 * padding - kernel_width) / stride + 1;
  }
  [[nodiscard]] std::uint32_t out_pixels() const { return out_height() * out_width(); }

  friend bool operator==(const Window&, const Window&) = default;
};

}  // namespace sheaf::ops
