// SPDX-License-Identifier: Apache-2.0
//
// Graphs with losses and their backward passes, and what their gradients are compared with.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sheaf/autodiff/backward.h"
#include "sheaf/engine/gradients.h"
#include "sheaf/graph/gradients.h"
#include "sheaf/nn/model.h"

namespace sheaf::test {

// A model with a loss per marked output, whose labels are seeded.
class TrainingModel {
 public:
  explicit TrainingModel(std::unique_ptr<nn::Model> model);

  // The instances and their losses; with `backward`, their gradients, too.
  [[nodiscard]] graph::Graph graph(std::span<const nn::Instance> instances, bool backward);

  // Those from `begin` to `end` only, numbered as among all, with their gradients.
  [[nodiscard]] graph::Graph graph(std::span<const nn::Instance> instances, std::uint32_t begin,
                                   std::uint32_t end);

  [[nodiscard]] graph::Network& network() { return model_->network(); }
  [[nodiscard]] const autodiff::Differentiation& differentiation() const {
    return *differentiation_;
  }
  // The sum of all losses, in double precision.
  [[nodiscard]] double loss(std::span<const nn::Instance> instances);
  // By the engine.
  [[nodiscard]] graph::Gradients gradients(std::span<const nn::Instance> instances,
                                           const engine::Options& options,
                                           std::uint32_t shards = engine::kShards);

 private:
  void append(const nn::Instance& instance, std::uint32_t index, graph::Graph& graph);

  std::unique_ptr<nn::Model> model_;
  graph::TypeId loss_ = 0;
  std::unique_ptr<autodiff::Differentiation> differentiation_;
};

// The gradient of element `index` of a parameter's value.
[[nodiscard]] float element(const graph::ParameterGradient& gradient, tensor::Shape shape,
                            std::size_t index);

}  // namespace sheaf::test
