// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sheaf/graph/graph.h"

namespace sheaf::nn {

// Number of nodes of each type.
[[nodiscard]] inline std::map<std::string, std::uint32_t> node_counts(const graph::Graph& graph) {
  std::map<std::string, std::uint32_t> counts;
  for (const graph::TypeId type : graph.types()) ++counts[graph.network().type(type).name];
  return counts;
}

// Number of operands that the nodes of each type have in all.
[[nodiscard]] inline std::map<std::string, std::size_t> operand_counts(const graph::Graph& graph) {
  std::map<std::string, std::size_t> counts;
  for (graph::NodeId node = 0; node < graph.size(); ++node) {
    counts[graph.network().type(graph.type(node)).name] += graph.operands(node).size();
  }
  return counts;
}

// Flops of one call of the type called `name`.
[[nodiscard]] inline std::uint64_t flops_of(const graph::Network& network,
                                            const std::string& name) {
  for (graph::TypeId type = 0; type < network.type_count(); ++type) {
    if (network.type(type).name == name) return network.type(type).cell->flops();
  }
  return ~std::uint64_t{0};
}

[[nodiscard]] inline std::vector<graph::Operand> operands(const graph::Graph& graph,
                                                          graph::NodeId node) {
  const auto span = graph.operands(node);
  return {span.begin(), span.end()};
}

}  // namespace sheaf::nn
