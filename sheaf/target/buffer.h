// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sheaf::target {

enum class BufferKind { sram, edram, registers };

inline constexpr std::array<std::string_view, 3> kBufferKindNames = {"sram", "edram", "registers"};

// On-chip memory. Area and power are those of one; `count` of them stand at its level.
struct Buffer {
  std::string name;
  BufferKind kind = BufferKind::sram;
  std::uint32_t count = 1;
  double bytes = 0;            // of one, > 0
  std::uint32_t bus_bits = 0;  // that one access moves; 0: not known
  double area_um2 = 0;
  double power_mw = 0;  // at its peak rate, leakage included
  double leakage_mw = 0;
  double read_pj_per_byte = 0;  // 0: not known
  double write_pj_per_byte = 0;
};

}  // namespace sheaf::target
