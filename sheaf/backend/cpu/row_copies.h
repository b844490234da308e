// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstring>

#include "sheaf/backend/cpu/spatial.h"

namespace sheaf::backend::cpu {

// Of every instruction set: the values of a, row after row, in rows of another width.
inline void reshape(const SpatialArgs& args) noexcept {
  const std::size_t from_width = args.a.shape.cols;
  const std::size_t to_width = args.shape.cols;
  const std::size_t all = args.shape.size();
  for (std::size_t at = 0; at < all;) {
    // Up to where a row of either ends.
    const std::size_t run = std::min(from_width - at % from_width, to_width - at % to_width);
    std::memcpy(args.to + at / to_width * args.to_stride + at % to_width,
                args.a.first + at / from_width * args.a.stride + at % from_width,
                run * sizeof(float));
    at += run;
  }
}

inline void repeat_row(const SpatialArgs& args) noexcept {
  for (std::uint32_t row = 0; row < args.shape.rows; ++row) {
    std::memcpy(args.to + row * args.to_stride, args.a.first, args.shape.cols * sizeof(float));
  }
}

}  // namespace sheaf::backend::cpu
