// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/dependencies.h"

#include <algorithm>

namespace sheaf::batching {

void Dependencies::build(const graph::Graph& graph, graph::Segment segment) {
  const LocalId n = segment.size();
  first_node_ = segment.begin;
  type_count_ = graph.network().type_count();
  types_ = graph.types().subspan(segment.begin, n);
  producer_begin_.resize(n + 1);
  producers_.resize(graph.operand_count(segment));
  edge_consumers_.resize(producers_.size());
  consumer_begin_.assign(n + 2, 0);
  follows_.assign(type_count_ * type_count_, 0);
  type_nodes_.assign(type_count_, 0);

  // Of plain pointers, which writing bytes to the table of types can't change.
  const graph::TypeId* const types = types_.data();
  const std::size_t type_count = type_count_;
  std::uint8_t* const follows = follows_.data();
  LocalId* const producers = producers_.data();
  LocalId* const consumers = edge_consumers_.data();
  std::uint32_t* const consumer_begin = consumer_begin_.data();
  std::uint32_t most = 0;
  std::uint32_t edges = 0;
  for (LocalId v = 0; v < n; ++v) {
    const std::uint32_t first = edges;
    producer_begin_[v] = edges;
    ++type_nodes_[types[v]];
    std::uint8_t* const before_v = follows + types[v];
    LocalId last = n;  // no node
    for (const graph::Operand& operand : graph.operands(segment.begin + v)) {
      const LocalId producer = operand.node - segment.begin;  // huge for an earlier segment's
      if (producer >= n) continue;
      // What was read already is written over by the next edge.
      const std::uint32_t is_new = producer != last ? 1 : 0;
      last = producer;
      producers[edges] = producer;
      consumers[edges] = v;
      consumer_begin[producer + 2] += is_new;
      before_v[types[producer] * type_count] = 1;
      edges += is_new;
    }
    most = std::max(most, edges - first);
  }
  most_producers_ = most;
  producer_begin_[n] = edges;
  producers_.resize(edges);
  edge_consumers_.resize(edges);

  // Counting sort. consumer_begin_[u + 1] is where u's next consumer goes, and in the end where u +
  // 1's begin.
  for (LocalId u = 2; u < n + 2; ++u) consumer_begin_[u] += consumer_begin_[u - 1];
  consumers_.resize(edges);
  for (std::uint32_t e = 0; e < edges; ++e) {
    consumers_[consumer_begin_[producers_[e] + 1]++] = edge_consumers_[e];
  }
}

std::vector<std::uint8_t> types_below(const Dependencies& dependencies) {
  std::vector<std::uint8_t> below;
  types_below(dependencies, below);
  return below;
}

void types_below(const Dependencies& dependencies, std::vector<std::uint8_t>& below) {
  const std::size_t types = dependencies.type_count();
  const auto follows = dependencies.follows();
  below.assign(follows.begin(), follows.end());
  for (std::size_t via = 0; via < types; ++via) {
    for (std::size_t b = 0; b < types; ++b) {
      if (below[b * types + via] == 0) continue;
      for (std::size_t a = 0; a < types; ++a) below[b * types + a] |= below[via * types + a];
    }
  }
}

std::vector<std::uint32_t> depths(const Dependencies& dependencies) {
  std::vector<std::uint32_t> depth;
  depths(dependencies, depth);
  return depth;
}

void depths(const Dependencies& dependencies, std::vector<std::uint32_t>& depth) {
  depth.assign(dependencies.size(), 0);
  const auto producers = dependencies.edge_producers();
  const auto consumers = dependencies.edge_consumers();
  for (std::size_t e = 0; e < producers.size(); ++e) {
    depth[consumers[e]] = std::max(depth[consumers[e]], depth[producers[e]] + 1);
  }
}

std::uint32_t lower_bound(const Dependencies& dependencies) {
  const std::size_t types = dependencies.type_count();
  // longest[v * types + t]: most t-nodes on a path that ends at v.
  std::vector<std::uint32_t> longest(dependencies.size() * types, 0);
  std::vector<std::uint32_t> most(types, 0);
  for (LocalId v = 0; v < dependencies.size(); ++v) {
    std::uint32_t* mine = &longest[v * types];
    for (const LocalId u : dependencies.producers(v)) {
      for (std::size_t t = 0; t < types; ++t) mine[t] = std::max(mine[t], longest[u * types + t]);
    }
    const graph::TypeId type = dependencies.type(v);
    most[type] = std::max(most[type], ++mine[type]);
  }
  std::uint32_t bound = 0;
  for (const std::uint32_t m : most) bound += m;
  return bound;
}

}  // namespace sheaf::batching
