// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/transfers.h"

#include <algorithm>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/sim/noc/simulate.h"

namespace sheaf::sim::noc {
namespace {

constexpr std::uint64_t kMostCycles = std::uint64_t{1} << 40U;

struct Sizes {
  std::uint64_t packets = 0;
  std::uint64_t flits = 0;
};

void require_format(const PacketFormat& format) {
  require_packet(format.flits);
  if (format.header_flits < format.flits) return;
  throw base::UsageError({.place = "packet format",
                          .what = "no room for a payload",
                          .got = std::to_string(format.header_flits) + " of " +
                                 std::to_string(format.flits) + " flits are header",
                          .expected = "fewer"});
}

Sizes sizes_of(std::uint64_t bits, std::uint32_t flit_bits, const PacketFormat& format) {
  const std::uint64_t payload = (bits + flit_bits - 1) / flit_bits;
  const std::uint64_t room = format.flits - format.header_flits;
  const std::uint64_t packets = (payload + room - 1) / room;
  return {packets, payload + packets * format.header_flits};
}

class BurstRun {
 public:
  BurstRun(const target::Mesh& mesh, const RoutingTable& table, const PacketFormat& format)
      : mesh_(mesh),
        table_(table),
        format_(format),
        network_(mesh, table),
        port_flits_(std::size_t{table.topology().nodes()} * kPorts),
        source_flits_(table.topology().nodes()) {}

  void add(const Transfer& transfer, Delivery delivery) {
    if (delivery == Delivery::kMulticast && transfer.destinations.size() > 1) {
      add_tree(transfer.source, network_.add_tree(transfer.source, transfer.destinations),
               MulticastTree(table_, transfer.source, transfer.destinations), transfer);
      return;
    }
    for (const Node destination : transfer.destinations) {
      const Sizes sizes =
          enqueue(transfer, {.source = transfer.source, .destination = destination});
      const std::uint32_t links = table_.links(transfer.source, destination);
      result_.bit_hops += static_cast<double>(transfer.bits) * links;
      if (sizes.flits == 0) continue;
      Node at = transfer.source;
      while (true) {
        const Port port = table_.port(at, destination);
        port_flits_[at * kPorts + port] += sizes.flits;
        if (port == kLocal) break;
        at = *table_.topology().neighbour(at, port);
      }
      longest_ = std::max(longest_, links);
    }
  }

  [[nodiscard]] Burst run() {
    while (network_.under_way() > 0) {
      if (network_.cycle() >= kMostCycles) {
        throw base::ResourceError({.place = "sim/noc/transfers",
                                   .what = "a burst that does not end",
                                   .got = std::to_string(network_.under_way()) + " packets after " +
                                          std::to_string(kMostCycles) + " cycles",
                                   .expected = "none"});
      }
      network_.tick();
    }
    result_.cycles = network_.cycle();
    result_.events = network_.events();
    result_.flits = result_.events.injected_flits;
    result_.flit_hops = result_.events.link_traversals;
    result_.energy = energy_of(mesh_, result_.events, result_.cycles);
    const std::uint64_t busiest =
        std::max(*std::max_element(port_flits_.begin(), port_flits_.end()),
                 *std::max_element(source_flits_.begin(), source_flits_.end()));
    const auto path = static_cast<std::uint64_t>(zero_load_latency(mesh_.router, longest_, 1));
    const auto nearest = static_cast<std::uint64_t>(zero_load_latency(mesh_.router, 0, 1));
    // The last flit over the busiest port still has to pass a router; the first one of the longest
    // path all of its own.
    if (busiest > 0) result_.least_cycles = std::max(busiest - 1 + nearest, path) + 1;
    return result_;
  }

 private:
  void add_tree(Node source, std::uint32_t index, const MulticastTree& tree,
                const Transfer& transfer) {
    const Sizes sizes = enqueue(transfer, {.source = source, .tree = index});
    result_.bit_hops += static_cast<double>(transfer.bits) * tree.links();
    for (Node node = 0; node < table_.topology().nodes(); ++node) {
      for (std::uint32_t port = 0; port < kPorts; ++port) {
        if ((tree.ports(node) >> port & 1U) != 0) port_flits_[node * kPorts + port] += sizes.flits;
      }
    }
    if (sizes.flits == 0) return;
    for (const Node destination : transfer.destinations) {
      longest_ = std::max(longest_, table_.links(source, destination));
    }
  }

  Sizes enqueue(const Transfer& transfer, Packet packet) {
    const Sizes sizes = sizes_of(transfer.bits, mesh_.flit_bits, format_);
    std::uint64_t left = sizes.flits;
    while (left > 0) {
      packet.flits = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, format_.flits));
      network_.enqueue(packet);
      left -= packet.flits;
    }
    result_.packets += sizes.packets;
    source_flits_[transfer.source] += sizes.flits;
    return sizes;
  }

  const target::Mesh& mesh_;
  const RoutingTable& table_;
  const PacketFormat& format_;
  Network network_;
  std::vector<std::uint64_t> port_flits_;
  std::vector<std::uint64_t> source_flits_;
  std::uint32_t longest_ = 0;
  Burst result_;
};

}  // namespace

std::uint64_t flits_of(std::uint64_t bits, std::uint32_t flit_bits, const PacketFormat& format) {
  require_format(format);
  return sizes_of(bits, flit_bits, format).flits;
}

std::vector<Transfer> transfers_of(const BlockedLayer& layer) {
  const std::size_t rows = layer.sources.size();
  if (rows == 0 || layer.tiles.empty() || layer.tiles.size() % rows != 0) {
    throw base::UsageError({.place = "sim/noc/transfers",
                            .what = "tiles of a layer",
                            .got = std::to_string(layer.tiles.size()) + " tiles for " +
                                   std::to_string(rows) + " row blocks",
                            .expected = "as many for each row block"});
  }
  const std::size_t columns = layer.tiles.size() / rows;
  std::vector<Transfer> transfers;
  for (std::size_t r = 0; r < rows; ++r) {
    const auto row = layer.tiles.begin() + static_cast<std::ptrdiff_t>(r * columns);
    transfers.push_back({.source = layer.sources[r],
                         .destinations = {row, row + static_cast<std::ptrdiff_t>(columns)},
                         .bits = layer.inputs_per_row_block * layer.activation_bits});
  }
  for (std::size_t r = 1; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      transfers.push_back({.source = layer.tiles[r * columns + c],
                           .destinations = {layer.tiles[c]},
                           .bits = layer.outputs_per_column_block * layer.partial_sum_bits});
    }
  }
  return transfers;
}

Burst simulate_burst(const target::Mesh& mesh, const RoutingTable& table,
                     std::span<const Transfer> transfers, const PacketFormat& format,
                     Delivery delivery) {
  require_format(format);
  BurstRun run(mesh, table, format);
  for (const Transfer& transfer : transfers) run.add(transfer, delivery);
  return run.run();
}

}  // namespace sheaf::sim::noc
