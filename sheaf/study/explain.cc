// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/explain.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "sheaf/batching/critical_heights.h"
#include "sheaf/batching/frontier_ratio.h"

namespace sheaf::study {
namespace {

using batching::CriticalHeights;
using batching::Frontier;
using batching::FrontierRatio;
using graph::TypeId;

Choice choice_of(TypeId type, const Frontier& frontier, const CriticalHeights& heights,
                 const FrontierRatio& ratio) {
  return {.type = type,
          .ready = frontier.count(type),
          .critical = heights.critical(type),
          .blocked = heights.blocked(type),
          .typed = ratio.typed_count(type)};
}

// The order in which CriticalHeights::best() looks at them.
bool better(const Choice& a, const Choice& b) {
  return a.blocked != b.blocked ? a.blocked < b.blocked : a.ready > b.ready;
}

// Runs the nodes of one batch, which may be fewer than are ready.
class Replay {
 public:
  explicit Replay(const batching::Dependencies& dependencies)
      : dependencies_(dependencies), run_(dependencies.size(), false) {}

  void run(std::span<const graph::NodeId> nodes) {
    for (const graph::NodeId node : nodes) run_[node - dependencies_.first_node()] = true;
  }
  [[nodiscard]] Frontier frontier() const { return Frontier(dependencies_, run_); }

 private:
  const batching::Dependencies& dependencies_;
  std::vector<bool> run_;
};

std::string text_of(const Choice& choice, std::span<const std::string> type_names) {
  return fmt::format("{}: leaves {} of {} critical behind, {} of {} ready", type_names[choice.type],
                     choice.blocked, choice.critical, choice.ready, choice.typed);
}

std::string state_name(const batching::StateKey& key, const batching::FsmTable& table) {
  std::string name;
  for (const char16_t symbol : key) {
    if (!name.empty()) name += ", ";
    name += symbol >= batching::kPhaseSymbol
                ? fmt::format("phase {}", symbol - batching::kPhaseSymbol)
                : table.type_names[symbol];
  }
  return name;
}

}  // namespace

std::vector<ExplainedBatch> explain_schedule(const batching::Dependencies& dependencies,
                                             const batching::Schedule& schedule) {
  std::vector<ExplainedBatch> batches;
  Replay replay(dependencies);
  for (const batching::Batch& batch : schedule.batches) {
    const Frontier frontier = replay.frontier();
    const CriticalHeights heights(dependencies, frontier);
    const FrontierRatio ratio(dependencies, frontier);
    ExplainedBatch explained{.ran = choice_of(batch.type, frontier, heights, ratio),
                             .size = batch.size()};
    for (TypeId a = 0; a < dependencies.type_count(); ++a) {
      if (a == batch.type || frontier.count(a) == 0) continue;
      const Choice other = choice_of(a, frontier, heights, ratio);
      if (explained.has_runner_up && !better(other, explained.runner_up)) continue;
      explained.has_runner_up = true;
      explained.runner_up = other;
    }
    batches.push_back(explained);
    replay.run(schedule.nodes(batch));
  }
  return batches;
}

std::string explained_text(const std::vector<ExplainedBatch>& batches,
                           std::span<const std::string> type_names) {
  std::string text;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    text += fmt::format("{:4}  {}", b + 1, text_of(batches[b].ran, type_names));
    if (batches[b].size < batches[b].ran.ready) text += fmt::format(", {} run", batches[b].size);
    if (batches[b].has_runner_up) {
      text += fmt::format("   (next best: {})", text_of(batches[b].runner_up, type_names));
    }
    text += "\n";
  }
  return text;
}

report::MachinePicture machine_picture(const batching::Dependencies& dependencies,
                                       const batching::FsmTable& table) {
  report::MachinePicture picture;
  std::map<batching::StateKey, std::size_t> index;
  std::map<std::pair<std::size_t, std::size_t>, std::uint32_t> steps;
  Frontier frontier(dependencies);
  CriticalHeights heights(dependencies, frontier);
  batching::StateKey key;
  std::size_t before = 0;
  while (!frontier.empty()) {
    encode_state(table.encoding, frontier, key);
    auto type = table.action(key);
    const bool known = type.has_value() && frontier.count(*type) > 0;
    if (!known) type = heights.best(frontier);
    const auto [it, fresh] = index.try_emplace(key, picture.states.size());
    if (fresh) picture.states.push_back({state_name(key, table), table.type_names[*type], known});
    if (frontier.left() != frontier.size()) ++steps[{before, it->second}];
    before = it->second;
    const auto nodes = frontier.run(*type);
    heights.ran(*type, nodes, frontier);
  }
  for (const auto& [ends, times] : steps) picture.steps.push_back({ends.first, ends.second, times});
  return picture;
}

}  // namespace sheaf::study
