// SPDX-License-Identifier: Apache-2.0
//
// Minibatches one after the other, in bounded memory: at most two graphs exist at a time, and
// outputs are handed on as they come.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "sheaf/engine/compile.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/nn/model.h"
#include "sheaf/runtime/profile.h"

namespace sheaf::engine {

struct StreamOptions {
  // A thread of its own builds the graph of the next minibatch while one runs. Outputs do not
  // depend on it. Model::append() runs in that thread.
  bool build_ahead = false;
  runtime::Profile* profile = nullptr;  // of the session's network; null: nothing is recorded
  // Called after every minibatch with the number of instances that are done.
  std::function<void(std::size_t instances)> progress = {};
};

// Takes what one instance gave.
using OutputSink = std::function<void(std::uint32_t index, InstanceOutputs outputs)>;

// Runs every minibatch of `order`, and hands on the outputs of its instances in that order.
void run_minibatches(const nn::Model& model, std::span<const nn::Instance> instances,
                     const Order& order, Session& session, const StreamOptions& options,
                     const OutputSink& sink);

// Hands outputs on in the order of the instances, 0, 1, ..., each as soon as those before it have
// been handed on. Holds what comes early: of a shuffled order most.
class InOrder {
 public:
  explicit InOrder(OutputSink next) : next_(std::move(next)) {}

  void put(std::uint32_t index, InstanceOutputs outputs);
  // Instances that are held.
  [[nodiscard]] std::size_t held() const { return early_.size(); }

 private:
  OutputSink next_;
  std::uint32_t wanted_ = 0;
  std::map<std::uint32_t, InstanceOutputs> early_;
};

}  // namespace sheaf::engine
