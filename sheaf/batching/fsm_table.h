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
  // As `sort`, and how many eighths of the nodes have run. Where two phases of a graph need
  // different choices in one state, the other encodings fail (ED-Batch, appendix A.4, figure 10);
  // the paper proposes progress as a remedy, the eighths are ours.
  phase,
};

// Throws UsageError for an unknown name, suggesting the nearest.
[[nodiscard]] StateEncoding parse_encoding(std::string_view name);
[[nodiscard]] std::string_view name(StateEncoding encoding);
// None for an unknown name.
[[nodiscard]] std::optional<StateEncoding> find_encoding(std::string_view name);
// base, max, sort, phase.
[[nodiscard]] std::span<const std::string> encoding_names();

// A state: type ids in the order that the encoding prescribes; with `phase`, kPhaseSymbol + eighths
// at the end.
using StateKey = std::u16string;
inline constexpr char16_t kPhaseSymbol = 0xF000;
inline constexpr std::uint32_t kPhases = 8;

// Writes the state of `frontier` to `key`.
void encode_state(StateEncoding encoding, const Frontier& frontier, StateKey& key);

struct ActionValue {
  graph::TypeId type;
  float value;  // Q(state, type)

  friend bool operator==(const ActionValue&, const ActionValue&) = default;
};

struct FsmState {
  graph::TypeId action;                 // the type to run next
  float value;                          // its Q value
  std::vector<ActionValue> tried = {};  // Q values of the actions that were tried, by type
};

// A minibatch that a table was learned from.
struct LearnedFrom {
  std::string data;  // where the instances came from, in words
  std::uint32_t instances = 0;
  std::uint32_t nodes = 0;
  std::uint32_t trials = 0;
  std::uint32_t batches = 0;      // of the table on this minibatch
  std::uint32_t lower_bound = 0;  // of the same
  std::string teacher;            // whose choices the table holds; empty: Q-learning's own

  friend bool operator==(const LearnedFrom&, const LearnedFrom&) = default;
};

// A learned batching policy: which type to run in which state.
struct FsmTable {
  StateEncoding encoding = StateEncoding::sort;
  std::string model = {};               // that it was learned on; may be empty
  std::vector<std::string> type_names;  // of the network that it was learned on; index = TypeId
  std::unordered_map<StateKey, FsmState> states;
  std::vector<LearnedFrom> history = {};  // oldest first

  [[nodiscard]] std::optional<graph::TypeId> action(const StateKey& key) const {
    const auto it = states.find(key);
    if (it == states.end()) return std::nullopt;
    return it->second.action;
  }
};

// JSON text of a table; states in a fixed order.
[[nodiscard]] std::string to_json(const FsmTable& table);

// Reads a table. `place` names the file in messages. Throws ConfigError on bad JSON, another
// version, missing or unknown keys, values that are no finite numbers.
[[nodiscard]] FsmTable parse_fsm_table(std::string_view json, const std::string& place);

// Throws ConfigError when `table` was learned for another model or for other batch types.
void require_model(const FsmTable& table, const std::string& place, const std::string& model,
                   std::span<const std::string> type_names);

}  // namespace sheaf::batching
