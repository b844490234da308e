// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sheaf/backend/cpu/cpu_backend.h"
#include "sheaf/base/rng.h"
#include "sheaf/memory_plan/plan.h"
#include "sheaf/runtime/executor.h"

namespace sheaf::test {

// One cell on the CPU backend: rows come from an embedding table, through a type "source<width>"
// per width of an input; all calls of the cell are one batch.
class Runner {
 public:
  static constexpr std::uint32_t kTableRows = 200;

  Runner(std::shared_ptr<const graph::Cell> cell, std::string isa)
      : cell_(std::move(cell)), backend_(backend::cpu::choose_kernels(isa)) {
    for (const graph::CellInput& input : cell_->inputs()) add_source(input.width);
    type_ = network_.add_type("cell", cell_);
    base::Rng rng(1, "runner");
    for (graph::ParameterId id = 0; id < network_.parameters().size(); ++id) {
      tensor::Tensor value(network_.parameters()[id].shape);
      for (float& x : value.values()) x = rng.uniform(-1, 1);
      network_.parameters().assign(id, std::move(value));
    }
    compiled_ = memory_plan::compile_network(network_);
    prepare();
  }

  [[nodiscard]] graph::Network& network() { return network_; }
  void prepare() { backend_.prepare(network_, compiled_); }

  // Runs calls first, first + 1, ...; call i reads row i of every table. Rows of port `port`.
  std::vector<std::vector<float>> run(std::uint32_t first, std::uint32_t rows,
                                      std::uint32_t port = 0) {
    graph::Graph graph(network_);
    batching::Schedule schedule;
    const auto inputs = static_cast<std::uint32_t>(cell_->inputs().size());
    for (std::uint32_t i = 0; i < inputs; ++i) {
      for (std::uint32_t r = 0; r < rows; ++r) graph.add(sources_[i], {}, first + r);
      add_batch(sources_[i], i * rows, rows, schedule);
    }
    for (std::uint32_t r = 0; r < rows; ++r) {
      std::vector<graph::Operand> operands;
      for (std::uint32_t i = 0; i < inputs; ++i) operands.push_back({i * rows + r});
      graph.add(type_, operands, first + r);
    }
    add_batch(type_, inputs * rows, rows, schedule);
    memory_plan::MemoryPlan plan;
    memory_plan::plan_segment(graph, graph.seal(), schedule, compiled_, {}, plan);
    plan.verify(graph, compiled_);
    runtime::execute(plan, 0, backend_);
    std::vector<std::vector<float>> values;
    for (std::uint32_t r = 0; r < rows; ++r) {
      const auto row = backend_.read(plan.offset(compiled_, {inputs * rows + r, port}),
                                     cell_->output_width(port));
      values.emplace_back(row.begin(), row.end());
    }
    return values;
  }

 private:
  void add_source(std::uint32_t width) {
    const std::string name = "source" + std::to_string(sources_.size());
    network_.parameters().declare(name + ".table", {kTableRows, width});
    graph::CellBuilder cell(name);
    sources_.push_back(network_.add_type(
        name, std::make_shared<graph::Cell>(cell.output(cell.lookup("table", width)).build())));
  }
  static void add_batch(graph::TypeId type, std::uint32_t first, std::uint32_t rows,
                        batching::Schedule& schedule) {
    for (std::uint32_t r = 0; r < rows; ++r) schedule.order.push_back(first + r);
    schedule.batches.push_back({type, first, first + rows});
  }

  std::shared_ptr<const graph::Cell> cell_;
  graph::Network network_;
  std::vector<graph::TypeId> sources_;
  graph::TypeId type_;
  memory_plan::CompiledNetwork compiled_;
  backend::cpu::CpuBackend backend_;
};

}  // namespace sheaf::test
