// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/padded_picture.h"

#include <cstring>

namespace sheaf::backend::cpu {
namespace {

void clear(float* to, std::size_t floats) { std::memset(to, 0, floats * sizeof(float)); }

}  // namespace

void PaddedPicture::fill(const float* from, std::size_t from_stride, float* to) const noexcept {
  const std::size_t row = row_floats();
  const bool whole = dilation == 1 && from_stride == stride;
  const std::uint32_t last_row = above + (height - 1) * dilation;
  for (std::uint32_t y = 0; y < padded_height; ++y, to += row) {
    if (y < above || y > last_row || (y - above) % dilation != 0) {
      clear(to, row);
      continue;
    }
    const float* line = from + std::size_t{(y - above) / dilation} * width * from_stride;
    if (whole) {
      const std::size_t before = left * stride;
      const std::size_t middle = width * stride;
      clear(to, before);
      std::memcpy(to + before, line, middle * sizeof(float));
      clear(to + before + middle, row - before - middle);
      continue;
    }
    clear(to, row);
    float* pixel = to + left * stride;
    for (std::uint32_t x = 0; x < width; ++x, line += from_stride, pixel += dilation * stride) {
      std::memcpy(pixel, line, channels * sizeof(float));
    }
  }
}

PaddedPicture padded_input(const ops::Window& window, std::uint32_t channels, std::size_t stride) {
  return {.height = window.height,
          .width = window.width,
          .channels = channels,
          .padded_height = window.height + 2 * window.padding,
          .padded_width = window.width + 2 * window.padding,
          .above = window.padding,
          .left = window.padding,
          .stride = stride};
}

PaddedPicture padded_delta(const ops::Window& window, std::uint32_t channels, std::size_t stride) {
  return {.height = window.out_height(),
          .width = window.out_width(),
          .channels = channels,
          .padded_height = window.height + window.kernel_height - 1,
          .padded_width = window.width + window.kernel_width - 1,
          .above = window.kernel_height - 1 - window.padding,
          .left = window.kernel_width - 1 - window.padding,
          .dilation = window.stride,
          .stride = stride};
}

}  // namespace sheaf::backend::cpu
