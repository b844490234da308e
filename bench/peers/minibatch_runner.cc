// SPDX-License-Identifier: Apache-2.0
#include "bench/peers/minibatch_runner.h"

#include <utility>

#include "sheaf/backend/cpu/fma_peak.h"

namespace sheaf::bench {
namespace {

// Often enough to follow the clock, seldom enough to leave it alone.
constexpr std::uint64_t kSampleEveryNs = 2'000'000;
// One after the other, behind a long minibatch: soon the clock recovers.
constexpr int kMostSamples = 4;

}  // namespace

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
  std::uint64_t since_sample = 0;
  backend::cpu::FmaPeakInRun peak(backend::cpu::choose_kernels("auto"), clock_);
  for (std::size_t m = 0; m < order_.minibatches(); ++m) {
    const std::uint64_t start = clock_.now_ns();
    step(m);
    read_outputs();
    const std::uint64_t ran = clock_.now_ns() - start;
    took += ran;
    since_sample += ran;
    for (int i = 0; i < kMostSamples && since_sample >= kSampleEveryNs; ++i) {
      peak.sample();
      since_sample -= kSampleEveryNs;
    }
    since_sample %= kSampleEveryNs;
    if (m + 1 == order_.minibatches()) peak.sample();
    flops_ += static_cast<double>(graph_.flops(graph_.segments().back()));
  }
  peak_gflops_ = peak.gflops();
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
