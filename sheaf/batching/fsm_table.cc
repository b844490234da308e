// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/fsm_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "sheaf/base/error.h"
#include "sheaf/base/json.h"
#include "sheaf/base/nearest.h"

namespace sheaf::batching {
namespace {

constexpr const char* kFormat = "sheaf-fsm-1";

[[noreturn]] void refuse(const std::string& place, const std::string& what, std::string got,
                         std::string expected, std::string hint = {}) {
  throw base::ConfigError({place, what, std::move(got), std::move(expected), std::move(hint)});
}

graph::TypeId type_id(const std::string& name, const std::string& place,
                      std::span<const std::string> names) {
  const auto it = std::find(names.begin(), names.end(), name);
  if (it == names.end()) {
    refuse(place, "unknown batch type", "'" + name + "'", "", base::suggest(name, names));
  }
  return static_cast<graph::TypeId>(it - names.begin());
}

void require_keys(const nlohmann::json& object, const std::string& place,
                  std::span<const std::string> keys) {
  if (!object.is_object()) refuse(place, "policy", object.type_name(), "an object");
  for (const std::string& key : keys) {
    if (!object.contains(key)) refuse(place, "missing key", "none", "'" + key + "'");
  }
  for (const auto& [key, value] : object.items()) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      refuse(place, "unknown key", "'" + key + "'", "", base::suggest(key, keys));
    }
  }
}

void read_states(const nlohmann::json& states, const std::string& place, FsmTable& table) {
  static const std::array<std::string, 3> kKeys = {"ready", "run", "value"};
  if (!states.is_array()) refuse(place, "states", states.type_name(), "a list");
  for (std::size_t i = 0; i < states.size(); ++i) {
    const std::string here = place + ": states[" + std::to_string(i) + "]";
    const nlohmann::json& state = states[i];
    require_keys(state, here, kKeys);
    StateKey key;
    if (!state["ready"].is_array()) refuse(here, "ready", state["ready"].type_name(), "a list");
    for (const auto& type : state["ready"]) {
      key.push_back(type_id(type.get<std::string>(), here, table.type_names));
    }
    const graph::TypeId run = type_id(state["run"].get<std::string>(), here, table.type_names);
    if (key.find(run) == StateKey::npos) {
      refuse(here, "type to run", "'" + table.type_names[run] + "'", "one of the ready types");
    }
    const auto value = state["value"].get<float>();
    if (!std::isfinite(value)) refuse(here, "value", state["value"].dump(), "a finite float32");
    table.states[key] = {run, value};
  }
}

const std::array<std::string, 3> kEncodingNames = {"base", "max", "sort"};

std::optional<StateEncoding> find_encoding(std::string_view text) {
  const auto it = std::find(kEncodingNames.begin(), kEncodingNames.end(), text);
  if (it == kEncodingNames.end()) return std::nullopt;
  return static_cast<StateEncoding>(it - kEncodingNames.begin());
}

StateEncoding read_encoding(const std::string& text, const std::string& place) {
  const auto encoding = find_encoding(text);
  if (!encoding) {
    refuse(place, "unknown state encoding", "'" + text + "'", "",
           base::suggest(text, kEncodingNames));
  }
  return *encoding;
}

}  // namespace

StateEncoding parse_encoding(std::string_view text) {
  const auto encoding = find_encoding(text);
  if (!encoding) {
    throw base::UsageError({.place = "--encoding",
                            .what = "unknown state encoding",
                            .got = "'" + std::string(text) + "'",
                            .hint = base::suggest(text, kEncodingNames)});
  }
  return *encoding;
}

std::string_view name(StateEncoding encoding) {
  return kEncodingNames[static_cast<std::size_t>(encoding)];
}

void encode_state(StateEncoding encoding, const Frontier& frontier, StateKey& key) {
  key.clear();
  char16_t most = 0;
  for (std::size_t a = 0; a < frontier.type_count(); ++a) {
    const auto type = static_cast<graph::TypeId>(a);
    if (frontier.count(type) == 0) continue;
    if (key.empty() || frontier.count(type) > frontier.count(most)) most = type;
    key.push_back(type);
  }
  if (encoding == StateEncoding::max) key.push_back(most);
  if (encoding == StateEncoding::sort) {
    std::stable_sort(key.begin(), key.end(),
                     [&](char16_t a, char16_t b) { return frontier.count(a) > frontier.count(b); });
  }
}

std::string to_json(const FsmTable& table) {
  nlohmann::ordered_json json;
  json["format"] = kFormat;
  json["encoding"] = name(table.encoding);
  json["types"] = table.type_names;
  json["states"] = nlohmann::ordered_json::array();
  const std::map<StateKey, FsmState> sorted(table.states.begin(), table.states.end());
  for (const auto& [key, state] : sorted) {
    nlohmann::ordered_json entry;
    entry["ready"] = nlohmann::ordered_json::array();
    for (const char16_t type : key) entry["ready"].push_back(table.type_names[type]);
    entry["run"] = table.type_names[state.action];
    entry["value"] = state.value;
    json["states"].push_back(std::move(entry));
  }
  return json.dump(1) + "\n";
}

FsmTable parse_fsm_table(std::string_view text, const std::string& place,
                         std::span<const std::string> type_names) {
  static const std::array<std::string, 4> kKeys = {"format", "encoding", "types", "states"};
  try {
    const auto [json, problem] = base::parse_json(text);
    if (!problem.empty())
      refuse(place, "not a policy file", problem, "JSON written by sheaf learn");
    require_keys(json, place, kKeys);
    if (json["format"] != kFormat) refuse(place, "format", json["format"].dump(), kFormat);
    FsmTable table;
    table.encoding = read_encoding(json["encoding"].get<std::string>(), place);
    table.type_names = json["types"].get<std::vector<std::string>>();
    if (!std::equal(table.type_names.begin(), table.type_names.end(), type_names.begin(),
                    type_names.end())) {
      refuse(place, "batch types", json["types"].dump(),
             nlohmann::json(std::vector<std::string>(type_names.begin(), type_names.end())).dump(),
             "the policy was learned for another model");
    }
    read_states(json["states"], place, table);
    return table;
  } catch (const nlohmann::json::exception& e) {
    refuse(place, "not a policy file", e.what(), "JSON written by sheaf learn");
  }
}

}  // namespace sheaf::batching
