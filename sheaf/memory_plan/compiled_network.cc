// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/compiled_network.h"

#include <map>
#include <utility>

#include "sheaf/memory_plan/lower.h"

namespace sheaf::memory_plan {

CompiledNetwork compile_network(const graph::Network& network, LayoutMode mode, Hoist hoist) {
  CompiledNetwork compiled;
  struct Compiled {
    std::shared_ptr<const CompiledCell> cell;
    std::shared_ptr<const SplitCell> split;
  };
  std::map<std::pair<const graph::Cell*, std::vector<tensor::Encoding>>, Compiled> cells;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint16_t> columns;  // (port, stride)
  for (graph::TypeId id = 0; id < network.type_count(); ++id) {
    const graph::Cell& cell = *network.type(id).cell;
    const std::vector<tensor::Encoding> encodings = network.encodings(id);
    auto& [shared, split] = cells[{&cell, encodings}];
    if (!shared) {
      shared = std::make_shared<const CompiledCell>(lower(cell, mode, encodings));
      if (hoist != Hoist::off) split = split_cell(*shared);
    }
    compiled.any_split |= split != nullptr;
    CompiledType type{.cell = shared, .split = split, .port_column = {}, .port_table = {}};
    for (std::uint32_t port = 0; port < cell.outputs().size(); ++port) {
      const graph::SlotId table = shared->output_tables[port];
      if (table != CompiledCell::kNoTable) {
        type.port_column.push_back(CompiledType::kNoColumn);
        type.port_table.push_back(network.type(id).binding[table]);
        continue;
      }
      type.port_table.push_back(0);
      const auto stride = value_stride(cell.output_rows(port), cell.output_width(port));
      const auto [it, fresh] = columns.try_emplace(
          {port, stride}, static_cast<std::uint16_t>(compiled.column_stride.size()));
      if (fresh) compiled.column_stride.push_back(stride);
      type.port_column.push_back(it->second);
    }
    compiled.types.push_back(std::move(type));
  }
  return compiled;
}

}  // namespace sheaf::memory_plan
