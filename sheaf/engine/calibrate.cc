// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/calibrate.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sheaf/base/stats.h"
#include "sheaf/engine/backends.h"
#include "sheaf/engine/sample_batches.h"
#include "sheaf/memory_plan/plan.h"
#include "sheaf/runtime/executor.h"

namespace sheaf::engine {
namespace {

// Runs single batches of a plan and takes their time.
class Stopwatch {
 public:
  Stopwatch(const memory_plan::MemoryPlan& plan, runtime::Backend& backend,
            const base::Clock& clock, const CalibrateOptions& options)
      : plan_(plan), backend_(backend), clock_(clock), options_(options) {}

  // Median time of running `batches` once, one after the other.
  [[nodiscard]] double ns(std::span<const std::size_t> batches) const {
    std::size_t times = 1;
    double took = time(batches, times);  // warms up
    while (took < options_.sample_ns && times < kMostTimes) {
      times *= 2;
      took = time(batches, times);
    }
    std::vector<double> samples;
    for (std::uint32_t i = 0; i < options_.samples; ++i) samples.push_back(time(batches, times));
    return base::median(std::move(samples)) / static_cast<double>(times);
  }

 private:
  static constexpr std::size_t kMostTimes = 1U << 12U;  // even where a clock stands still

  [[nodiscard]] double time(std::span<const std::size_t> batches, std::size_t times) const {
    const std::uint64_t start = clock_.now_ns();
    for (std::size_t i = 0; i < times; ++i) {
      for (const std::size_t b : batches) backend_.run(plan_, plan_.batches[b]);
    }
    return static_cast<double>(clock_.now_ns() - start);
  }

  const memory_plan::MemoryPlan& plan_;
  runtime::Backend& backend_;
  const base::Clock& clock_;
  const CalibrateOptions& options_;
};

// Twice the rows never take less, where they seem to the machine was busy with something else; nor
// do they take more than twice as long, where they seem to the fewer rows, run again and again,
// stayed in a cache in which the rows of a graph are not.
void append(std::uint32_t rows, double ns, batching::CostCurve& curve) {
  if (!curve.ns.empty()) ns = std::clamp(ns, curve.ns.back(), 2 * curve.ns.back());
  curve.rows.push_back(rows);
  curve.ns.push_back(ns);
}

// Floats of weights that a batch of one row reads.
double weight_floats(const memory_plan::CompiledCell& cell) {
  double floats = 0;
  for (const memory_plan::Product& product : cell.products) {
    floats += static_cast<double>(product.k) * product.n;
  }
  return floats;
}

// What single rows take more when types take turns than when each repeats, shared out by weights.
void measure_switches(const memory_plan::CompiledNetwork& compiled,
                      const memory_plan::MemoryPlan& plan, const Stopwatch& stopwatch,
                      batching::CostTable& costs) {
  std::vector<std::size_t> singles;
  double apart = 0;
  double weights = 0;
  for (std::size_t b = 0; b < plan.batches.size(); ++b) {
    if (plan.batches[b].rows != 1) continue;
    singles.push_back(b);
    apart += costs.types[plan.batches[b].type].batch.ns[0];
    weights += weight_floats(*compiled.types[plan.batches[b].type].cell);
  }
  if (singles.size() < 2 || weights == 0) return;
  const double more = std::max(0.0, stopwatch.ns(singles) - apart);
  for (const std::size_t b : singles) {
    const graph::TypeId type = plan.batches[b].type;
    costs.types[type].switch_ns = more * weight_floats(*compiled.types[type].cell) / weights;
  }
}

}  // namespace

batching::CostTable calibrate(const graph::Network& network, const base::Clock& clock,
                              const CalibrateOptions& options) {
  const graph::Network copy = sample_network(network);
  const memory_plan::CompiledNetwork compiled =
      memory_plan::compile_network(copy, memory_plan::LayoutMode::planned, memory_plan::Hoist::off);
  const auto backend = make_backend("cpu", options.isa);
  runtime::require_support(*backend, compiled);
  backend->prepare(copy, compiled);

  const SampleBatches batches(copy, options.most_rows);
  memory_plan::MemoryPlan plan;
  memory_plan::plan_segment(batches.graph(), batches.segment(), batches.schedule(), compiled, {},
                            plan);
  runtime::execute(plan, 0, *backend);

  batching::CostTable costs;
  costs.types.resize(network.type_count());
  const Stopwatch stopwatch(plan, *backend, clock, options);
  for (std::size_t b = 0; b < plan.batches.size(); ++b) {
    batching::CostCurve& curve = costs.types[plan.batches[b].type].batch;
    append(plan.batches[b].rows, stopwatch.ns({&b, 1}), curve);
  }
  for (batching::TypeCost& type : costs.types) {
    if (type.batch.rows.empty()) type.batch = {{1}, {0}};
  }
  measure_switches(compiled, plan, stopwatch, costs);
  costs.verify();
  return costs;
}

}  // namespace sheaf::engine
