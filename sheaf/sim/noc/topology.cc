// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/topology.h"

#include <cmath>
#include <string>

#include "sheaf/base/error.h"

namespace sheaf::sim::noc {
namespace {

void require_between(const char* place, std::uint32_t value, std::uint32_t least,
                     std::uint32_t most, const char* what) {
  if (value >= least && value <= most) return;
  throw base::UsageError({.place = place,
                          .what = std::string("wrong number of ") + what,
                          .got = std::to_string(value),
                          .expected = std::to_string(least) + " to " + std::to_string(most)});
}

void require_positive(const char* place, double value, const char* what) {
  if (std::isfinite(value) && value > 0) return;
  throw base::UsageError(
      {.place = place, .what = what, .got = std::to_string(value), .expected = "a number above 0"});
}

}  // namespace

Topology::Topology(std::uint32_t columns, std::uint32_t rows) : columns_(columns), rows_(rows) {
  if (columns > 0 && rows > 0 && std::uint64_t{columns} * rows <= kMostNodes) return;
  throw base::UsageError(
      {.place = "--mesh",
       .what = "wrong size of a mesh",
       .got = std::to_string(columns) + "x" + std::to_string(rows),
       .expected = "COLUMNSxROWS of 1 to " + std::to_string(kMostNodes) + " nodes together"});
}

std::optional<Node> Topology::neighbour(Node node, Port port) const noexcept {
  switch (port) {
    case kEast:
      return x(node) + 1 < columns_ ? std::optional(node + 1) : std::nullopt;
    case kWest:
      return x(node) > 0 ? std::optional(node - 1) : std::nullopt;
    case kNorth:
      return y(node) + 1 < rows_ ? std::optional(node + columns_) : std::nullopt;
    case kSouth:
      return y(node) > 0 ? std::optional(node - columns_) : std::nullopt;
    case kLocal:
      break;
  }
  return std::nullopt;
}

Port Topology::xy_port(Node node, Node destination) const noexcept {
  if (x(node) != x(destination)) return x(node) < x(destination) ? kEast : kWest;
  if (y(node) != y(destination)) return y(node) < y(destination) ? kNorth : kSouth;
  return kLocal;
}

void require_mesh(const target::Mesh& mesh) {
  [[maybe_unused]] const Topology size(mesh.columns, mesh.rows);
  require_between("--vcs", mesh.router.vcs, 1, 64, "virtual channels");
  require_between("--buffer", mesh.router.buffer_flits, 1, 65535, "flits per virtual channel");
  require_between("--flit-bits", mesh.flit_bits, 1, 65536, "bits of a flit");
  require_positive("--link-mm", mesh.link_mm, "wrong length of a link");
  require_positive("clock_ghz", mesh.clock_ghz, "wrong clock");
}

}  // namespace sheaf::sim::noc
