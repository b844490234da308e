// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "sheaf/ops/window.h"

namespace sheaf::backend::cpu {

// The pixels of the picture that lie in a window: rows [top, bottom), columns [left, right).
struct PoolWindow {
  // At pixel `place` of the result.
  PoolWindow(const ops::Window& window, std::uint32_t place) : width(window.width) {
    const auto cut = [&](std::uint32_t at, std::uint32_t most) {
      return std::min(at < window.padding ? 0 : at - window.padding, most);
    };
    const std::uint32_t y = place / window.out_width() * window.stride;
    const std::uint32_t x = place % window.out_width() * window.stride;
    top = cut(y, window.height);
    bottom = cut(y + window.kernel_height, window.height);
    left = cut(x, window.width);
    right = cut(x + window.kernel_width, window.width);
  }

  std::uint32_t width;  // of the picture
  std::uint32_t top = 0, bottom = 0, left = 0, right = 0;
};

}  // namespace sheaf::backend::cpu
