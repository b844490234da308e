// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/cost_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/base/error.h"
#include "sheaf/base/json.h"
#include "sheaf/base/rng.h"

namespace sheaf::engine {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "sheaf-costs-1";
constexpr const char* kExpected = "JSON written by sheaf calibrate";
constexpr std::uint32_t kMostRows = 1U << 20U;

[[noreturn]] void refuse(const std::string& place, const std::string& what, std::string got,
                         std::string expected, std::string hint = {}) {
  throw base::ConfigError({place, what, std::move(got), std::move(expected), std::move(hint)});
}

double read_time(const json& value, const std::string& place, const char* what) {
  const double ns = value.is_number() ? value.get<double>() : -1;
  if (!std::isfinite(ns) || ns < 0) refuse(place, what, value.dump(), "a time in ns");
  return ns;
}

batching::CostCurve read_curve(const json& type, const std::string& place) {
  batching::CostCurve curve;
  if (!type["rows"].is_array()) refuse(place, "rows", type["rows"].type_name(), "a list");
  if (!type["ns"].is_array()) refuse(place, "ns", type["ns"].type_name(), "a list");
  for (const json& rows : type["rows"]) {
    const bool whole = rows.is_number_unsigned() && rows.get<std::uint64_t>() <= kMostRows;
    const std::uint32_t n = whole ? rows.get<std::uint32_t>() : 0;
    const bool grows = curve.rows.empty() ? n == 1 : n > curve.rows.back();
    if (!grows) refuse(place, "rows", rows.dump(), "numbers that grow from 1, at most 1048576");
    curve.rows.push_back(n);
  }
  for (const json& ns : type["ns"]) curve.ns.push_back(read_time(ns, place, "ns"));
  if (curve.rows.empty() || curve.ns.size() != curve.rows.size()) {
    refuse(place, "times", std::to_string(curve.ns.size()),
           "one for each of 1 or more numbers of rows: " + std::to_string(curve.rows.size()));
  }
  return curve;
}

std::string read_hash(const json& value, const std::string& place) {
  const auto text = value.get<std::string>();
  if (text.size() != 16 || text.find_first_not_of("0123456789abcdef") != std::string::npos) {
    refuse(place, "cell", value.dump(), "16 hexadecimal digits");
  }
  return text;
}

NetworkCosts read_network(const json& network, const std::string& place) {
  static const std::array<std::string, 1> kKeys = {"types"};
  static const std::array<std::string, 5> kTypeKeys = {"name", "cell", "rows", "ns", "switch_ns"};
  base::require_keys(network, place, "network", kKeys);
  if (!network["types"].is_array()) refuse(place, "types", network["types"].type_name(), "a list");
  NetworkCosts costs;
  for (std::size_t t = 0; t < network["types"].size(); ++t) {
    const std::string here = place + ".types[" + std::to_string(t) + "]";
    const json& type = network["types"][t];
    base::require_keys(type, here, "type", kTypeKeys);
    costs.names.push_back(type["name"].get<std::string>());
    costs.cells.push_back(read_hash(type["cell"], here));
    costs.costs.types.push_back(
        {read_curve(type, here), read_time(type["switch_ns"], here, "switch_ns")});
  }
  return costs;
}

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    if (!line.starts_with("model name")) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

}  // namespace

CostKey cost_key(std::string_view isa, std::string_view version) {
  return {cpu_model(), std::string(backend::cpu::choose_kernels(isa).name), std::string(version)};
}

std::string cell_hash(const memory_plan::CompiledCell& cell) {
  std::string text = cell.to_string();
  text.erase(0, text.find('\n'));  // the name
  for (const graph::CellInput& input : cell.inputs) {
    text += fmt::format(" input {} {} {}", input.rows, input.width, input.repeated);
  }
  for (const std::uint32_t width : cell.output_widths) text += fmt::format(" output {}", width);
  for (const memory_plan::Lookup& lookup : cell.lookups) {
    text += fmt::format(" lookup {}", lookup.width);
  }
  return fmt::format("{:016x}", base::hash(text));
}

std::vector<std::string> cell_hashes(const memory_plan::CompiledNetwork& network) {
  std::vector<std::string> hashes;
  for (const memory_plan::CompiledType& type : network.types) {
    hashes.push_back(cell_hash(*type.cell));
  }
  return hashes;
}

const batching::CostTable* CostFile::find(std::span<const std::string> cells) const {
  for (const NetworkCosts& network : networks) {
    if (std::equal(cells.begin(), cells.end(), network.cells.begin(), network.cells.end())) {
      return &network.costs;
    }
  }
  return nullptr;
}

void CostFile::put(NetworkCosts network) {
  std::erase_if(networks, [&](const NetworkCosts& old) { return old.cells == network.cells; });
  networks.push_back(std::move(network));
}

std::string to_json(const CostFile& file) {
  nlohmann::ordered_json out;
  out["format"] = kFormat;
  out["cpu"] = file.key.cpu;
  out["isa"] = file.key.isa;
  out["version"] = file.key.version;
  out["networks"] = json::array();
  for (const NetworkCosts& network : file.networks) {
    nlohmann::ordered_json types = json::array();
    for (std::size_t t = 0; t < network.cells.size(); ++t) {
      const batching::TypeCost& cost = network.costs.types[t];
      types.push_back({{"name", network.names[t]},
                       {"cell", network.cells[t]},
                       {"rows", cost.batch.rows},
                       {"ns", cost.batch.ns},
                       {"switch_ns", cost.switch_ns}});
    }
    out["networks"].push_back({{"types", std::move(types)}});
  }
  return out.dump(1) + "\n";
}

CostFile parse_cost_file(std::string_view text, const std::string& place, const CostKey& key) {
  static const std::array<std::string, 5> kKeys = {"format", "cpu", "isa", "version", "networks"};
  try {
    const auto [json, problem] = base::parse_json(text);
    if (!problem.empty()) refuse(place, "not a cost file", problem, kExpected);
    base::require_keys(json, place, "cost file", kKeys);
    if (json["format"] != kFormat) refuse(place, "format", json["format"].dump(), kFormat);
    CostFile file{{json["cpu"].get<std::string>(), json["isa"].get<std::string>(),
                   json["version"].get<std::string>()},
                  {}};
    if (file.key != key) {
      const auto words = [](const CostKey& k) { return k.cpu + ", " + k.isa + ", " + k.version; };
      refuse(place, "measured on", words(file.key), words(key), "run sheaf calibrate here");
    }
    if (!json["networks"].is_array()) {
      refuse(place, "networks", json["networks"].type_name(), "a list");
    }
    for (std::size_t n = 0; n < json["networks"].size(); ++n) {
      file.put(read_network(json["networks"][n], place + ": networks[" + std::to_string(n) + "]"));
    }
    return file;
  } catch (const nlohmann::json::exception& e) {
    refuse(place, "not a cost file", base::words_of(e), kExpected);
  }
}

}  // namespace sheaf::engine
