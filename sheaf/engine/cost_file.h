// SPDX-License-Identifier: Apache-2.0
//
// The file that keeps measured costs from one run to the next. Who writes it, and where, is the
// caller's business.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/batching/cost_table.h"
#include "sheaf/memory_plan/compiled_network.h"

namespace sheaf::engine {

// What measured times depend on beside the cells.
struct CostKey {
  std::string cpu;  // model name
  std::string isa;  // name of the kernels
  std::string version;

  friend bool operator==(const CostKey&, const CostKey&) = default;
};

// The key of this machine and the kernels that `isa` names, as in backend/cpu/kernels.h.
[[nodiscard]] CostKey cost_key(std::string_view isa, std::string_view version);

// 16 hexadecimal digits, stable across machines, of a compiled cell's structure and widths.
[[nodiscard]] std::string cell_hash(const memory_plan::CompiledCell& cell);
// Of all types, in their order: what a network's costs depend on.
[[nodiscard]] std::vector<std::string> cell_hashes(const memory_plan::CompiledNetwork& network);

struct NetworkCosts {
  std::vector<std::string> names;  // of types, for readers
  std::vector<std::string> cells;  // hashes
  batching::CostTable costs;
};

struct CostFile {
  CostKey key;
  std::vector<NetworkCosts> networks;

  // Null where the network with these cells was not measured.
  [[nodiscard]] const batching::CostTable* find(std::span<const std::string> cells) const;
  // Adds a network, in place of one with the same cells.
  void put(NetworkCosts network);
};

[[nodiscard]] std::string to_json(const CostFile& file);

// Reads a file that was written for `key`. `place` names it in messages. Throws ConfigError on bad
// JSON, missing or unknown keys, another machine's key, and on what is no cost table.
[[nodiscard]] CostFile parse_cost_file(std::string_view json, const std::string& place,
                                       const CostKey& key);

}  // namespace sheaf::engine
