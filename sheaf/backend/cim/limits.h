// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace sheaf::backend::cim {

// What keeps inputs from following each other faster.
enum class Bound : std::uint8_t {
  compute,  // reads of crossbars with the conversion of their columns; multipliers of an array
  network,  // the busiest link of the mesh in one direction, or the port of a tile
  memory,   // a tile's memory, from which inputs are fetched and to which results go
  dram,     // memory outside of the chip
};
inline constexpr std::array<std::string_view, 4> kBoundNames = {"compute", "network", "memory",
                                                                "dram"};

// The time that each of them takes at least. 0: nothing, or the chip does not say.
struct Limits {
  std::array<double, kBoundNames.size()> ns = {};

  [[nodiscard]] double& of(Bound bound) { return ns[static_cast<std::size_t>(bound)]; }
  [[nodiscard]] double of(Bound bound) const { return ns[static_cast<std::size_t>(bound)]; }
  [[nodiscard]] double most() const { return *std::max_element(ns.begin(), ns.end()); }
  // The first of those that take longest.
  [[nodiscard]] Bound binds() const {
    return static_cast<Bound>(std::max_element(ns.begin(), ns.end()) - ns.begin());
  }
};

}  // namespace sheaf::backend::cim
