// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace sheaf::tensor {

// How a parameter's values are stored. Ops do not change with it; kernels are chosen by it.
enum class Encoding : std::uint8_t {
  dense,  // every value, float32, row-major
};

[[nodiscard]] constexpr std::string_view name(Encoding encoding) {
  switch (encoding) {
    case Encoding::dense:
      return "dense";
  }
  return "?";
}

}  // namespace sheaf::tensor
