// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <vector>

#include "sheaf/batching/policy.h"
#include "sheaf/memory_plan/plan.h"
#include "sheaf/memory_plan/row_order.h"

namespace sheaf::memory_plan {

// The batches of a policy, their rows as they became ready.
inline batching::Schedule schedule_of(const graph::Graph& graph, graph::Segment segment,
                                      const char* policy) {
  batching::Dependencies dependencies;
  dependencies.build(graph, segment);
  batching::Schedule schedule;
  batching::make_policy(policy)->plan(dependencies, schedule);
  return schedule;
}

// A network of five small types, and schedules written by hand.
class PlanTest : public testing::Test {
 protected:
  static constexpr std::uint32_t kWidth = 5;     // rows of 16 floats
  static constexpr std::uint32_t kStride = 16;   // of them
  static constexpr std::uint32_t kWide = 20;     // rows of 32 floats
  static constexpr std::uint32_t kRow = 5 * 4;   // bytes that copying a row writes
  static constexpr std::uint32_t kWideRow = 80;  // ... a wide one

  PlanTest() {
    network_.parameters().declare("table", {9, kWidth});
    network_.parameters().declare("wide_table", {9, kWide});
    source_ = network_.add_type("source", source_cell(kWidth), {{"table", "table"}});
    wide_ = network_.add_type("wide", source_cell(kWide), {{"table", "wide_table"}});
    unary_ = network_.add_type("unary", unary_cell());
    mixed_ = network_.add_type("mixed", mixed_cell());
    sum_ = network_.add_type("sum", sum_cell());
    compiled_ = compile_network(network_);
  }

  // Plans the nodes added since the last call, in these batches.
  void plan(std::initializer_list<std::vector<graph::NodeId>> batches, PlanOptions options = {}) {
    batching::Schedule schedule;
    for (const auto& nodes : batches) {
      const auto begin = static_cast<std::uint32_t>(schedule.order.size());
      schedule.order.insert(schedule.order.end(), nodes.begin(), nodes.end());
      schedule.batches.push_back(
          {graph_.type(nodes.front()), begin, static_cast<std::uint32_t>(schedule.order.size())});
    }
    const graph::Segment segment = graph_.seal();
    schedule.verify(graph_, segment);
    plan_segment(graph_, segment, schedule, compiled_, options, plan_);
    plan_.verify(graph_, compiled_);
  }

  // Plans the nodes added since the last call in the batches of a policy, their rows in order.
  void plan_ordered(PlanOptions options = {}, const char* policy = "sufficient") {
    const graph::Segment segment = graph_.seal();
    batching::Schedule schedule = schedule_of(graph_, segment, policy);
    RowOrder().run(graph_, segment, schedule);
    schedule.verify(graph_, segment);
    plan_segment(graph_, segment, schedule, compiled_, options, plan_);
    plan_.verify(graph_, compiled_);
  }

  [[nodiscard]] Offset at(graph::NodeId node, std::uint32_t port = 0) const {
    return plan_.offset(compiled_, {node, port});
  }
  [[nodiscard]] const InputPlan& input(std::size_t batch, std::uint32_t index = 0) const {
    return plan_.inputs.at(plan_.batches.at(batch).first_input + index);
  }
  [[nodiscard]] InputPlan::Kind kind(std::size_t batch, std::uint32_t index = 0) const {
    return input(batch, index).kind;
  }

  static std::shared_ptr<const graph::Cell> source_cell(std::uint32_t width) {
    graph::CellBuilder cell("source");
    return std::make_shared<graph::Cell>(cell.output(cell.lookup("table", width)).build());
  }
  static std::shared_ptr<const graph::Cell> unary_cell() {
    graph::CellBuilder cell("unary");
    return std::make_shared<graph::Cell>(cell.output(tanh(cell.input("a", kWidth))).build());
  }
  // Ports: narrow, wide.
  static std::shared_ptr<const graph::Cell> mixed_cell() {
    graph::CellBuilder cell("mixed");
    const auto a = cell.input("a", kWidth);
    const auto b = cell.input("b", kWide);
    return std::make_shared<graph::Cell>(cell.output(tanh(a)).output(tanh(b)).build());
  }
  static std::shared_ptr<const graph::Cell> sum_cell() {
    graph::CellBuilder cell("sum");
    const auto s = cell.repeated_input("s", kWidth);
    const auto t = cell.repeated_input("t", kWide);
    return std::make_shared<graph::Cell>(cell.output(tanh(s)).output(tanh(t)).build());
  }

  graph::Network network_;
  graph::TypeId source_, wide_, unary_, mixed_, sum_;
  CompiledNetwork compiled_;
  graph::Graph graph_{network_};
  MemoryPlan plan_;
};

}  // namespace sheaf::memory_plan
