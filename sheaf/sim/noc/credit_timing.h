// SPDX-License-Identifier: Apache-2.0
//
// What RC, VA and credits alone make of packets, where no other packet is in the way: the times
// that the analytical model starts from.
#pragma once

#include "sheaf/sim/noc/router.h"

namespace sheaf::sim::noc {

struct CreditTiming {
  // Cycles that a source takes to send a packet. It sends one at a time, so this exceeds the flits
  // where they do not fit into the buffer and wait for credits.
  double source_cycles = 0;
  // The same where packet follows packet: in other virtual channels, but by the same input, whose
  // last flits may still be waiting for credits. Run in the cycle-level model.
  double busy_source_cycles = 0;
  // Cycles per packet of packets that follow each other in one virtual channel.
  double channel_cycles = 0;
};

// Of packets of at least 1 flit that go over some `links`. Takes about a millisecond.
[[nodiscard]] CreditTiming credit_timing(const target::MeshRouter& router,
                                         std::uint32_t packet_flits, double links);

}  // namespace sheaf::sim::noc
