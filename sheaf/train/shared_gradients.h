// SPDX-License-Identifier: Apache-2.0
//
// Gradients of minibatches that several processes share.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sheaf/graph/gradients.h"
#include "sheaf/train/communicator.h"
#include "sheaf/train/model_gradients.h"

namespace sheaf::train {

// Which shards of a minibatch a rank has: as many as every other one has, in the order of ranks.
// Throws UsageError where the ranks are no power of two or more than the shards.
[[nodiscard]] engine::ShardRange shards_of(std::uint32_t shards, std::uint32_t rank,
                                           std::uint32_t ranks);

// Joins the gradients and losses of all ranks by the tree of their shards, so that each ends with
// those of the whole minibatch, in the bits of one process that had all shards. (Recursive
// doubling; a sum of two is the same on both sides.)
void join(Communicator& communicator, StepLoss& loss, graph::Gradients& gradients);

// The gradients of a model, of which this process computes those of its shards.
class SharedGradients final : public GradientSource {
 public:
  // Both must outlive it; `own` has the shards of this rank and divides by nothing.
  SharedGradients(ModelGradients& own, Communicator& communicator)
      : own_(own), communicator_(communicator) {}

  StepLoss run(std::span<const std::uint32_t> instances, std::uint64_t step,
               graph::Gradients& gradients) override;
  void after_update() override { own_.after_update(); }
  std::string explain_non_finite() override { return own_.explain_non_finite(); }

 private:
  ModelGradients& own_;
  Communicator& communicator_;
};

}  // namespace sheaf::train
