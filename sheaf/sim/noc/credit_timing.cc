// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/credit_timing.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sheaf/sim/noc/network.h"

namespace sheaf::sim::noc {
namespace {

constexpr std::uint32_t kMostStages = 7;      // what is further away makes no difference
constexpr std::uint32_t kLongestPacket = 64;  // that is followed flit by flit
constexpr std::uint32_t kSettled = 20;        // packets before a row of routers runs steadily

// The cycles in which the flits of a virtual channel win the switches of routers in a row, or leave
// a source and win those of the routers behind it.
class Train {
 public:
  Train(const target::MeshRouter& router, std::uint32_t packet_flits, std::uint32_t packets,
        std::uint32_t stages, bool from_source)
      : depth_(router.buffer_flits),
        packet_flits_(packet_flits),
        to_allocate_(router.look_ahead ? 1 : 2),
        from_source_(from_source),
        wins_(stages) {
    for (std::uint32_t flit = 0; flit < packets * packet_flits; ++flit) {
      for (std::uint32_t stage = 0; stage < wins_.size(); ++stage) {
        wins_[stage].push_back(earliest(stage, flit));
      }
    }
  }
  [[nodiscard]] const std::vector<std::uint64_t>& wins(std::uint32_t stage) const {
    return wins_[stage];
  }

 private:
  [[nodiscard]] bool is_source(std::uint32_t stage) const { return stage == 0 && from_source_; }

  [[nodiscard]] std::uint64_t earliest(std::uint32_t stage, std::uint32_t flit) const {
    const bool head = flit % packet_flits_ == 0 && !is_source(stage);
    const std::uint64_t preparation = head ? to_allocate_ : 0;  // RC and VA
    std::uint64_t cycle = 0;
    if (stage > 0) {
      const std::uint64_t way = is_source(stage - 1) ? kInjectToNext : kSwitchToNext;
      cycle = wins_[stage - 1][flit] + way + preparation;
    }
    if (flit > 0) cycle = std::max(cycle, wins_[stage][flit - 1] + 1 + preparation);
    if (flit >= depth_) cycle = std::max(cycle, credit(stage, flit - depth_));
    return cycle;
  }

  // When the place of `flit` in the buffer behind is free again.
  [[nodiscard]] std::uint64_t credit(std::uint32_t stage, std::uint32_t flit) const {
    if (stage + 1 == wins_.size()) return wins_[stage][flit] + kCreditLoop;  // a sink
    return wins_[stage + 1][flit] + (is_source(stage) ? kCreditToSource : kCreditToRouter);
  }

  std::uint32_t depth_;
  std::uint32_t packet_flits_;
  std::uint64_t to_allocate_;
  bool from_source_;
  std::vector<std::vector<std::uint64_t>> wins_;  // [stage][flit]
};

// From one end of a row of routers to the other, as many packets as it takes.
double busy_source_cycles(const target::MeshRouter& router, std::uint32_t flits) {
  constexpr Node kLast = 3;
  constexpr std::uint32_t kMeasured = 64;
  target::Mesh mesh{.columns = kLast + 1, .rows = 1, .router = router};
  mesh.router.buffer_flits = std::min(router.buffer_flits, 2 * kLongestPacket);
  Network network(mesh, RoutingTable::xy(Topology(mesh.columns, mesh.rows)));
  for (std::uint32_t i = 0; i < kSettled + kMeasured; ++i) {
    network.enqueue({.source = 0, .destination = kLast, .flits = flits});
  }
  std::uint64_t begin = 0;
  while (network.under_way() > 0) {
    if (network.under_way() > kMeasured) begin = network.cycle() + 1;
    network.tick();
  }
  return static_cast<double>(network.cycle() - begin) / kMeasured;
}

double channel_cycles(const target::MeshRouter& router, std::uint32_t flits, std::uint32_t stages) {
  // Whole rounds of a buffer, as far as its length matters: beyond the credit loop of a head, RC
  // and VA included, it holds nobody up.
  const std::uint32_t measured = 2 * std::min<std::uint32_t>(router.buffer_flits, kCreditLoop + 2);
  const Train train(router, flits, kSettled + measured, stages, false);
  const std::vector<std::uint64_t>& wins = train.wins(0);
  const std::size_t last = wins.size() - flits;
  return static_cast<double>(wins[last] - wins[last - std::size_t{measured} * flits]) / measured;
}

}  // namespace

CreditTiming credit_timing(const target::MeshRouter& router, std::uint32_t packet_flits,
                           double links) {
  const std::uint32_t flits = std::min(packet_flits, kLongestPacket);
  const auto routers = static_cast<std::uint32_t>(std::clamp(std::round(links), 1.0, 6.0)) + 1;
  const Train lone(router, flits, 1, kMostStages, true);
  CreditTiming timing{.source_cycles = static_cast<double>(lone.wins(0).back() + 1),
                      .busy_source_cycles = busy_source_cycles(router, flits),
                      .channel_cycles = channel_cycles(router, flits, routers)};
  const double rest =
      (packet_flits - flits) * std::max(1.0, double{kCreditLoop} / router.buffer_flits);
  timing.source_cycles += rest;
  timing.busy_source_cycles += rest;
  timing.channel_cycles += rest;
  return timing;
}

}  // namespace sheaf::sim::noc
