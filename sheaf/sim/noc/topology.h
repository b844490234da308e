// SPDX-License-Identifier: Apache-2.0
//
// Nodes and ports of a mesh. Node x + columns * y lies in column x of row y.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sheaf/target/mesh.h"

namespace sheaf::sim::noc {

using Node = std::uint32_t;

// In the order in which allocators see them.
enum Port : std::uint8_t { kEast, kWest, kNorth, kSouth, kLocal };  // +x, -x, +y, -y
inline constexpr std::uint32_t kPorts = 5;
inline constexpr std::array<std::string_view, kPorts> kPortNames = {"east", "west", "north",
                                                                    "south", "local"};

// The port at the other end of a link.
[[nodiscard]] constexpr Port opposite(Port port) noexcept {
  return port == kLocal ? kLocal : static_cast<Port>(port ^ 1U);
}

class Topology {
 public:
  // Throws UsageError when a side is 0 or there are more than kMostNodes nodes.
  Topology(std::uint32_t columns, std::uint32_t rows);

  [[nodiscard]] std::uint32_t columns() const noexcept { return columns_; }
  [[nodiscard]] std::uint32_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::uint32_t nodes() const noexcept { return columns_ * rows_; }
  [[nodiscard]] std::uint32_t x(Node node) const noexcept { return node % columns_; }
  [[nodiscard]] std::uint32_t y(Node node) const noexcept { return node / columns_; }
  [[nodiscard]] Node at(std::uint32_t x, std::uint32_t y) const noexcept {
    return x + columns_ * y;
  }

  // Links of a shortest path.
  [[nodiscard]] std::uint32_t distance(Node a, Node b) const noexcept {
    return difference(x(a), x(b)) + difference(y(a), y(b));
  }

  // The node behind a port, none at an edge of the mesh and for kLocal.
  [[nodiscard]] std::optional<Node> neighbour(Node node, Port port) const noexcept;

  // First along x, then along y: where a packet that is at `node` leaves it.
  [[nodiscard]] Port xy_port(Node node, Node destination) const noexcept;

  static constexpr std::uint32_t kMostNodes = 4096;

 private:
  [[nodiscard]] static constexpr std::uint32_t difference(std::uint32_t a,
                                                          std::uint32_t b) noexcept {
    return a < b ? b - a : a - b;
  }

  std::uint32_t columns_;
  std::uint32_t rows_;
};

// Throws UsageError, naming the option, when the mesh cannot be simulated.
void require_mesh(const target::Mesh& mesh);

}  // namespace sheaf::sim::noc
