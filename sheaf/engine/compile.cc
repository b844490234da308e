// SPDX-License-Identifier: Apache-2.0
//
// Every stage from a model to values, in order. The first file to read.
#include "sheaf/engine/compile.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/engine/backends.h"
#include "sheaf/runtime/executor.h"

namespace sheaf::engine {

namespace {

// Whether some results stay in parameter tables, so that where they lie depends on payloads.
bool reads_tables(const memory_plan::CompiledNetwork& network) {
  for (const memory_plan::CompiledType& type : network.types) {
    for (std::uint32_t port = 0; port < type.port_column.size(); ++port) {
      if (type.in_table(port)) return true;
    }
  }
  return false;
}

}  // namespace

std::span<const std::string> stage_names() {
  static const std::array<std::string, 4> kNames = {"cells", "graph", "schedule", "plan"};
  return kNames;
}

std::unique_ptr<Session> compile(const graph::Network& network, Options options) {
  return std::make_unique<Session>(network, std::move(options));
}

Session::Session(const graph::Network& network, Options options)
    : network_(&network), options_(std::move(options)), verifier_(network) {
  const auto stages = stage_names();
  if (!options_.dump_after.empty() &&
      std::find(stages.begin(), stages.end(), options_.dump_after) == stages.end()) {
    throw base::UsageError({.place = "--dump-after",
                            .what = "unknown stage",
                            .got = "'" + options_.dump_after + "'",
                            .hint = base::suggest(options_.dump_after, stages)});
  }
  policy_ = batching::make_policy(options_.policy, options_.parts);

  // 1. cells -> products and regions (once)
  compiled_ = memory_plan::compile_network(network, options_.layout, options_.hoist);
  dump("cells", [&] {
    std::string text;
    for (const auto& type : compiled_.types) {
      text += type.cell->to_string();
      if (type.split == nullptr) continue;
      text += type.split->prefix.to_string() + type.split->rest.to_string();
    }
    return text;
  });

  const bool keeps_plans = !reads_tables(compiled_);
  cache_ = ScheduleCache(options_.cache_bytes, keeps_plans);

  // 2. weights -> packed panels (once)
  backend_ = options_.make_backend
                 ? options_.make_backend()
                 : make_backend("cpu", options_.isa, options_.pool, options_.integer_products);
  runtime::require_support(*backend_, compiled_);
  refresh_weights();
}

void Session::refresh_weights() {
  backend_->prepare(*network_, compiled_);
  packed_changes_ = network_->parameters().changes();
}

void Session::begin() {
  plan_.clear();
  graph_ = nullptr;
}

void Session::require_graph(const graph::Graph& graph) const {
  const auto refuse = [](const char* what, const char* hint) {
    throw base::UsageError({.place = "session", .what = what, .hint = hint});
  };
  if (&graph.network() != network_) refuse("a graph of another network", "compile that network");
  if (network_->type_count() != compiled_.types.size()) {
    refuse("the network has new types", "compile it again");
  }
  if (graph_ != nullptr && graph_ != &graph)
    refuse("a step of another graph", "call begin() first");
  const std::size_t done = plan_.places.size();
  const bool goes_on = !graph.segments().empty() && graph.segments().back().end >= done;
  if (done != 0 && !goes_on) refuse("the graph was cleared", "call begin() first");
  if (done != 0 && graph.size() > done && options_.keep == memory_plan::Keep::outputs) {
    refuse("a graph that has grown, in a session that keeps outputs only", "keep everything");
  }
}

StepReport Session::step(graph::Graph& graph) {
  require_graph(graph);
  try {
    return run_segment(graph);
  } catch (...) {
    begin();  // what was planned has not run, and must not be read
    throw;
  }
}

StepReport Session::run_segment(graph::Graph& graph) {
  graph_ = &graph;

  // 3. graph: what was added since the last step
  const auto done = static_cast<graph::NodeId>(plan_.places.size());
  graph.seal();
  const graph::Segment segment{done, graph.size()};
  base::check(segment.begin == 0 || policy_->supports_growth(), "session",
              "the policy cannot plan a graph that grows");
  const std::uint64_t verify_start = now_ns();
  verifier_.verify(graph, segment);
  const std::uint64_t verify_ns = now_ns() - verify_start;
  if (packed_changes_ != network_->parameters().changes()) refresh_weights();
  dump("graph", [&] { return graph.to_string(); });

  StepReport report{.nodes = segment.size(), .verify_ns = verify_ns};
  const std::size_t first_batch = plan_.batches.size();
  const std::uint64_t copied_before = plan_.copied_bytes;
  plan_segment(graph, segment, report);

  // 6. plan -> values
  if (profile_ != nullptr) profile_->begin_batches(graph, compiled_, plan_, first_batch);
  const std::uint64_t run_start = now_ns();
  {
    const runtime::StageTimer timer(profile_, runtime::Stage::execute);
    runtime::execute(plan_, first_batch, *backend_, profile_);
  }
  report.execute_ns = now_ns() - run_start;

  report.batches = static_cast<std::uint32_t>(schedule_.batches.size());
  report.fallback_steps = schedule_.fallback_steps;
  report.copied_bytes = plan_.copied_bytes - copied_before;
  report.arena_bytes = plan_.arena_floats * sizeof(float);
  report.live_bytes = plan_.live_floats * sizeof(float);
  return report;
}

void Session::plan_segment(const graph::Graph& graph, graph::Segment segment, StepReport& report) {
  const bool may_cache = cache_.enabled() && segment.begin == 0;
  const std::uint64_t start = now_ns();

  // 4. graph -> schedule, or both it and the plan from a graph of the same topology
  const bool planned = options_.layout == memory_plan::LayoutMode::planned;
  {
    const runtime::StageTimer timer(profile_, runtime::Stage::schedule);
    report.cached = may_cache && cache_.find(graph, schedule_, plan_);
    if (!report.cached) {
      dependencies_.build(graph, segment);
      schedule_.clear();
      policy_->plan(dependencies_, workspace_, schedule_);
    }
  }
  report.schedule_ns = now_ns() - start;
  if (options_.verify) schedule_.verify(graph, segment);
  dump("schedule", [&] { return schedule_.to_string(graph); });

  // 5. schedule -> memory plan
  const std::uint64_t plan_start = now_ns();
  {
    const runtime::StageTimer timer(profile_, runtime::Stage::plan);
    if (!report.cached && planned) row_order_.run(graph, segment, schedule_);
    if (!report.cached || !cache_.keeps_plans()) {
      planner_.plan_segment(graph, segment, schedule_, compiled_,
                            {options_.layout, options_.keep, options_.hoist}, plan_);
    }
    if (!report.cached && may_cache) cache_.insert(graph, schedule_, plan_);
  }
  report.plan_ns = now_ns() - plan_start;
  if (options_.verify) plan_.verify(graph, compiled_);
  dump("plan", [&] { return plan_.to_string(graph); });
}

std::span<const float> Session::read(graph::Operand operand) const {
  base::check(
      graph_ != nullptr && operand.node < plan_.places.size() && operand.node < graph_->size(),
      "session", "read of a node that has not run");
  const graph::Cell& cell = *network_->type(graph_->type(operand.node)).cell;
  base::check(operand.port < cell.outputs().size(), "session",
              "read of a port that does not exist");
  if (!plan_.is_kept(operand)) {
    throw base::UsageError(
        {.place = "session",
         .what = "read",
         .got = "node " + std::to_string(operand.node) + ", port " + std::to_string(operand.port),
         .expected = "a port that the graph marks, since outputs only are kept",
         .hint = "mark it, or keep everything"});
  }
  return backend_->read(
      plan_.offset(compiled_, operand),
      memory_plan::value_floats(cell.output_rows(operand.port), cell.output_width(operand.port)));
}

void Session::dump(std::string_view stage, const std::function<std::string()>& text) const {
  if (options_.dump && stage == options_.dump_after) options_.dump(stage, text());
}

std::uint64_t Session::now_ns() const {
  return options_.clock == nullptr ? 0 : options_.clock->now_ns();
}

}  // namespace sheaf::engine
