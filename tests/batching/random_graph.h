// SPDX-License-Identifier: Apache-2.0
//
// Networks and seeded random graphs for the tests of batching.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sheaf/base/rng.h"
#include "sheaf/batching/policy.h"
#include "sheaf/graph/graph.h"

namespace sheaf::batching {

// Types "t0", "t1", ...: any number of operands, two ports, all of width 1.
[[nodiscard]] inline graph::Network any_network(std::uint32_t types) {
  graph::CellBuilder builder("any");
  const auto x = builder.repeated_input("x", 1);
  const auto cell = std::make_shared<graph::Cell>(builder.output(x).output(x).build());
  graph::Network network;
  for (std::uint32_t t = 0; t < types; ++t) network.add_type("t" + std::to_string(t), cell);
  return network;
}

struct DagShape {
  std::uint32_t nodes = 40;
  std::uint32_t most_operands = 3;
  std::uint32_t window = 12;  // operands are among this many nodes before
};

// Appends random nodes to a graph of any_network(). Operands may be read twice, through either
// port.
inline void add_random_nodes(base::Rng& rng, const DagShape& shape, graph::Graph& graph) {
  const auto types = static_cast<std::uint32_t>(graph.network().type_count());
  std::vector<graph::Operand> operands;
  for (std::uint32_t i = 0; i < shape.nodes; ++i) {
    operands.clear();
    const std::uint32_t before = std::min(graph.size(), shape.window);
    const std::uint32_t count = before == 0 ? 0 : rng.below(shape.most_operands + 1);
    for (std::uint32_t k = 0; k < count; ++k) {
      operands.push_back({graph.size() - 1 - rng.below(before), rng.below(2)});
    }
    graph.add(static_cast<graph::TypeId>(rng.below(types)), operands);
  }
}

// The types of a binary tree with a head on every node.
inline constexpr graph::TypeId kLeaf = 0;
inline constexpr graph::TypeId kNode = 1;
inline constexpr graph::TypeId kHead = 2;

[[nodiscard]] inline graph::Network tree_network() {
  graph::CellBuilder leaf("leaf");
  leaf.output(leaf.constant(1, 1));
  graph::CellBuilder node("node");
  const auto left = node.input("left", 1);
  const auto right = node.input("right", 1);
  node.output(left + right);
  graph::CellBuilder head("head");
  head.output(sigmoid(head.input("h", 1)));
  graph::Network network;
  network.add_type("leaf", std::make_shared<graph::Cell>(leaf.build()));
  network.add_type("node", std::make_shared<graph::Cell>(node.build()));
  network.add_type("head", std::make_shared<graph::Cell>(head.build()));
  return network;
}

// Appends a random binary tree over `leaves` leaves, each node followed by its head.
inline void add_random_tree(base::Rng& rng, std::uint32_t leaves, graph::Graph& graph) {
  std::vector<graph::NodeId> roots;
  for (std::uint32_t i = 0; i < leaves; ++i) {
    roots.push_back(graph.add(kLeaf, {}));
    graph.add(kHead, {graph::Operand{roots.back()}});
  }
  while (roots.size() > 1) {
    const std::uint32_t i = rng.below(static_cast<std::uint32_t>(roots.size()) - 1);
    roots[i] = graph.add(kNode, {graph::Operand{roots[i]}, graph::Operand{roots[i + 1]}});
    graph.add(kHead, {graph::Operand{roots[i]}});
    roots.erase(roots.begin() + i + 1);
  }
}

[[nodiscard]] inline Dependencies dependencies_of(const graph::Graph& graph,
                                                  graph::Segment segment) {
  Dependencies dependencies;
  dependencies.build(graph, segment);
  return dependencies;
}

[[nodiscard]] inline Schedule plan_with(const Policy& policy, const Dependencies& dependencies) {
  Schedule schedule;
  policy.plan(dependencies, schedule);
  return schedule;
}

// The types of a schedule's batches.
[[nodiscard]] inline std::vector<graph::TypeId> types_of(const Schedule& schedule) {
  std::vector<graph::TypeId> types;
  for (const Batch& batch : schedule.batches) types.push_back(batch.type);
  return types;
}

// A type with a ready node, at random. Some node must be ready.
[[nodiscard]] inline graph::TypeId random_ready_type(base::Rng& rng, const Frontier& frontier) {
  std::vector<graph::TypeId> ready;
  for (std::size_t a = 0; a < frontier.type_count(); ++a) {
    const auto type = static_cast<graph::TypeId>(a);
    if (frontier.count(type) > 0) ready.push_back(type);
  }
  return ready[rng.below(static_cast<std::uint32_t>(ready.size()))];
}

}  // namespace sheaf::batching
