// SPDX-License-Identifier: Apache-2.0
//
// Whatever the text, sim::noc reads a matrix of volumes, or a routing table, or throws.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sheaf/base/error.h"
#include "sheaf/sim/noc/routing.h"
#include "sheaf/sim/noc/traffic.h"

namespace {

using namespace sheaf;

void read_matrix(std::string_view text, std::uint32_t nodes) {
  try {
    const auto values = sim::noc::parse_matrix(text, "matrix", nodes);
    if (values.size() != std::size_t{nodes} * nodes) std::abort();
    for (const double value : values) {
      if (!(value >= 0)) std::abort();
    }
  } catch (const base::DataError&) {
  }
}

// What is taken lets every packet arrive and none wait for itself.
void read_table(std::string_view text, std::uint32_t columns, std::uint32_t rows) {
  try {
    const sim::noc::Topology topology(columns, rows);
    const auto table = sim::noc::RoutingTable::parse(topology, text, "table");
    if (!sim::noc::waiting_cycle(table).empty()) std::abort();
    for (sim::noc::Node a = 0; a < topology.nodes(); ++a) {
      for (sim::noc::Node b = 0; b < topology.nodes(); ++b) {
        const std::uint32_t links = table.links(a, b);
        if (links < topology.distance(a, b) || links > topology.nodes()) std::abort();
      }
    }
  } catch (const base::ConfigError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::uint32_t nodes : {2U, 3U, 4U}) read_matrix(text, nodes);
  read_table(text, 2, 2);
  read_table(text, 3, 2);
  return 0;
}
