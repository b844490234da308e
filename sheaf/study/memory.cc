// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/memory.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "sheaf/base/clock.h"
#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/base/stats.h"
#include "sheaf/engine/backends.h"
#include "sheaf/memory_plan/lower.h"
#include "sheaf/memory_plan/plan.h"
#include "sheaf/runtime/executor.h"
#include "sheaf/study/paper_cells.h"

namespace sheaf::study {
namespace {

using memory_plan::LayoutMode;

constexpr std::uint32_t kCallsPerSample = 20;

// One cell on the CPU, ready to run its batch again and again.
class CellLane {
 public:
  CellLane(const graph::Cell& cell, const MemoryOptions& options, LayoutMode mode)
      : batch_(options.batch), mode_(mode), cell_(std::make_shared<graph::Cell>(cell)) {
    for (const graph::CellInput& input : cell.inputs()) add_source(input);
    type_ = network_.add_type("cell", cell_);
    base::Rng rng(1, "study memory");
    for (graph::ParameterId id = 0; id < network_.parameters().size(); ++id) {
      tensor::Tensor value(network_.parameters()[id].shape);
      for (float& x : value.values()) x = rng.uniform(-0.1F, 0.1F);
      network_.parameters().assign(id, std::move(value));
    }
    compiled_ = memory_plan::compile_network(network_, mode, memory_plan::Hoist::off);
    backend_ = engine::make_backend("cpu", options.isa);
    backend_->prepare(network_, compiled_);
    build_graph();
    runtime::execute(plan_, 0, *backend_);
  }

  void run() { runtime::execute(plan_, cell_batch_, *backend_); }

  void sample(const base::Clock& clock) {
    const std::uint64_t start = clock.now_ns();
    for (std::uint32_t call = 0; call < kCallsPerSample; ++call) run();
    const auto spent = static_cast<double>(clock.now_ns() - start);
    latencies_us_.push_back(spent * 1e-3 / kCallsPerSample);
    const std::uint64_t compile_start = clock.now_ns();
    const memory_plan::CompiledCell cell = memory_plan::lower(*cell_, mode_);
    compiles_ms_.push_back(static_cast<double>(clock.now_ns() - compile_start) * 1e-6);
    report_ = cell.report;
  }

  [[nodiscard]] CellMemory result() const {
    return {.report = report_,
            .copied_bytes = report_.copied_bytes_per_call + batch_ * report_.copied_bytes_per_node,
            .latency_us = base::median(latencies_us_),
            .compile_ms = base::median(compiles_ms_)};
  }

  // All results of the cell's batch.
  [[nodiscard]] std::vector<float> values() const {
    std::vector<float> result;
    const auto inputs = static_cast<std::uint32_t>(sources_.size());
    for (std::uint32_t node = inputs * batch_; node < (inputs + 1) * batch_; ++node) {
      for (std::uint32_t port = 0; port < cell_->outputs().size(); ++port) {
        const auto floats =
            memory_plan::value_floats(cell_->output_rows(port), cell_->output_width(port));
        const auto value = backend_->read(plan_.offset(compiled_, {node, port}), floats);
        result.insert(result.end(), value.begin(), value.end());
      }
    }
    return result;
  }

 private:
  void add_source(const graph::CellInput& input) {
    const std::string name = "source" + std::to_string(sources_.size());
    graph::CellBuilder source(name);
    network_.parameters().declare(name + ".table", {batch_, input.width * input.rows});
    source.output(source.matrix_lookup("table", input.width, input.rows));
    sources_.push_back(network_.add_type(name, std::make_shared<graph::Cell>(source.build())));
  }

  void build_graph() {
    graph::Graph graph(network_);
    batching::Schedule schedule;
    const auto append = [&](graph::TypeId type) {
      const auto first = graph.size() - batch_;
      for (graph::NodeId node = first; node < graph.size(); ++node) schedule.order.push_back(node);
      schedule.batches.push_back({type, first, graph.size()});
    };
    const auto inputs = static_cast<std::uint32_t>(sources_.size());
    for (const graph::TypeId source : sources_) {
      for (std::uint32_t r = 0; r < batch_; ++r) graph.add(source, {}, r);
      append(source);
    }
    for (std::uint32_t r = 0; r < batch_; ++r) {
      std::vector<graph::Operand> operands;
      for (std::uint32_t i = 0; i < inputs; ++i) operands.push_back({i * batch_ + r});
      graph.add(type_, operands);
    }
    append(type_);
    cell_batch_ = sources_.size();
    memory_plan::plan_segment(graph, graph.seal(), schedule, compiled_, {}, plan_);
    plan_.verify(graph, compiled_);
  }

  std::uint32_t batch_;
  LayoutMode mode_;
  std::shared_ptr<const graph::Cell> cell_;
  graph::Network network_;
  std::vector<graph::TypeId> sources_;
  graph::TypeId type_ = 0;
  memory_plan::CompiledNetwork compiled_;
  std::unique_ptr<runtime::Backend> backend_;
  memory_plan::MemoryPlan plan_;
  std::size_t cell_batch_ = 0;
  memory_plan::CellReport report_;
  std::vector<double> latencies_us_;
  std::vector<double> compiles_ms_;
};

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

std::vector<CellComparison> study_memory(const MemoryOptions& options) {
  const base::ThreadCpuClock clock;
  std::vector<CellComparison> comparisons;
  for (const auto& [name, cell] : paper_cells(options.hidden)) {
    CellLane unplanned(cell, options, LayoutMode::unplanned);
    CellLane planned(cell, options, LayoutMode::planned);
    base::check(same_bits(planned.values(), unplanned.values()), "study memory",
                "a cell gives other bits planned than unplanned");
    for (std::uint32_t round = 0; round < std::max(options.repeat, 1U); ++round) {
      unplanned.sample(clock);
      planned.sample(clock);
    }
    comparisons.push_back({name, unplanned.result(), planned.result()});
  }
  return comparisons;
}

}  // namespace sheaf::study
