// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sheaf::target {

// Any block that only computes or moves: shift-and-add, sigmoid, pooling, a bus, a router. Area,
// power and energy are those of one.
// What `count` of them are there for, in a PE: the PE, or each of its crossbars, of their rows or
// of their columns.
enum class UnitPer { level, crossbar, row, column };

inline constexpr std::array<std::string_view, 4> kUnitPerNames = {"level", "crossbar", "row",
                                                                  "column"};

struct DigitalUnit {
  std::string name;
  std::uint32_t count = 1;
  UnitPer per = UnitPer::level;
  // How many of the things at this level share the `count` of them (ISAAC: four tiles a router).
  std::uint32_t shared_by = 1;
  double area_um2 = 0;
  double power_mw = 0;  // at its peak rate
  double leakage_mw = 0;
  double energy_pj = 0;  // of one action; 0: not known
};

}  // namespace sheaf::target
