// SPDX-License-Identifier: Apache-2.0
#include "sheaf/runtime/profile.h"

#include <algorithm>
#include <numeric>

namespace sheaf::runtime {

std::string_view name(Stage stage) {
  static constexpr std::array<std::string_view, kStages> kNames = {
      "minibatch", "construct", "schedule", "plan", "execute", "read"};
  return kNames[static_cast<std::size_t>(stage)];
}

bool Profile::take_room() {
  if (stages_.size() + batches_.size() < most_) return true;
  ++dropped_;
  return false;
}

void Profile::add_stage(Stage stage, std::uint64_t begin_ns, std::uint64_t end_ns, bool ahead) {
  if (take_room()) stages_.push_back({stage, ahead, minibatch_, begin_ns, end_ns});
}

void Profile::begin_batches(const graph::Graph& graph, const memory_plan::CompiledNetwork& compiled,
                            const memory_plan::MemoryPlan& plan, std::size_t first_batch) {
  first_batch_ = first_batch;
  const std::size_t count = plan.batches.size() - first_batch;
  ready_.assign(count + 1, 0);
  live_.assign(count + 1, 0);
  // From the batch after `from` to `to`, both numbers of the plan.
  const auto add = [&](std::vector<std::int64_t>& counts, std::size_t begin, std::size_t end,
                       std::int64_t amount) {
    const auto at = [&](std::size_t batch) {
      return std::min(batch - std::min(batch, first_batch), count);
    };
    counts[at(begin)] += amount;
    counts[at(end)] -= amount;
  };
  for (graph::NodeId node = 0; node < plan.places.size(); ++node) {
    const std::size_t batch = plan.places[node].batch;
    const graph::TypeId type = graph.type(node);
    for (std::uint32_t port = 0; port < compiled.types[type].cell->output_widths.size(); ++port) {
      if (compiled.types[type].in_table(port)) continue;
      const bool kept = plan.is_kept({node, port});
      const std::size_t end =
          kept ? plan.batches.size() : plan.last_reader[plan.value({node, port})] + std::size_t{1};
      add(live_, batch, end, std::int64_t{compiled.stride(type, port)} * sizeof(float));
    }
    if (batch < first_batch) continue;
    std::size_t ready = 0;
    for (const graph::Operand& operand : graph.operands(node)) {
      ready = std::max<std::size_t>(ready, plan.places[operand.node].batch + std::size_t{1});
    }
    add(ready_, ready, batch + 1, 1);
  }
  std::partial_sum(ready_.begin(), ready_.end(), ready_.begin());
  std::partial_sum(live_.begin(), live_.end(), live_.begin());
}

void Profile::add_batch(const memory_plan::MemoryPlan& plan, std::size_t index,
                        std::uint64_t begin_ns, std::uint64_t end_ns) {
  if (!take_room()) return;
  const memory_plan::BatchPlan& batch = plan.batches[index];
  const std::size_t at = index - first_batch_;
  const bool counted = at < ready_.size();
  batches_.push_back({.type = batch.type,
                      .rows = batch.rows,
                      .ready_nodes = counted ? static_cast<std::uint32_t>(ready_[at]) : 0,
                      .gathered_bytes = gathered_bytes(plan, batch),
                      .live_bytes = counted ? static_cast<std::uint64_t>(live_[at]) : 0,
                      .begin_ns = begin_ns,
                      .end_ns = end_ns});
}

std::uint64_t Profile::gathered_bytes(const memory_plan::MemoryPlan& plan,
                                      const memory_plan::BatchPlan& batch) const {
  using Kind = memory_plan::InputPlan::Kind;
  std::uint64_t floats = 0;
  const auto inputs = network_->type(batch.type).cell->inputs();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Kind kind = plan.inputs[batch.first_input + i].kind;
    if (kind != Kind::gathered && kind != Kind::summed) continue;
    floats += batch.rows * memory_plan::value_floats(inputs[i].rows, inputs[i].width);
  }
  return floats * sizeof(float);
}

}  // namespace sheaf::runtime
