// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/reads.h"

#include <algorithm>

namespace sheaf::memory_plan {

using graph::NodeId;
using graph::Operand;

namespace {

// Rows ahead of the one at hand that are fetched into the cache: first where their operands are
// listed, then the operands, then what is known of these. The graph of a large minibatch, or of any
// after its kernels have run, is not there.
constexpr std::uint32_t kFar = 64;
constexpr std::uint32_t kMiddle = 40;
constexpr std::uint32_t kNear = 16;

}  // namespace

void Reads::list(const graph::Graph& graph, graph::Segment segment, const CompiledNetwork& network,
                 std::uint32_t first_batch, MemoryPlan& plan) {
  begin_.resize(segment.size() + 1);
  reads_.resize(graph.operand_count(segment));
  single_inputs_.clear();
  earlier_.clear();
  values_ = 0;
  for (std::size_t b = first_batch; b < plan.batches.size(); ++b) {
    values_ += plan.batches[b].rows * network.ports(plan.batches[b].type);
  }
  plan.places.resize(segment.end);
  if (plan.keep == Keep::everything) {
    plan.last_reader.clear();
    list_batches<false>(graph, network, first_batch, plan);
    return;
  }
  plan.last_reader.resize(values_);
  list_batches<true>(graph, network, first_batch, plan);
  for (const Operand& mark : graph.outputs())
    plan.last_reader[plan.value(mark)] = MemoryPlan::kKept;
  for (const Operand& mark : graph.decoded())
    plan.last_reader[plan.value(mark)] = MemoryPlan::kKept;
}

template <bool kLifetimes>
void Reads::list_batches(const graph::Graph& graph, const CompiledNetwork& network,
                         std::uint32_t first_batch, MemoryPlan& plan) {
  const auto first_node = static_cast<NodeId>(plan.places.size() - (begin_.size() - 1));
  MemoryPlan::Place* const places = plan.places.data();
  std::uint32_t* const last_reader = plan.last_reader.data();
  std::uint32_t* read = reads_.data();
  std::uint32_t* begin = begin_.data();
  std::uint32_t value = 0;
  *begin = 0;
  for (auto b = first_batch; b < plan.batches.size(); ++b) {
    const BatchPlan& batch = plan.batches[b];
    const CompiledCell& cell = *network.types[batch.type].cell;
    const std::uint32_t ports = network.ports(batch.type);
    bool all_single = true;
    std::uint32_t row = 0;
    // A result that nobody reads lives while it is written.
    if (kLifetimes) std::fill_n(last_reader + value, batch.rows * ports, b);
    const auto nodes = plan.nodes(batch);
    for (const NodeId node : nodes) {
      if (row + kFar < batch.rows) {
        graph.prefetch_begin(nodes[row + kFar]);
        graph.prefetch_operands(nodes[row + kMiddle]);
        __builtin_prefetch(places + nodes[row + kNear]);
        const auto ahead = graph.operands(nodes[row + kNear]);
        if (!ahead.empty()) {
          __builtin_prefetch(places + ahead.front().node);
          __builtin_prefetch(places + ahead.back().node);
        }
      }
      places[node] = {b, row++, value};
      value += ports;
      const auto operands = graph.operands(node);
      all_single = all_single && operands.size() == cell.inputs.size();
      for (const Operand& operand : operands) {
        *read = operand.node >= first_node ? places[operand.node].first_value + operand.port
                                           : earlier_value(operand);
        if (kLifetimes) last_reader[*read] = b;
        ++read;
      }
      *++begin = static_cast<std::uint32_t>(read - reads_.data());
    }
    single_inputs_.push_back(all_single ? static_cast<std::uint32_t>(cell.inputs.size())
                                        : cell.fixed_inputs);
  }
}

std::uint32_t Reads::earlier_value(Operand operand) {
  earlier_.push_back(operand);
  return values_ + static_cast<std::uint32_t>(earlier_.size()) - 1;
}

}  // namespace sheaf::memory_plan
