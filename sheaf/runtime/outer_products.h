// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "sheaf/memory_plan/memory_plan.h"

namespace sheaf::runtime {

// What a weight gradient is: to[i][j] = fma(... fma(a_0[i], b_0[j], to[i][j]) ..., a_r[i], b_r[j]),
// the rows in their order, one chain per element, which goes on from what is there. Several
// matrices have one b.
struct OuterProducts {
  struct Left {
    std::span<const memory_plan::Offset> a;  // values, as many as b
    std::uint32_t width;                     // columns of each, the rows of `to`
    // [width x padded_columns()], 64-byte aligned; where there are no b, one row of padded width.
    float* to;
    bool begins = false;  // with 0, whatever is there
  };
  std::span<const Left> lefts;
  // Values, in the arena or in tables; none: each is a 1, and `to` is a sum of a.
  std::span<const memory_plan::Offset> b;
  std::uint32_t width;     // columns of each b
  std::uint32_t rows = 1;  // of each value: those of a matrix are summed over, too

  [[nodiscard]] std::uint32_t padded_columns() const {
    return (width + memory_plan::kPanelAlignment - 1) / memory_plan::kPanelAlignment *
           memory_plan::kPanelAlignment;
  }
};

}  // namespace sheaf::runtime
