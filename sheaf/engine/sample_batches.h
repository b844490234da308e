// SPDX-License-Identifier: Apache-2.0
//
// Batches to measure: what calibration runs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sheaf/base/rng.h"
#include "sheaf/batching/schedule.h"
#include "sheaf/graph/graph.h"

namespace sheaf::engine {

// A network of the same types and shapes with weights of its own and smaller tables.
[[nodiscard]] graph::Network sample_network(const graph::Network& network);

// One graph that holds, of every type that can be made, batches of 1, 2, 4, ... nodes, up to
// `most_rows` and to what takes a few milliseconds and megabytes. Their operands are results of
// other batches that do not lie side by side, so that they are gathered.
class SampleBatches {
 public:
  SampleBatches(const graph::Network& network, std::uint32_t most_rows);

  [[nodiscard]] const graph::Graph& graph() const { return graph_; }
  [[nodiscard]] graph::Segment segment() const { return segment_; }
  [[nodiscard]] const batching::Schedule& schedule() const { return schedule_; }

 private:
  // The nodes and the port that an operand is taken from.
  struct Source {
    graph::NodeId first;
    std::uint32_t count;
    std::uint32_t port;
  };

  // Adds the batches of one more type; false when none can be made. Sums may be of nothing where
  // `empty_sums` and no type makes their operands.
  bool make_one(std::uint32_t most_rows, bool empty_sums);
  [[nodiscard]] std::optional<std::vector<Source>> sources_of(graph::TypeId type,
                                                              bool empty_sums) const;
  [[nodiscard]] std::optional<Source> source_of(const graph::CellInput& input) const;
  void add(graph::TypeId type, std::uint32_t rows, std::span<const Source> sources);
  [[nodiscard]] std::uint32_t payload(graph::TypeId type);

  const graph::Network& network_;
  graph::Graph graph_;
  std::vector<std::optional<graph::Segment>> largest_;  // by type: nodes of its last batch
  graph::Segment segment_{0, 0};
  batching::Schedule schedule_;
  base::Rng rng_{1};
};

}  // namespace sheaf::engine
