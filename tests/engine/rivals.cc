// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/rivals.h"

#include <algorithm>
#include <cmath>

#include "sheaf/batching/q_learning.h"
#include "tests/engine/instances.h"
#include "tests/memory_plan/cell_evaluator.h"
#include "tests/memory_plan/random_network.h"

namespace sheaf::test {
namespace {

using graph::Graph;
using graph::NodeId;
using memory_plan::Keep;
using memory_plan::LayoutMode;

// Learned, as ED-Batch does, from the first graph alone.
std::shared_ptr<const batching::FsmTable> fsm_of(const graph::Network& network,
                                                 const Graph& first) {
  batching::Dependencies dependencies;
  dependencies.build(first, {0, first.size()});
  const auto names = network.type_names();
  return std::make_shared<const batching::FsmTable>(
      batching::learn_fsm(dependencies, names, {.trials = 30}).table);
}

engine::Options options_of(const graph::Network& network, const std::string& policy,
                           LayoutMode layout, Keep keep,
                           std::shared_ptr<const batching::FsmTable> fsm) {
  engine::Options options;
  options.policy = policy;
  options.parts.fsm = std::move(fsm);
  options.parts.costs = some_costs(network);
  options.parts.search.beam_width = 4;
  options.parts.search.state_limit = 500;
  options.layout = layout;
  options.keep = keep;
  // ED-Batch ran a pass inside assert(), so that release builds left it out: what checks the plan
  // must not make it.
  options.verify = keep == Keep::everything;
  return options;
}

std::vector<float> read(const engine::Session& session, const Graph& graph,
                        graph::Operand operand) {
  const graph::Cell& cell = *graph.network().type(graph.type(operand.node)).cell;
  return without_padding(session.read(operand), cell.output_width(operand.port));
}

InstanceValues values_between(const engine::Session& session, const Graph& graph, NodeId begin,
                              NodeId end) {
  InstanceValues values;
  for (NodeId node = begin; node < end; ++node) {
    const graph::Cell& cell = *graph.network().type(graph.type(node)).cell;
    for (std::uint32_t port = 0; port < cell.outputs().size(); ++port) {
      values.push_back(read(session, graph, {node, port}));
    }
  }
  return values;
}

// Runs `order` in minibatches of `batch`; the values come by instance. Of a session that keeps
// outputs only: the first port of the last node.
std::vector<InstanceValues> run(engine::Session& session, const graph::Network& network, Keep keep,
                                const BuildInstance& build, const std::vector<std::uint32_t>& order,
                                std::uint32_t batch) {
  std::vector<InstanceValues> values(order.size());
  Graph graph(network);
  for (std::size_t begin = 0; begin < order.size(); begin += batch) {
    graph.clear();
    std::vector<NodeId> begins;
    const std::size_t end = std::min(begin + batch, order.size());
    for (std::size_t at = begin; at < end; ++at) {
      graph.begin_instance(order[at]);
      begins.push_back(graph.size());
      build(graph, order[at]);
      graph.mark_output({graph.size() - 1});
    }
    begins.push_back(graph.size());
    session.begin();
    session.step(graph);
    for (std::size_t at = begin; at < end; ++at) {
      const NodeId last = begins[at - begin + 1];
      values[order[at]] = keep == Keep::everything
                              ? values_between(session, graph, begins[at - begin], last)
                              : InstanceValues{read(session, graph, {last - 1})};
    }
  }
  return values;
}

void expect_near(std::span<const float> got, std::span<const double> wanted, NodeId node) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t j = 0; j < wanted.size(); ++j) {
    ASSERT_NEAR(got[j], wanted[j], 1e-5 * std::max(1.0, std::abs(wanted[j]))) << "node " << node;
  }
}

// Of the first port of the last node, where outputs only are kept.
std::vector<InstanceValues> outputs_of(const graph::Network& network,
                                       const std::vector<InstanceValues>& values,
                                       const std::vector<graph::TypeId>& last_types) {
  std::vector<InstanceValues> outputs;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t ports = network.type(last_types[i]).cell->outputs().size();
    outputs.push_back({values[i][values[i].size() - ports]});
  }
  return outputs;
}

}  // namespace

Rivals::Rivals() {
  network_.parameters().declare("words", {kWords, kWidth});
  word_ = type("word", [](auto& cell) { cell.output(cell.lookup("table", kWidth)); },
               {{"table", "words"}});
}

graph::TypeId Rivals::squash(const std::string& name, std::uint32_t from, std::uint32_t to) {
  return type(name, [&](auto& cell) {
    cell.output(tanh(cell.affine(to, {{"W", cell.input("x", from)}}, "b")));
  });
}

void Rivals::randomise(std::uint64_t seed) {
  base::Rng rng(seed, "rivals");
  fill_parameters(network_.parameters(), rng);
}

void Rivals::set_all(float weight) {
  graph::ParameterStore& parameters = network_.parameters();
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    tensor::Tensor value(parameters[id].shape);
    std::fill(value.values().begin(), value.values().end(), weight);
    parameters.assign(id, std::move(value));
  }
}

Graph Rivals::graph_of(const BuildInstance& build, std::uint32_t count, std::uint32_t first) const {
  Graph graph(network_);
  for (std::uint32_t i = first; i < first + count; ++i) {
    graph.begin_instance(i);
    build(graph, i);
  }
  return graph;
}

void Rivals::expect_unbatched_values(const BuildInstance& build) {
  randomise();
  std::vector<std::uint32_t> order;
  std::vector<graph::TypeId> last_types;
  std::vector<InstanceValues> wanted;  // bits of one node at a time
  for (std::uint32_t i = 0; i < kInstances; ++i) {
    Graph alone = graph_of(build, 1, i);
    const auto single = session_of(network_, "single");
    single->step(alone);
    ASSERT_NO_FATAL_FAILURE(expect_values_of_the_graph(*single, alone));
    wanted.push_back(values_of(*single, alone));
    last_types.push_back(alone.types().back());
    order.push_back(i);
  }
  const auto outputs = outputs_of(network_, wanted, last_types);
  const auto fsm = fsm_of(network_, graph_of(build, 1));
  for (const std::string& policy : batching::policy_names()) {
    for (const LayoutMode layout : {LayoutMode::planned, LayoutMode::unplanned}) {
      for (const Keep keep : {Keep::everything, Keep::outputs}) {
        engine::Session session(network_, options_of(network_, policy, layout, keep, fsm));
        for (const std::uint32_t batch : {kInstances, 1U, 3U}) {
          std::reverse(order.begin(), order.end());
          ASSERT_EQ(run(session, network_, keep, build, order, batch),
                    keep == Keep::everything ? wanted : outputs)
              << policy << ", batch " << batch
              << (layout == LayoutMode::planned ? ", planned" : ", unplanned")
              << (keep == Keep::everything ? "" : ", outputs only");
        }
      }
    }
  }
}

std::unique_ptr<engine::Session> session_of(const graph::Network& network,
                                            const std::string& policy, LayoutMode layout) {
  auto fsm = std::make_shared<batching::FsmTable>();
  fsm->type_names = network.type_names();
  return engine::compile(network,
                         options_of(network, policy, layout, Keep::everything, std::move(fsm)));
}

InstanceValues values_of(const engine::Session& session, const Graph& graph) {
  return values_between(session, graph, 0, graph.size());
}

void expect_values_of_the_graph(const engine::Session& session, const Graph& graph) {
  const auto wanted = evaluate(graph);
  for (NodeId node = 0; node < graph.size(); ++node) {
    for (std::uint32_t port = 0; port < wanted[node].ports.size(); ++port) {
      ASSERT_NO_FATAL_FAILURE(
          expect_near(read(session, graph, {node, port}), wanted[node].ports[port], node));
    }
  }
}

}  // namespace sheaf::test
