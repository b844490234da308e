// SPDX-License-Identifier: Apache-2.0
//
// Traffic of a mapping: who sends how much to whom, once. Volumes are defined here and nowhere
// else: an activation of q bits that C tiles need is q bits to each of these C tiles (unicast), or
// q bits once along the tree of their paths (multicast).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/sim/noc/energy.h"

namespace sheaf::sim::noc {

struct Transfer {
  Node source = 0;
  std::vector<Node> destinations;  // each once; the source itself is allowed
  std::uint64_t bits = 0;          // that each destination gets
};

struct PacketFormat {
  std::uint32_t flits = 4;         // of a full packet, the header included
  std::uint32_t header_flits = 1;  // less than flits; 0 for packets of one flit
};

// Flits of a message: its payload, and a header per packet. Throws UsageError when the format
// leaves no room for a payload.
[[nodiscard]] std::uint64_t flits_of(std::uint64_t bits, std::uint32_t flit_bits,
                                     const PacketFormat& format);

// A layer whose weight matrix is cut into blocks, a tile each: block (r, c) holds the inputs of row
// block r and the outputs of column block c.
struct BlockedLayer {
  std::vector<Node> sources;  // tile that holds row block r's inputs
  std::vector<Node> tiles;    // [r * columns + c]
  std::uint64_t inputs_per_row_block = 0;
  std::uint64_t outputs_per_column_block = 0;
  std::uint32_t activation_bits = 8;
  std::uint32_t partial_sum_bits = 16;
};

// What the layer sends: the inputs of each row block to the tiles of its row, and, where there are
// several row blocks, the partial sums of each column to the tile of its first row block, which
// adds them. Throws UsageError when the numbers of tiles do not fit.
[[nodiscard]] std::vector<Transfer> transfers_of(const BlockedLayer& layer);

struct Burst {
  std::uint64_t cycles = 0;  // until the last flit has arrived, all sent as early as possible
  // No network is faster: the busiest link, source or sink at a flit per cycle, and the latency of
  // the longest path.
  std::uint64_t least_cycles = 0;
  std::uint64_t flits = 0;      // injected
  std::uint64_t packets = 0;    // injected
  std::uint64_t flit_hops = 0;  // links crossed
  double bit_hops = 0;          // of the payload: sum of bits times links
  Events events;
  NocEnergy energy;
};

enum class Delivery : std::uint8_t { kUnicast, kMulticast };

// All transfers begin at once; a source sends its own in their order. Throws UsageError as Network
// does (multicast packets must fit into a buffer), ResourceError after 2^40 cycles.
[[nodiscard]] Burst simulate_burst(const target::Mesh& mesh, const RoutingTable& table,
                                   std::span<const Transfer> transfers, const PacketFormat& format,
                                   Delivery delivery = Delivery::kUnicast);

}  // namespace sheaf::sim::noc
