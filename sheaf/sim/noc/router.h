// SPDX-License-Identifier: Apache-2.0
//
// An input-queued wormhole router with virtual channels, as BookSim 2 models it (Jiang et al., "A
// detailed and flexible cycle-accurate network-on-chip simulator", ISPASS 2013; Dally and Towles,
// "Principles and practices of interconnection networks", 2004, chapters 16 to 19). The head flit
// of a packet passes through
//
//   RC  route computation     the output port                     1 cycle (none with look-ahead)
//   VA  VC allocation         a virtual channel of the next hop   1 cycle per attempt
//   SA  switch allocation     a passage through the crossbar      1 cycle per attempt
//   ST  switch traversal                                          1 cycle
//   LT  link traversal                                            1 cycle
//
// and the other flits through SA, ST and LT. ST and LT cannot be held up, so a flit that wins the
// switch in cycle t is received in cycle t + kSwitchToNext. Every virtual channel of an input
// serves one packet at a time: the next one in its buffer begins RC in the cycle after the tail has
// won the switch. A virtual channel of an output may be allocated again as soon as that tail has
// won the switch; a flit also needs a credit, a free place in the buffer behind.
//
// Both allocators are iSLIP with one iteration (McKeown, "The iSLIP scheduling algorithm for
// input-queued switches", IEEE/ACM Trans. Networking 7(2), 1999): outputs grant in turn, inputs
// accept in turn, and a pointer moves past a pair only when that is accepted.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/sim/noc/packet.h"

namespace sheaf::sim::noc {

inline constexpr std::uint64_t kSwitchToNext = 3;    // SA to reception: ST, link, reception
inline constexpr std::uint64_t kInjectToNext = 2;    // source to reception: link, reception
inline constexpr std::uint64_t kCreditToRouter = 3;  // link, reception, one cycle of processing
inline constexpr std::uint64_t kCreditToSource = 2;  // link, reception
// From the win of a flit in the switch to that of the flit that gets its credit, where neither
// waits: it is on its way, wins the next switch at once, and the credit returns.
inline constexpr std::uint64_t kCreditLoop = kSwitchToNext + kCreditToRouter;

// What reaches a router in a cycle: at most one flit per input, one credit per output.
struct Inbox {
  std::array<Flit, kPorts> flits;
  std::array<std::uint8_t, kPorts> credit_vcs{};
  std::uint8_t flit_ports = 0;    // bit p: flits[p] is there
  std::uint8_t credit_ports = 0;  // bit p: credit_vcs[p] is there
};

// What leaves a router in a cycle: flits by output port, credits by input port.
using Outbox = Inbox;

class Router {
 public:
  Router(const target::MeshRouter& router, Node node, const Routes& routes);

  // One cycle. What other routers do in it is not seen before the next one: `received` was sent
  // earlier, and `sent` arrives later.
  void tick(const Inbox& received, std::span<const Packet> packets, Outbox& sent);

  // Flits in the buffers.
  [[nodiscard]] std::uint32_t buffered() const noexcept { return buffered_; }
  // Credits that the router holds for an output's virtual channel.
  [[nodiscard]] std::uint32_t credits(Port output, std::uint32_t vc) const noexcept {
    return outputs_[output * vcs_ + vc].credits;
  }
  // Whether a packet holds it.
  [[nodiscard]] bool held(Port output, std::uint32_t vc) const noexcept {
    return (held_[output] >> vc & 1U) != 0;
  }

 private:
  enum class State : std::uint8_t { kIdle, kRouting, kWaiting, kActive };

  struct VcId {  // a virtual channel of a port
    std::uint8_t port = 0;
    std::uint8_t vc = 0;
    bool operator==(const VcId&) const = default;
  };
  // A virtual channel of an input: a ring of flits, and the packet at its front.
  struct InputVc {
    std::uint16_t front = 0;
    std::uint16_t count = 0;
    // Flits of the front packet that were sent to this branch and stay for the branches that
    // follow; 0 for unicast packets.
    std::uint16_t kept = 0;
    State state = State::kIdle;
    std::uint8_t branches = 0;  // output ports that the packet still has to take
    std::uint8_t output = 0;    // the one that it takes now
    std::uint8_t output_vc = 0;
    VcId accept;  // iSLIP's pointer: the first virtual channel of an output to accept
  };
  struct OutputVc {
    std::uint16_t credits = 0;
    VcId grant;  // iSLIP's pointer: the first virtual channel of an input to grant
  };
  struct VcMatch {
    VcId input;
    std::uint8_t output_vc = 0;
  };
  struct SwitchMatch {
    std::uint8_t input = 0;
    std::uint8_t vc = 0;
  };

  void receive(const Inbox& received, std::span<const Packet> packets);

  // Evaluate: decide on the state that the cycle began with.
  void allocate_vcs();
  void allocate_switch();

  // Commit: what holds from the next cycle.
  void commit_routes(std::span<const Packet> packets);
  void commit_vcs();
  void commit_switch(std::span<const Packet> packets, Outbox& sent);

  void allocate_vcs_of(std::uint32_t output);
  void match_vc(std::uint32_t output, VcId input, std::uint64_t offered);
  [[nodiscard]] VcId first_waiting(std::uint32_t output, VcId from) const;
  [[nodiscard]] VcId after(VcId id) const noexcept;
  void request_switch(std::uint32_t input);

  void set_sending(std::uint32_t input, std::uint32_t vc);
  void begin_packet(std::uint32_t input, std::uint32_t vc, std::span<const Packet> packets);
  void compute_route(std::uint32_t input, std::uint32_t vc, std::span<const Packet> packets);
  void wait_for_vc(std::uint32_t input, std::uint32_t vc);
  void send(const SwitchMatch& match, std::span<const Packet> packets, Outbox& sent);
  void finish_branch(const SwitchMatch& match, std::span<const Packet> packets);

  [[nodiscard]] InputVc& at(std::uint32_t input, std::uint32_t vc) {
    return inputs_[input * vcs_ + vc];
  }
  [[nodiscard]] Flit& flit(std::uint32_t input, std::uint32_t vc, std::uint32_t place);

  const Routes& routes_;
  Node node_;
  std::uint32_t vcs_;
  std::uint32_t depth_;
  bool look_ahead_;
  std::uint32_t buffered_ = 0;

  // Which virtual channels of an input are in which state, a bit each.
  std::array<std::uint64_t, kPorts> routing_{};
  std::array<std::uint64_t, kPorts> sending_{};                      // active, with a flit at hand
  std::array<std::array<std::uint64_t, kPorts>, kPorts> waiting_{};  // [output][input]
  // Which ports have any: bits of inputs, of inputs, and of inputs by output.
  std::uint8_t routing_inputs_ = 0;
  std::uint8_t sending_inputs_ = 0;
  std::array<std::uint8_t, kPorts> waiting_inputs_{};
  std::array<std::uint64_t, kPorts> held_{};  // output's virtual channels that a packet holds

  std::vector<InputVc> inputs_;    // [input][vc]
  std::vector<OutputVc> outputs_;  // [output][vc]
  std::vector<Flit> buffer_;       // [input][vc][depth]

  // What the allocators decide in a cycle, and the pointers of the switch's.
  std::vector<std::uint64_t> vc_offers_;  // [input][vc]: the output's virtual channels granted
  std::vector<VcId> vc_winners_;
  std::vector<VcMatch> vc_matches_;
  std::array<std::uint8_t, kPorts> switch_grant_{};     // [output]: input
  std::array<std::uint8_t, kPorts> switch_accept_{};    // [input]: output
  std::array<std::uint8_t, kPorts> switch_first_{};     // [input]: vc that is looked at first
  std::array<std::uint8_t, kPorts> switch_requests_{};  // [output]: bit per input
  std::array<std::array<std::uint8_t, kPorts>, kPorts> switch_vcs_{};  // [input][output]
  std::array<SwitchMatch, kPorts> switch_matches_{};
  std::uint32_t switch_match_count_ = 0;
};

}  // namespace sheaf::sim::noc
