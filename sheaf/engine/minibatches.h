// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sheaf/batching/q_learning.h"
#include "sheaf/engine/compile.h"
#include "sheaf/io/digest.h"
#include "sheaf/nn/model.h"

namespace sheaf::engine {

// The order in which instances run: 0, 1, ... or shuffled by a seed; cut into minibatches of
// `batch`.
struct Order {
  std::vector<std::uint32_t> indices;
  std::uint32_t batch = 64;

  [[nodiscard]] std::size_t minibatches() const { return (indices.size() + batch - 1) / batch; }
  [[nodiscard]] std::span<const std::uint32_t> minibatch(std::size_t i) const;
};

[[nodiscard]] Order make_order(std::size_t instances, std::uint32_t batch,
                               std::optional<std::uint64_t> shuffle_seed);

// Clears `graph` and appends the instances named.
void build_graph(const nn::Model& model, std::span<const nn::Instance> instances,
                 std::span<const std::uint32_t> indices, graph::Graph& graph);

// What one instance gave.
struct InstanceOutputs {
  std::vector<std::vector<float>> rows;
  std::vector<std::uint32_t> labels;  // of models that have a decoder
};

// Runs every minibatch and keeps all outputs (minibatch_stream.h does not); they come in the order
// of `instances`, whatever `order` says.
[[nodiscard]] std::vector<InstanceOutputs> run_all(const nn::Model& model,
                                                   std::span<const nn::Instance> instances,
                                                   const Order& order, Session& session);

// Adds the bytes of an instance's output rows to a digest.
void add_to(io::Sha256& sha, const InstanceOutputs& outputs);

// SHA-256 over the bytes of all output rows, instance by instance.
[[nodiscard]] std::string digest_of(std::span<const InstanceOutputs> outputs);

// Learns an FSM policy from the first minibatch of `instances` (the paper: 32 instances), going on
// from `start` where there is one. The table knows its model and history, but not where the
// instances came from. Throws DataError when there is none.
[[nodiscard]] batching::Learned learn_policy(const nn::Model& model,
                                             std::span<const nn::Instance> instances,
                                             std::uint32_t batch,
                                             const batching::QLearningOptions& options,
                                             const batching::FsmTable* start = nullptr);

inline constexpr std::uint32_t kLearningInstances = 32;

}  // namespace sheaf::engine
