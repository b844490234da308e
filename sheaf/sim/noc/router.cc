// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/router.h"

#include "sheaf/base/error.h"
#include "sheaf/sim/noc/arbiter.h"

namespace sheaf::sim::noc {
namespace {

constexpr std::uint64_t bit(std::uint32_t vc) { return std::uint64_t{1} << vc; }
constexpr std::uint8_t port_bit(std::uint32_t port) {
  return static_cast<std::uint8_t>(1U << port);
}

}  // namespace

Router::Router(const target::MeshRouter& router, Node node, const Routes& routes)
    : routes_(routes),
      node_(node),
      vcs_(router.vcs),
      depth_(router.buffer_flits),
      look_ahead_(router.look_ahead),
      inputs_(kPorts * vcs_),
      outputs_(kPorts * vcs_, OutputVc{.credits = static_cast<std::uint16_t>(depth_)}),
      buffer_(std::size_t{kPorts} * vcs_ * depth_),
      vc_offers_(kPorts * vcs_) {}

void Router::tick(const Inbox& received, std::span<const Packet> packets, Outbox& sent) {
  receive(received, packets);
  allocate_vcs();
  allocate_switch();
  commit_routes(packets);
  commit_vcs();
  commit_switch(packets, sent);
}

Flit& Router::flit(std::uint32_t input, std::uint32_t vc, std::uint32_t place) {
  std::uint32_t slot = inputs_[input * vcs_ + vc].front + place;
  if (slot >= depth_) slot -= depth_;
  return buffer_[std::size_t{input * vcs_ + vc} * depth_ + slot];
}

void Router::receive(const Inbox& received, std::span<const Packet> packets) {
  for_each_bit(received.flit_ports, [&](std::uint32_t input) {
    const Flit& arrived = received.flits[input];
    InputVc& vc = at(input, arrived.vc);
    base::check(vc.count < depth_, "sim/noc/router", "a flit without a credit");
    flit(input, arrived.vc, vc.count) = arrived;
    ++vc.count;
    ++buffered_;
    if (vc.state == State::kIdle) {
      begin_packet(input, arrived.vc, packets);
    } else if (vc.state == State::kActive) {
      set_sending(input, arrived.vc);
    }
  });
  for_each_bit(received.credit_ports, [&](std::uint32_t output) {
    ++outputs_[output * vcs_ + received.credit_vcs[output]].credits;
  });
}

void Router::set_sending(std::uint32_t input, std::uint32_t vc) {
  sending_[input] |= bit(vc);
  sending_inputs_ |= port_bit(input);
}

// The packet at the front of the buffer begins with RC, or with VA where its route is known.
void Router::begin_packet(std::uint32_t input, std::uint32_t vc, std::span<const Packet> packets) {
  if (look_ahead_) {
    compute_route(input, vc, packets);
  } else {
    at(input, vc).state = State::kRouting;
    routing_[input] |= bit(vc);
    routing_inputs_ |= port_bit(input);
  }
}

void Router::compute_route(std::uint32_t input, std::uint32_t vc, std::span<const Packet> packets) {
  at(input, vc).branches = routes_.ports(node_, packets[flit(input, vc, 0).packet]);
  wait_for_vc(input, vc);
}

void Router::wait_for_vc(std::uint32_t input, std::uint32_t vc) {
  InputVc& state = at(input, vc);
  state.output = static_cast<std::uint8_t>(lowest_bit(state.branches));
  state.state = State::kWaiting;
  waiting_[state.output][input] |= bit(vc);
  waiting_inputs_[state.output] |= port_bit(input);
}

// The next one of all virtual channels of all ports.
Router::VcId Router::after(VcId id) const noexcept {
  if (id.vc + 1U < vcs_) return {id.port, static_cast<std::uint8_t>(id.vc + 1)};
  return {static_cast<std::uint8_t>(id.port + 1U < kPorts ? id.port + 1 : 0), 0};
}

// The first input VC that waits for the output, in turn from `from`.
Router::VcId Router::first_waiting(std::uint32_t output, VcId from) const {
  const auto& waiting = waiting_[output];
  const auto first_of = [&](std::uint32_t input, std::uint64_t mask) {
    return VcId{static_cast<std::uint8_t>(input), static_cast<std::uint8_t>(lowest_bit(mask))};
  };
  const std::uint64_t later = waiting[from.port] & bits_from(from.vc);
  if (later != 0) return first_of(from.port, later);
  const std::uint32_t input = round_robin(waiting_inputs_[output], from.port + 1U);
  return first_of(input, waiting[input]);
}

void Router::allocate_vcs() {
  vc_matches_.clear();
  for (std::uint32_t output = 0; output < kPorts; ++output) {
    if (waiting_inputs_[output] != 0) allocate_vcs_of(output);
  }
}

// iSLIP falls apart into outputs, since an input VC waits for virtual channels of one output only.
void Router::allocate_vcs_of(std::uint32_t output) {
  const std::uint64_t free = ~held_[output] & ~bits_from(vcs_);
  if (free == 0) return;
  const VcId first = first_waiting(output, {});
  if (first_waiting(output, after(first)) == first) {  // nobody else waits
    match_vc(output, first, free);
    return;
  }
  vc_winners_.clear();
  for_each_bit(free, [&](std::uint32_t vc) {  // grant
    const VcId winner = first_waiting(output, outputs_[output * vcs_ + vc].grant);
    std::uint64_t& offers = vc_offers_[winner.port * vcs_ + winner.vc];
    if (offers == 0) vc_winners_.push_back(winner);
    offers |= bit(vc);
  });
  for (const VcId winner : vc_winners_) {
    std::uint64_t& offers = vc_offers_[winner.port * vcs_ + winner.vc];
    match_vc(output, winner, offers);
    offers = 0;
  }
}

// Accepts one of the output's virtual channels, in turn, and moves the pointers past the pair.
void Router::match_vc(std::uint32_t output, VcId input, std::uint64_t offered) {
  VcId& pointer = inputs_[input.port * vcs_ + input.vc].accept;
  const auto vc =
      static_cast<std::uint8_t>(round_robin(offered, pointer.port == output ? pointer.vc : 0));
  pointer = after({static_cast<std::uint8_t>(output), vc});
  outputs_[output * vcs_ + vc].grant = after(input);
  vc_matches_.push_back({.input = input, .output_vc = vc});
}

// Each input asks for each output on behalf of one VC with a flit and a credit for it.
void Router::request_switch(std::uint32_t input) {
  std::uint32_t asked = 0;
  const auto request = [&](std::uint32_t vc) {
    const InputVc& state = at(input, vc);
    if ((asked >> state.output & 1U) != 0) return;
    if (outputs_[state.output * vcs_ + state.output_vc].credits == 0) return;
    asked |= 1U << state.output;
    switch_requests_[state.output] |= port_bit(input);
    switch_vcs_[input][state.output] = static_cast<std::uint8_t>(vc);
  };
  const std::uint64_t later = bits_from(switch_first_[input]);
  for_each_bit(sending_[input] & later, request);
  for_each_bit(sending_[input] & ~later, request);
}

void Router::allocate_switch() {
  switch_match_count_ = 0;
  if (sending_inputs_ == 0) return;
  switch_requests_.fill(0);
  for_each_bit(sending_inputs_, [&](std::uint32_t input) { request_switch(input); });
  std::array<std::uint8_t, kPorts> granted{};  // [input]: bit per output
  for (std::uint32_t output = 0; output < kPorts; ++output) {
    if (switch_requests_[output] == 0) continue;
    granted[round_robin(switch_requests_[output], switch_grant_[output])] |= port_bit(output);
  }
  for_each_bit(sending_inputs_, [&](std::uint32_t input) {
    if (granted[input] == 0) return;
    const std::uint32_t output = round_robin(granted[input], switch_accept_[input]);
    const std::uint8_t vc = switch_vcs_[input][output];
    switch_matches_[switch_match_count_++] = {static_cast<std::uint8_t>(input), vc};
    switch_grant_[output] = static_cast<std::uint8_t>(input + 1 < kPorts ? input + 1 : 0);
    switch_accept_[input] = static_cast<std::uint8_t>(output + 1 < kPorts ? output + 1 : 0);
    switch_first_[input] = static_cast<std::uint8_t>(vc + 1U < vcs_ ? vc + 1 : 0);
  });
}

void Router::commit_routes(std::span<const Packet> packets) {
  for_each_bit(routing_inputs_, [&](std::uint32_t input) {
    for_each_bit(routing_[input], [&](std::uint32_t vc) { compute_route(input, vc, packets); });
    routing_[input] = 0;
  });
  routing_inputs_ = 0;
}

void Router::commit_vcs() {
  for (const VcMatch& match : vc_matches_) {
    InputVc& state = at(match.input.port, match.input.vc);
    state.output_vc = match.output_vc;
    state.state = State::kActive;
    std::uint64_t& waiting = waiting_[state.output][match.input.port];
    waiting &= ~bit(match.input.vc);
    if (waiting == 0)
      waiting_inputs_[state.output] &= static_cast<std::uint8_t>(~port_bit(match.input.port));
    held_[state.output] |= bit(match.output_vc);
    set_sending(match.input.port, match.input.vc);
  }
}

void Router::commit_switch(std::span<const Packet> packets, Outbox& sent) {
  for (std::uint32_t i = 0; i < switch_match_count_; ++i) send(switch_matches_[i], packets, sent);
}

void Router::send(const SwitchMatch& match, std::span<const Packet> packets, Outbox& sent) {
  InputVc& state = at(match.input, match.vc);
  Flit moving = flit(match.input, match.vc, state.kept);
  moving.vc = state.output_vc;
  sent.flits[state.output] = moving;
  sent.flit_ports |= port_bit(state.output);
  --outputs_[state.output * vcs_ + state.output_vc].credits;
  const bool last_branch = (state.branches & (state.branches - 1)) == 0;
  if (last_branch) {
    state.front = static_cast<std::uint16_t>(state.front + 1U < depth_ ? state.front + 1 : 0);
    --state.count;
    --buffered_;
    sent.credit_vcs[match.input] = match.vc;
    sent.credit_ports |= port_bit(match.input);
  } else {
    ++state.kept;
  }
  if (state.count == state.kept || moving.tail) {
    sending_[match.input] &= ~bit(match.vc);
    if (sending_[match.input] == 0)
      sending_inputs_ &= static_cast<std::uint8_t>(~port_bit(match.input));
  }
  if (moving.tail) finish_branch(match, packets);
}

// The tail is through: the virtual channel of the output is free, and that of the input goes on
// with the next branch of the packet, or the next packet.
void Router::finish_branch(const SwitchMatch& match, std::span<const Packet> packets) {
  InputVc& state = at(match.input, match.vc);
  held_[state.output] &= ~bit(state.output_vc);
  state.kept = 0;
  state.branches = static_cast<std::uint8_t>(state.branches & (state.branches - 1));
  if (state.branches != 0) {
    wait_for_vc(match.input, match.vc);
  } else if (state.count > 0) {
    begin_packet(match.input, match.vc, packets);
  } else {
    state.state = State::kIdle;
  }
}

}  // namespace sheaf::sim::noc
