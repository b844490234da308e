// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sheaf/base/clock.h"
#include "sheaf/engine/compile.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/engine/workload.h"

namespace sheaf::bench {

// Sheaf's whole pipeline on minibatches of a workload, caches off: graphs built, scheduled, planned
// and run, every output row read. All arguments must outlive it.
class MinibatchRunner {
 public:
  MinibatchRunner(const engine::Workload& workload, const engine::Order& order,
                  engine::Options options, const base::Clock& clock);

  // Runs every minibatch; returns what they took, in ns of `clock`. Between them, outside of that
  // time, the FMA peak is sampled.
  std::uint64_t round();

  // GFLOP/s of the FMA peak over the samples of the last round, at the clock that it had.
  [[nodiscard]] double peak_gflops() const { return peak_gflops_; }

  // The outputs of the first minibatch: the rows of its first instance, of its second, ...
  [[nodiscard]] std::vector<float> first_values();

  // Of the last round, and of its products (docs/models.md).
  [[nodiscard]] std::uint64_t batches() const { return batches_; }
  [[nodiscard]] std::uint64_t nodes() const { return nodes_; }
  [[nodiscard]] double flops() const { return flops_; }

 private:
  void step(std::size_t minibatch);
  // Takes every output row, as a user would.
  void read_outputs();

  const engine::Workload& workload_;
  const engine::Order& order_;
  const base::Clock& clock_;
  graph::Graph graph_;
  std::unique_ptr<engine::Session> session_;
  double peak_gflops_ = 0;
  std::uint64_t batches_ = 0;
  std::uint64_t nodes_ = 0;
  double flops_ = 0;
  double checksum_ = 0;  // so that no read is optimised away
};

}  // namespace sheaf::bench
