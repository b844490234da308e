// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/dag_gru.h"

#include "sheaf/nn/cells.h"

namespace sheaf::nn {
namespace {

graph::Cell node_cell(std::uint32_t hidden) {
  graph::CellBuilder cell("dag_gru_node");
  const auto x = cell.lookup(kEmbedding, hidden);
  const auto h = cell.repeated_input("h", hidden);
  return cell.output(gru_step(cell, x, h)).build();
}

}  // namespace

DagGru::DagGru(const ModelOptions& options) {
  network_.parameters().declare(kEmbedding, {options.vocabulary, options.hidden});
  node_ = network_.add_type("node", std::make_shared<graph::Cell>(node_cell(options.hidden)),
                            {{kEmbedding, kEmbedding}});
  head_ = network_.add_type(
      "head", classifier("dag_gru_head", options.hidden, classes_of(options, kClasses)));
}

void DagGru::append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const {
  const Dag& dag = require<Dag>(instance, name());
  graph.begin_instance(index);
  // Every node is two calls, the node and its head, so that node v is call `first + 2 v`.
  const graph::NodeId first = graph.size();
  for (std::uint32_t v = 0; v < dag.kinds.size(); ++v) {
    const graph::NodeId node = graph.size();
    const auto operands = graph.append(node_, dag.begin[v + 1] - dag.begin[v], dag.kinds[v]);
    for (std::uint32_t i = 0; i < operands.size(); ++i) {
      operands[i] = {first + 2 * dag.predecessors[dag.begin[v] + i]};
    }
    graph.mark_output({graph.add(head_, {{node}})});
  }
}

void DagGru::targets(const Instance& instance, std::vector<std::uint32_t>& labels) const {
  const Dag& dag = require<Dag>(instance, name());
  append_labels(dag.labels, dag.kinds.size(), labels);
}

}  // namespace sheaf::nn
