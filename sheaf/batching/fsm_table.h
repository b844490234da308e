// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sheaf/batching/frontier.h"

namespace sheaf::batching {

// What the machine sees of the frontier (ED-Batch, section 2.2).
enum class StateEncoding : std::uint8_t {
  base,  // the set of ready types
  max,   // the set, and which of them has the most ready nodes
  sort,  // the ready types, ordered by their number of ready nodes
};

// Throws UsageError for an unknown name, suggesting the nearest.
[[nodiscard]] StateEncoding parse_encoding(std::string_view name);
[[nodiscard]] std::string_view name(StateEncoding encoding);

// A state: type ids in the order that the encoding prescribes.
using StateKey = std::u16string;

// Writes the state of `frontier` to `key`.
void encode_state(StateEncoding encoding, const Frontier& frontier, StateKey& key);

struct FsmState {
  graph::TypeId action;  // the type to run next
  float value;           // its Q value
};

// A learned batching policy: which type to run in which state.
struct FsmTable {
  StateEncoding encoding = StateEncoding::sort;
  std::vector<std::string> type_names;  // of the network that it was learned on; index = TypeId
  std::unordered_map<StateKey, FsmState> states;

  [[nodiscard]] std::optional<graph::TypeId> action(const StateKey& key) const {
    const auto it = states.find(key);
    if (it == states.end()) return std::nullopt;
    return it->second.action;
  }
};

// JSON text of a table; states in a fixed order.
[[nodiscard]] std::string to_json(const FsmTable& table);

// Reads a table. `place` names the file in messages. Throws ConfigError on bad JSON, missing or
// unknown keys, or types that are not those of `type_names`.
[[nodiscard]] FsmTable parse_fsm_table(std::string_view json, const std::string& place,
                                       std::span<const std::string> type_names);

}  // namespace sheaf::batching
