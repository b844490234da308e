// SPDX-License-Identifier: Apache-2.0
//
// What comes before the kernels, by itself: graphs built, scheduled and planned, nothing run.
//
//   sheaf_planning MODEL DATA HIDDEN BATCH [ROUNDS [POLICY [MIB]]]
//
// Prints nanoseconds per node (thread CPU time, medians over rounds; the first warms up) and what
// the stages hold. MIB: as much memory is written between two stages' minibatches, as kernels would
// do, so that caches are cold. `tools/instructions.py` counts the instructions of construct(),
// schedule() and plan() under Callgrind: they must not be inlined, nor renamed without it.
#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "sheaf/base/clock.h"
#include "sheaf/base/error.h"
#include "sheaf/base/stats.h"
#include "sheaf/batching/policy.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/engine/workload.h"
#include "sheaf/graph/verifier.h"
#include "sheaf/memory_plan/plan.h"
#include "sheaf/memory_plan/row_order.h"

namespace {

using namespace sheaf;

// As engine::Session does it, without running anything.
struct Stages {
  Stages(const nn::Model& given, const std::string& policy_name)
      : model(given),
        compiled(memory_plan::compile_network(given.network())),
        policy(batching::make_policy(policy_name)),
        graph(given.network()),
        verifier(given.network()) {}

  const nn::Model& model;
  memory_plan::CompiledNetwork compiled;
  std::unique_ptr<batching::Policy> policy;
  graph::Graph graph;
  graph::Verifier verifier;
  graph::Segment segment{};
  batching::Dependencies dependencies;
  batching::Workspace workspace;
  batching::Schedule batches;
  memory_plan::RowOrder row_order;
  memory_plan::Planner planner;
  memory_plan::MemoryPlan memory;
};

__attribute__((noinline)) void construct(Stages& stages, std::span<const nn::Instance> instances,
                                         std::span<const std::uint32_t> indices) {
  engine::build_graph(stages.model, instances, indices, stages.graph);
  stages.segment = stages.graph.seal();
  stages.verifier.verify(stages.graph, stages.segment);
}

__attribute__((noinline)) void schedule(Stages& stages) {
  stages.dependencies.build(stages.graph, stages.segment);
  stages.batches.clear();
  stages.policy->plan(stages.dependencies, stages.workspace, stages.batches);
}

__attribute__((noinline)) void plan(Stages& stages) {
  stages.memory.clear();
  stages.row_order.run(stages.graph, stages.segment, stages.batches);
  stages.planner.plan_segment(
      stages.graph, stages.segment, stages.batches, stages.compiled,
      {.layout = memory_plan::LayoutMode::planned, .keep = memory_plan::Keep::outputs},
      stages.memory);
}

std::uint32_t number(const char* text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
  if (error != std::errc{} || *end != '\0') {
    throw base::UsageError({.place = "sheaf_planning",
                            .what = "a number",
                            .got = "'" + std::string(text) + "'",
                            .expected = "a whole number"});
  }
  return value;
}

void run(std::span<char*> args) {
  const engine::Workload workload =
      engine::open_workload({.model = args[1], .data = args[2], .hidden = number(args[3])});
  const engine::Order order =
      engine::make_order(workload.instances.size(), number(args[4]), std::nullopt);
  const std::uint32_t rounds = args.size() > 5 ? number(args[5]) : 5;
  const std::string policy = args.size() > 6 ? args[6] : std::string(batching::kDefaultPolicy);
  std::vector<char> evict(args.size() > 7 ? std::size_t{number(args[7])} << 20U : 0);
  Stages stages(*workload.model, policy);
  const base::ThreadCpuClock clock;
  std::vector<double> samples[3];
  std::uint64_t nodes = 0;
  std::uint64_t copied = 0;
  for (std::uint32_t round = 0; round < rounds + 1; ++round) {
    std::uint64_t ns[3] = {0, 0, 0};
    nodes = copied = 0;
    for (std::size_t m = 0; m < order.minibatches(); ++m) {
      std::memset(evict.data(), static_cast<int>(m), evict.size());
      const std::uint64_t start = clock.now_ns();
      construct(stages, workload.instances, order.minibatch(m));
      const std::uint64_t built = clock.now_ns();
      schedule(stages);
      const std::uint64_t scheduled = clock.now_ns();
      plan(stages);
      ns[2] += clock.now_ns() - scheduled;
      ns[1] += scheduled - built;
      ns[0] += built - start;
      nodes += stages.graph.size();
      copied += stages.memory.copied_bytes;
    }
    for (int s = 0; s < 3 && round > 0; ++s) {
      samples[s].push_back(static_cast<double>(ns[s]) / static_cast<double>(nodes));
    }
  }
  fmt::print("nodes {} copied {} arena {} live {}\n", nodes, copied,
             stages.memory.arena_floats * sizeof(float), stages.memory.live_floats * sizeof(float));
  if (rounds == 0) return;
  fmt::print("construct {:.1f} schedule {:.1f} plan {:.1f} ns/node\n", base::median(samples[0]),
             base::median(samples[1]), base::median(samples[2]));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    fmt::print(stderr, "usage: sheaf_planning MODEL DATA HIDDEN BATCH [ROUNDS [POLICY [MIB]]]\n");
    return 2;
  }
  try {
    run(std::span(argv, static_cast<std::size_t>(argc)));
  } catch (const std::exception& error) {
    fmt::print(stderr, "sheaf_planning: {}\n", error.what());
    return 2;
  }
  return 0;
}
