// SPDX-License-Identifier: Apache-2.0
#include "tests/autodiff/training_graph.h"

#include <algorithm>

#include "sheaf/base/rng.h"
#include "sheaf/nn/losses.h"
#include "tests/memory_plan/cell_evaluator.h"

namespace sheaf::test {

TrainingModel::TrainingModel(std::unique_ptr<nn::Model> model) : model_(std::move(model)) {
  graph::Network& network = model_->network();
  // All marked outputs of a model are of one type, its head.
  const auto names = network.type_names();
  const auto head = std::find(names.begin(), names.end(), "head") - names.begin();
  const auto classes = network.type(static_cast<graph::TypeId>(head)).cell->output_width(0);
  loss_ = network.add_type("loss", nn::cross_entropy(classes));
  differentiation_ = std::make_unique<autodiff::Differentiation>(network, std::span(&loss_, 1));
}

graph::Graph TrainingModel::graph(std::span<const nn::Instance> instances, bool backward) {
  graph::Graph graph(network());
  for (std::uint32_t i = 0; i < instances.size(); ++i) append(instances[i], i, graph);
  if (backward) differentiation_->append(graph);
  return graph;
}

graph::Graph TrainingModel::graph(std::span<const nn::Instance> instances, std::uint32_t begin,
                                  std::uint32_t end) {
  graph::Graph graph(network());
  for (std::uint32_t i = begin; i < end; ++i) append(instances[i], i, graph);
  differentiation_->append(graph);
  return graph;
}

void TrainingModel::append(const nn::Instance& instance, std::uint32_t index, graph::Graph& graph) {
  base::Rng rng(index, "labels");
  std::size_t done = graph.outputs().size();
  model_->append(instance, index, graph);
  for (; done < graph.outputs().size(); ++done) {
    const graph::Operand output = graph.outputs()[done];
    const auto& cell = *network().type(graph.type(output.node)).cell;
    graph.add(loss_, {output}, rng.below(cell.output_width(output.port)));
  }
}

double TrainingModel::loss(std::span<const nn::Instance> instances) {
  const graph::Graph all = graph(instances, false);
  const auto values = evaluate(all);
  double loss = 0;
  for (graph::NodeId node = 0; node < all.size(); ++node) {
    if (all.type(node) == loss_) loss += values[node].ports[0][0];
  }
  return loss;
}

graph::Gradients TrainingModel::gradients(std::span<const nn::Instance> instances,
                                          const engine::Options& options, std::uint32_t shards) {
  const auto session = engine::compile(network(), options);
  graph::Graph all = graph(instances, true);
  session->begin();
  session->step(all);
  engine::GradientSums sums(network(), *differentiation_, *session);
  graph::Gradients gradients;
  sums.sum(all, {static_cast<std::uint32_t>(instances.size()), shards, 0, shards}, 1, gradients);
  return gradients;
}

float element(const graph::ParameterGradient& gradient, tensor::Shape shape, std::size_t index) {
  if (gradient.dense.shape() == shape) return gradient.dense.values()[index];
  const auto row = static_cast<std::uint32_t>(index / shape.cols);
  const auto at = std::find(gradient.rows.begin(), gradient.rows.end(), row);
  if (at == gradient.rows.end()) return 0;
  return gradient.row_values.row(
      static_cast<std::uint32_t>(at - gradient.rows.begin()))[index % shape.cols];
}

}  // namespace sheaf::test
