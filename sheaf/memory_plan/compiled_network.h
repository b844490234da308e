// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sheaf/graph/network.h"
#include "sheaf/memory_plan/compiled_cell.h"
#include "sheaf/memory_plan/hoist.h"
#include "sheaf/memory_plan/layout_mode.h"
#include "sheaf/memory_plan/split_cell.h"

namespace sheaf::memory_plan {

// A batch type as it runs: its compiled cell, and the arena column of each output port.
struct CompiledType {
  std::shared_ptr<const CompiledCell> cell;
  std::shared_ptr<const SplitCell> split;      // null: it is not hoisted
  std::vector<std::uint16_t> port_column;      // kNoColumn: its values are rows of a table
  std::vector<graph::ParameterId> port_table;  // of which table, then
  static constexpr std::uint16_t kNoColumn = 0xFFFF;

  [[nodiscard]] bool in_table(std::uint32_t port) const { return port_column[port] == kNoColumn; }
};

// All types of a network, compiled. Results of one port number and one size lie in one *column* of
// the arena, whatever their type, in the order of execution, so that the results of successive
// batches are neighbours too.
struct CompiledNetwork {
  std::vector<CompiledType> types;
  std::vector<std::uint32_t> column_stride;  // floats from one node's value to the next one's
  bool any_split = false;

  [[nodiscard]] std::uint32_t ports(graph::TypeId type) const {
    return static_cast<std::uint32_t>(types[type].port_column.size());
  }

  // Of a port that has a column.
  [[nodiscard]] std::uint32_t stride(graph::TypeId type, std::uint32_t port) const {
    return column_stride[types[type].port_column[port]];
  }
};

// Lowers every cell once, however many types share it, and once more where the weights of a type
// are encoded in another way. Splits it, unless nothing is to be hoisted.
[[nodiscard]] CompiledNetwork compile_network(const graph::Network& network,
                                              LayoutMode mode = LayoutMode::planned,
                                              Hoist hoist = Hoist::automatic);

}  // namespace sheaf::memory_plan
