// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/packet.h"

#include <string>

#include "sheaf/base/error.h"

namespace sheaf::sim::noc {

MulticastTree::MulticastTree(const RoutingTable& table, Node source,
                             std::span<const Node> destinations)
    : ports_(table.topology().nodes()),
      destinations_(static_cast<std::uint32_t>(destinations.size())) {
  const std::string place = "multicast from node " + std::to_string(source);
  if (destinations.empty()) {
    throw base::UsageError({.place = place, .what = "no destination"});
  }
  std::vector<std::uint8_t> reached(ports_.size());
  reached[source] = 1;
  for (const Node destination : destinations) {
    Node at = source;
    while (at != destination) {
      const Port port = table.port(at, destination);
      const auto bit = static_cast<std::uint8_t>(1U << port);
      const Node next = *table.topology().neighbour(at, port);
      if ((ports_[at] & bit) == 0) {
        if (reached[next] != 0) {
          throw base::UsageError(
              {.place = place,
               .what = "paths that part meet again at node " + std::to_string(next),
               .expected = "a routing whose paths from one node are a tree",
               .hint = "XY is one"});
        }
        ports_[at] |= bit;
        reached[next] = 1;
        ++links_;
      }
      at = next;
    }
    constexpr std::uint8_t kLocalBit = 1U << kLocal;
    if ((ports_[destination] & kLocalBit) != 0) {
      throw base::UsageError({.place = place,
                              .what = "a destination comes twice",
                              .got = "node " + std::to_string(destination)});
    }
    ports_[destination] |= kLocalBit;
  }
}

}  // namespace sheaf::sim::noc
