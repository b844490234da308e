// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/schedule.h"

#include "sheaf/base/error.h"

namespace sheaf::batching {

void Schedule::clear() {
  batches.clear();
  order.clear();
  fallback_steps = 0;
  proven_bound = 0;
}

void Schedule::verify(const graph::Graph& graph, graph::Segment segment) const {
  const auto holds = [](bool condition, const char* what) {
    base::check(condition, "schedule", what);
  };
  holds(order.size() == segment.size(), "a schedule has not as many nodes as its segment");
  constexpr std::uint32_t kNever = ~0U;
  std::vector<std::uint32_t> batch_of(segment.size(), kNever);
  std::uint32_t covered = 0;
  for (std::uint32_t b = 0; b < batches.size(); ++b) {
    holds(batches[b].begin == covered && batches[b].end > covered,
          "batches do not follow each other");
    covered = batches[b].end;
    holds(covered <= order.size(), "a batch ends behind the last node");
    for (const graph::NodeId node : nodes(batches[b])) {
      holds(node >= segment.begin && node < segment.end, "a node is not of the segment");
      holds(batch_of[node - segment.begin] == kNever, "a node runs twice");
      holds(graph.type(node) == batches[b].type, "a node is in a batch of another type");
      batch_of[node - segment.begin] = b;
      for (const graph::Operand& operand : graph.operands(node)) {
        if (operand.node < segment.begin) continue;
        holds(batch_of[operand.node - segment.begin] < b, "a node runs before its operand");
      }
    }
  }
  holds(covered == order.size(), "some nodes are in no batch");
}

std::string Schedule::to_string(const graph::Graph& graph) const {
  std::string text;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    text += std::to_string(b) + " " + graph.network().type(batches[b].type).name + " x " +
            std::to_string(batches[b].size()) + ":";
    for (const graph::NodeId node : nodes(batches[b])) text += " " + std::to_string(node);
    text += "\n";
  }
  return text;
}

}  // namespace sheaf::batching
