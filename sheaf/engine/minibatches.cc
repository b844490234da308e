// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/minibatches.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/engine/minibatch_stream.h"

namespace sheaf::engine {

std::span<const std::uint32_t> Order::minibatch(std::size_t i) const {
  const std::size_t begin = i * batch;
  return std::span(indices).subspan(begin, std::min<std::size_t>(batch, indices.size() - begin));
}

Order make_order(std::size_t instances, std::uint32_t batch,
                 std::optional<std::uint64_t> shuffle_seed) {
  if (batch == 0) {
    throw base::UsageError(
        {.place = "batch", .what = "instances per minibatch", .got = "0", .expected = "1 or more"});
  }
  Order order{std::vector<std::uint32_t>(instances), batch};
  std::iota(order.indices.begin(), order.indices.end(), 0);
  if (!shuffle_seed) return order;
  base::Rng rng(*shuffle_seed, "shuffle");
  for (std::size_t i = order.indices.size(); i > 1; --i) {
    std::swap(order.indices[i - 1], order.indices[rng.below(static_cast<std::uint32_t>(i))]);
  }
  return order;
}

void build_graph(const nn::Model& model, std::span<const nn::Instance> instances,
                 std::span<const std::uint32_t> indices, graph::Graph& graph) {
  graph.clear();
  for (const std::uint32_t index : indices) model.append(instances[index], index, graph);
}

std::vector<InstanceOutputs> run_all(const nn::Model& model,
                                     std::span<const nn::Instance> instances, const Order& order,
                                     Session& session) {
  std::vector<InstanceOutputs> outputs(instances.size());
  run_minibatches(
      model, instances, order, session, {},
      [&](std::uint32_t index, InstanceOutputs instance) { outputs[index] = std::move(instance); });
  return outputs;
}

void add_to(io::Sha256& sha, const InstanceOutputs& outputs) {
  for (const auto& row : outputs.rows) sha.update(row);
}

std::string digest_of(std::span<const InstanceOutputs> outputs) {
  io::Sha256 sha;
  for (const InstanceOutputs& instance : outputs) add_to(sha, instance);
  return sha.hex();
}

batching::Learned learn_policy(const nn::Model& model, std::span<const nn::Instance> instances,
                               std::uint32_t batch, const batching::QLearningOptions& options,
                               const batching::FsmTable* start) {
  if (instances.empty()) {
    throw base::DataError(
        {.place = "--data", .what = "nothing to learn from", .got = "no instances"});
  }
  const Order order = make_order(std::min<std::size_t>(batch, instances.size()), batch, {});
  graph::Graph graph(model.network());
  build_graph(model, instances, order.indices, graph);
  batching::Dependencies dependencies;
  dependencies.build(graph, graph.seal());
  batching::Learned learned =
      batching::learn_fsm(dependencies, model.network().type_names(), options, start);
  learned.table.model = model.name();
  if (start != nullptr) learned.table.history = start->history;
  learned.table.history.push_back({.data = {},
                                   .instances = static_cast<std::uint32_t>(order.indices.size()),
                                   .nodes = dependencies.size(),
                                   .trials = learned.trials,
                                   .batches = learned.batches,
                                   .lower_bound = learned.lower_bound,
                                   .teacher = learned.teacher});
  return learned;
}

}  // namespace sheaf::engine
