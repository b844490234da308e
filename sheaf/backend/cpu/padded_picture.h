// SPDX-License-Identifier: Apache-2.0
//
// A picture with zeros around it, and perhaps between its pixels: what convolutions slide over, so
// that their loops know no borders.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sheaf/ops/window.h"

namespace sheaf::backend::cpu {

struct PaddedPicture {
  std::uint32_t height;  // pixels of the source
  std::uint32_t width;
  std::uint32_t channels;
  std::uint32_t padded_height;
  std::uint32_t padded_width;
  std::uint32_t above;         // pixels of 0 above the first row ...
  std::uint32_t left;          // ... and to the left of the first column
  std::uint32_t dilation = 1;  // pixels from one of the source to the next
  std::size_t stride;          // floats from one pixel to the next, at least `channels`

  [[nodiscard]] std::size_t row_floats() const { return padded_width * stride; }
  [[nodiscard]] std::size_t floats() const { return padded_height * row_floats(); }

  // Whether a picture with this distance between its pixels is already what it would become.
  [[nodiscard]] bool is(std::size_t pixel_stride) const {
    return padded_height == height && padded_width == width && dilation == 1 &&
           pixel_stride == stride;
  }

  // Writes floats() floats.
  void fill(const float* from, std::size_t from_stride, float* to) const noexcept;
};

// What a convolution reads: the picture and `padding` pixels of 0 around it.
[[nodiscard]] PaddedPicture padded_input(const ops::Window& window, std::uint32_t channels,
                                         std::size_t stride);

// What its gradient reads, as a convolution with the window turned around and of stride 1: the
// gradient by the result, its pixels as far apart as the stride, so that every pixel of the picture
// has a place of the window.
[[nodiscard]] PaddedPicture padded_delta(const ops::Window& window, std::uint32_t channels,
                                         std::size_t stride);

}  // namespace sheaf::backend::cpu
