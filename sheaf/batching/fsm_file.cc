// SPDX-License-Identifier: Apache-2.0
//
// The file of a learned policy.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "sheaf/base/error.h"
#include "sheaf/base/json.h"
#include "sheaf/base/nearest.h"
#include "sheaf/batching/fsm_table.h"

namespace sheaf::batching {
namespace {

constexpr const char* kFormat = "sheaf-fsm-2";

[[noreturn]] void refuse(const std::string& place, const std::string& what, std::string got,
                         std::string expected, std::string hint = {}) {
  throw base::ConfigError({place, what, std::move(got), std::move(expected), std::move(hint)});
}

class Reader {
 public:
  Reader(const nlohmann::json& json, std::string place) : json_(json), place_(std::move(place)) {}

  FsmTable read() {
    static const std::array<std::string, 6> kKeys = {"format", "model",   "encoding",
                                                     "types",  "history", "states"};
    if (json_.is_object() && json_.contains("format") && json_["format"] != kFormat) {
      refuse(place_, "format", json_["format"].dump(), kFormat, "learn the policy again");
    }
    base::require_keys(json_, place_, "policy", kKeys);
    table_.model = json_["model"].get<std::string>();
    const auto encoding = json_["encoding"].get<std::string>();
    const auto known = find_encoding(encoding);
    if (!known) {
      refuse(place_, "unknown state encoding", "'" + encoding + "'", "",
             base::suggest(encoding, encoding_names()));
    }
    table_.encoding = *known;
    table_.type_names = json_["types"].get<std::vector<std::string>>();
    if (table_.type_names.size() >= kPhaseSymbol) {
      refuse(place_, "batch types", std::to_string(table_.type_names.size()),
             "below " + std::to_string(kPhaseSymbol));
    }
    each("history", [this](const auto& entry, const auto& here) { read_history(entry, here); });
    each("states", [this](const auto& entry, const auto& here) { read_state(entry, here); });
    return std::move(table_);
  }

 private:
  template <typename Read>
  void each(const char* key, Read read) const {
    const nlohmann::json& list = json_[key];
    if (!list.is_array()) refuse(place_, key, list.type_name(), "a list");
    for (std::size_t i = 0; i < list.size(); ++i) {
      read(list[i], place_ + ": " + key + "[" + std::to_string(i) + "]");
    }
  }

  void read_history(const nlohmann::json& entry, const std::string& here) {
    static const std::array<std::string, 7> kKeys = {"data",    "instances",   "nodes",  "trials",
                                                     "batches", "lower_bound", "teacher"};
    base::require_keys(entry, here, "policy", kKeys);
    const auto count = [&](const char* key) {
      if (!entry[key].is_number_unsigned() || entry[key].template get<std::uint64_t>() > ~0U) {
        refuse(here, key, entry[key].dump(), "a count");
      }
      return entry[key].template get<std::uint32_t>();
    };
    table_.history.push_back({.data = entry["data"].get<std::string>(),
                              .instances = count("instances"),
                              .nodes = count("nodes"),
                              .trials = count("trials"),
                              .batches = count("batches"),
                              .lower_bound = count("lower_bound"),
                              .teacher = entry["teacher"].get<std::string>()});
  }

  void read_state(const nlohmann::json& state, const std::string& here) {
    static const std::array<std::string, 4> kKeys = {"ready", "run", "value", "q"};
    static const std::array<std::string, 5> kPhaseKeys = {"ready", "phase", "run", "value", "q"};
    const bool phase = table_.encoding == StateEncoding::phase;
    base::require_keys(state, here, "policy",
                       phase ? std::span<const std::string>(kPhaseKeys) : kKeys);
    StateKey key;
    if (!state["ready"].is_array()) refuse(here, "ready", state["ready"].type_name(), "a list");
    for (const auto& type : state["ready"]) {
      key.push_back(type_id(type.template get<std::string>(), here));
    }
    if (phase) {
      const nlohmann::json& eighths = state["phase"];
      if (!eighths.is_number_unsigned() || eighths.get<std::uint64_t>() >= kPhases) {
        refuse(here, "phase", eighths.dump(), "0 to " + std::to_string(kPhases - 1));
      }
      key.push_back(static_cast<char16_t>(kPhaseSymbol + eighths.get<std::uint32_t>()));
    }
    FsmState value{ready_type(state["run"].get<std::string>(), key, here),
                   number(state["value"], "value", here)};
    if (!state["q"].is_object()) refuse(here, "q", state["q"].type_name(), "an object");
    for (const auto& [name, q] : state["q"].items()) {
      value.tried.push_back({ready_type(name, key, here), number(q, "q of " + name, here)});
    }
    std::sort(value.tried.begin(), value.tried.end(),
              [](const ActionValue& a, const ActionValue& b) { return a.type < b.type; });
    table_.states[key] = std::move(value);
  }

  [[nodiscard]] graph::TypeId type_id(const std::string& name, const std::string& here) const {
    const auto& names = table_.type_names;
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) {
      refuse(here, "unknown batch type", "'" + name + "'", "", base::suggest(name, names));
    }
    return static_cast<graph::TypeId>(it - names.begin());
  }

  [[nodiscard]] graph::TypeId ready_type(const std::string& name, const StateKey& key,
                                         const std::string& here) const {
    const graph::TypeId type = type_id(name, here);
    if (key.find(type) == StateKey::npos) {
      refuse(here, "type to run", "'" + name + "'", "one of the ready types");
    }
    return type;
  }

  static float number(const nlohmann::json& json, const std::string& what,
                      const std::string& here) {
    const float value = json.is_number() ? json.get<float>() : NAN;
    if (!std::isfinite(value)) refuse(here, what, json.dump(), "a finite float32");
    return value;
  }

  const nlohmann::json& json_;
  std::string place_;
  FsmTable table_;
};

nlohmann::ordered_json state_json(const FsmTable& table, const StateKey& key,
                                  const FsmState& state) {
  nlohmann::ordered_json entry;
  entry["ready"] = nlohmann::ordered_json::array();
  for (const char16_t symbol : key) {
    if (symbol >= kPhaseSymbol) {
      entry["phase"] = symbol - kPhaseSymbol;
    } else {
      entry["ready"].push_back(table.type_names[symbol]);
    }
  }
  entry["run"] = table.type_names[state.action];
  entry["value"] = state.value;
  entry["q"] = nlohmann::ordered_json::object();
  for (const ActionValue& q : state.tried) entry["q"][table.type_names[q.type]] = q.value;
  return entry;
}

}  // namespace

std::string to_json(const FsmTable& table) {
  nlohmann::ordered_json json;
  json["format"] = kFormat;
  json["model"] = table.model;
  json["encoding"] = name(table.encoding);
  json["types"] = table.type_names;
  json["history"] = nlohmann::ordered_json::array();
  for (const LearnedFrom& from : table.history) {
    json["history"].push_back({{"data", from.data},
                               {"instances", from.instances},
                               {"nodes", from.nodes},
                               {"trials", from.trials},
                               {"batches", from.batches},
                               {"lower_bound", from.lower_bound},
                               {"teacher", from.teacher}});
  }
  json["states"] = nlohmann::ordered_json::array();
  const std::map<StateKey, FsmState> sorted(table.states.begin(), table.states.end());
  for (const auto& [key, state] : sorted) json["states"].push_back(state_json(table, key, state));
  return json.dump(1) + "\n";
}

FsmTable parse_fsm_table(std::string_view text, const std::string& place) {
  try {
    const auto [json, problem] = base::parse_json(text);
    if (!problem.empty())
      refuse(place, "not a policy file", problem, "JSON written by sheaf learn");
    return Reader(json, place).read();
  } catch (const nlohmann::json::exception& e) {
    refuse(place, "not a policy file", base::words_of(e), "JSON written by sheaf learn");
  }
}

void require_model(const FsmTable& table, const std::string& place, const std::string& model,
                   std::span<const std::string> type_names) {
  if (!table.model.empty() && table.model != model) {
    refuse(place, "a policy of model", "'" + table.model + "'", "'" + model + "'",
           "learn one for this model");
  }
  if (std::equal(table.type_names.begin(), table.type_names.end(), type_names.begin(),
                 type_names.end())) {
    return;
  }
  refuse(place, "batch types", nlohmann::json(table.type_names).dump(),
         nlohmann::json(std::vector<std::string>(type_names.begin(), type_names.end())).dump(),
         "the policy was learned for another model");
}

}  // namespace sheaf::batching
