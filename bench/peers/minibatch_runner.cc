// SPDX-License-Identifier: Apache-2.0
#include "bench/peers/minibatch_runner.h"

#include <utility>

namespace sheaf::bench {

MinibatchRunner::MinibatchRunner(const engine::Workload& workload, const engine::Order& order,
                                 engine::Options options, const base::Clock& clock)
    : workload_(workload), order_(order), clock_(clock), graph_(workload.model->network()) {
  options.keep = memory_plan::Keep::outputs;
  session_ = engine::compile(workload.model->network(), std::move(options));
}

void MinibatchRunner::step(std::size_t minibatch) {
  engine::build_graph(*workload_.model, workload_.instances, order_.minibatch(minibatch), graph_);
  session_->begin();
  const engine::StepReport report = session_->step(graph_);
  batches_ += report.batches;
  nodes_ += report.nodes;
}

void MinibatchRunner::read_outputs() {
  for (const graph::Operand& operand : graph_.outputs()) checksum_ += session_->read(operand)[0];
}

std::uint64_t MinibatchRunner::round() {
  batches_ = nodes_ = 0;
  flops_ = 0;
  std::uint64_t took = 0;
  for (std::size_t m = 0; m < order_.minibatches(); ++m) {
    const std::uint64_t start = clock_.now_ns();
    step(m);
    read_outputs();
    took += clock_.now_ns() - start;
    flops_ += static_cast<double>(graph_.flops(graph_.segments().back()));
  }
  return took;
}

std::vector<float> MinibatchRunner::first_values() {
  step(0);
  // Instances are appended one after the other, so their outputs come in order, too.
  std::vector<float> values;
  for (const graph::Operand& operand : graph_.outputs()) {
    const auto row = session_->read(operand);
    values.insert(values.end(), row.begin(), row.end());
  }
  return values;
}

}  // namespace sheaf::bench
