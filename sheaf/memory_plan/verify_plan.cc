// SPDX-License-Identifier: Apache-2.0
//
// MemoryPlan::verify. Trusts nothing that the planner computed on the way: it replays the batches.
#include <algorithm>

#include "sheaf/base/error.h"
#include "sheaf/memory_plan/memory_plan.h"

namespace sheaf::memory_plan {
namespace {

void holds(bool condition, const char* what) { base::check(condition, "memory plan", what); }

void verify_input(const graph::Graph& graph, const CompiledNetwork& network, const MemoryPlan& plan,
                  const BatchPlan& batch, std::uint32_t input) {
  const CompiledCell& cell = *network.types[batch.type].cell;
  const InputPlan& how = plan.inputs[batch.first_input + input];
  const bool repeated = input >= cell.fixed_inputs;
  const std::size_t step = repeated ? cell.inputs.size() - cell.fixed_inputs : 1;
  for (std::uint32_t row = 0; row < batch.rows; ++row) {
    const auto operands = graph.operands(plan.order[batch.first_node + row]);
    const std::size_t count = repeated ? (operands.size() - cell.fixed_inputs) / step : 1;
    holds(how.kind == InputPlan::Kind::summed || count == 1, "a sum is read as a single row");
    for (std::size_t i = 0; i < count; ++i) {
      const graph::Operand& operand = operands[input + i * step];
      const Offset wanted = plan.offset(network, operand);
      const Offset got =
          how.kind == InputPlan::Kind::in_place
              ? how.at + Offset{row} * network.stride(graph.type(operand.node), operand.port)
          : how.kind == InputPlan::Kind::summed
              ? plan.gather_offsets[plan.sum_begin[how.at + row] + i]
              : plan.gather_offsets[how.at + row];
      holds(got == wanted, "an input is read from a wrong place");
    }
    if (how.kind == InputPlan::Kind::summed) {
      holds(plan.sum_begin[how.at + row + 1] - plan.sum_begin[how.at + row] == count,
            "a sum has a wrong number of terms");
    }
  }
}

// The arena, and which value lies in each of its lines at this moment.
class Replay {
 public:
  Replay(const graph::Graph& graph, const CompiledNetwork& network, const MemoryPlan& plan)
      : graph_(graph), network_(network), plan_(plan), owner_(plan.arena_floats / kLine, kNobody) {}

  void run() {
    for (const BatchPlan& batch : plan_.batches) {
      const auto nodes = plan_.nodes(batch);
      if (const BatchPlan* prefix = plan_.prefix_before(batch)) {
        for (std::uint32_t row = 0; row < prefix->rows; ++row) write_early(*prefix, row);
      }
      const std::size_t ports = network_.types[batch.type].port_column.size();
      for (const graph::NodeId node : nodes) {
        for (std::uint32_t port = 0; port < ports; ++port) write({node, port});
      }
      for (const graph::NodeId node : nodes) {
        for (std::uint32_t port = 0; port < ports; ++port) {
          holds(is_whole({node, port}), "two results overlap");
        }
        if (batch.part == BatchPlan::Part::rest) require_early(batch, node);
        // A batch reads while it writes: its operands must be there after it, too.
        for (const graph::Operand& operand : graph_.operands(node)) {
          holds(is_whole(operand), "a value is overwritten before its last reader has run");
        }
      }
    }
    if (plan_.keep == Keep::everything) {
      for (const BatchPlan& batch : plan_.batches) all_kept(batch);
      return;
    }
    for (const graph::Operand& operand : graph_.outputs()) require_kept(operand);
    for (const graph::Operand& operand : graph_.decoded()) require_kept(operand);
  }

 private:
  static constexpr Offset kLine = tensor::kRowAlignment;
  static constexpr std::uint32_t kEarlyPort = std::numeric_limits<std::uint32_t>::max();
  static constexpr graph::Operand kNobody{std::numeric_limits<graph::NodeId>::max(), 0};

  // What stays in a table takes no line.
  void write(graph::Operand value) {
    if (is_in_table(value)) return;
    const auto [begin, end] = lines(value);
    holds(end <= std::ssize(owner_), "a result lies beyond the arena");
    std::fill(owner_.begin() + begin, owner_.begin() + end, value);
  }
  [[nodiscard]] bool is_whole(graph::Operand value) const {
    if (is_in_table(value)) return true;
    const auto [begin, end] = lines(value);
    return std::all_of(owner_.begin() + begin, owner_.begin() + end,
                       [&](const graph::Operand& owner) { return owner == value; });
  }
  // The early values of a node count as a port that no cell has.
  void write_early(const BatchPlan& prefix, std::uint32_t row) {
    const auto [begin, end] = early_lines(prefix, row);
    holds(end <= std::ssize(owner_), "early values lie beyond the arena");
    const graph::Operand value{plan_.nodes(prefix)[row], kEarlyPort};
    std::fill(owner_.begin() + begin, owner_.begin() + end, value);
  }
  void require_early(const BatchPlan& rest, graph::NodeId node) const {
    const auto [begin, end] = early_lines(rest, plan_.places[node].row);
    const graph::Operand value{node, kEarlyPort};
    holds(std::all_of(owner_.begin() + begin, owner_.begin() + end,
                      [&](const graph::Operand& owner) { return owner == value; }),
          "early values are not there when they are read");
  }
  [[nodiscard]] std::pair<std::ptrdiff_t, std::ptrdiff_t> early_lines(const BatchPlan& batch,
                                                                      std::uint32_t row) const {
    const Offset floats = network_.types[batch.type].split->early_floats;
    const Offset begin = plan_.early_offset(network_, batch) + row * floats;
    holds(begin % kLine == 0 && floats % kLine == 0, "early values do not begin a line");
    return {begin / kLine, (begin + floats) / kLine};
  }
  [[nodiscard]] bool is_in_table(graph::Operand value) const {
    return network_.types[graph_.type(value.node)].in_table(value.port);
  }
  [[nodiscard]] std::pair<std::ptrdiff_t, std::ptrdiff_t> lines(graph::Operand value) const {
    const Offset begin = plan_.offset(network_, value);
    holds(begin % kLine == 0, "a result does not begin a line");
    return {begin / kLine, (begin + network_.stride(graph_.type(value.node), value.port)) / kLine};
  }
  void all_kept(const BatchPlan& batch) const {
    for (const graph::NodeId node : plan_.nodes(batch)) {
      for (std::uint32_t p = 0; p < network_.types[batch.type].port_column.size(); ++p) {
        require_kept({node, p});
      }
    }
  }
  void require_kept(graph::Operand value) const {
    holds(plan_.is_kept(value) && is_whole(value), "a value that is to be kept is overwritten");
  }

  const graph::Graph& graph_;
  const CompiledNetwork& network_;
  const MemoryPlan& plan_;
  std::vector<graph::Operand> owner_;
};

}  // namespace

void MemoryPlan::verify(const graph::Graph& graph, const CompiledNetwork& network) const {
  holds(places.size() == graph.size(), "not every node has a place");
  Replay(graph, network, *this).run();
  for (const BatchPlan& batch : batches) {
    const std::size_t inputs_of_cell = network.types[batch.type].cell->inputs.size();
    for (std::uint32_t input = 0; input < inputs_of_cell; ++input) {
      verify_input(graph, network, *this, batch, input);
    }
  }
}

}  // namespace sheaf::memory_plan
