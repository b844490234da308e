// SPDX-License-Identifier: Apache-2.0
//
// compile(model) -> Session, once; Session::step(graph) -> values, per minibatch.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sheaf/base/clock.h"
#include "sheaf/base/thread_pool.h"
#include "sheaf/batching/policy.h"
#include "sheaf/engine/schedule_cache.h"
#include "sheaf/graph/verifier.h"
#include "sheaf/memory_plan/plan.h"
#include "sheaf/memory_plan/row_order.h"
#include "sheaf/runtime/backend.h"
#include "sheaf/runtime/integer_products.h"
#include "sheaf/runtime/profile.h"

namespace sheaf::engine {

// Names of the stages, in the order in which they run; `dump_after` takes one.
[[nodiscard]] std::span<const std::string> stage_names();

// Enough for some tens of thousands of small graphs.
inline constexpr std::size_t kCacheBytes = std::size_t{64} << 20U;

struct Options {
  std::string policy{batching::kDefaultPolicy};
  batching::PolicyParts parts;
  memory_plan::LayoutMode layout = memory_plan::LayoutMode::planned;
  // Which results can be read, and how much memory they take. A graph grows only where everything
  // is kept.
  memory_plan::Keep keep = memory_plan::Keep::everything;
  // Whether what cells compute from payloads alone runs for many batches at once.
  memory_plan::Hoist hoist = memory_plan::Hoist::automatic;
  std::string isa = "auto";

  // Threads that share the batches with the caller of step(); null: none. What is computed does not
  // depend on it. Must outlive the session.
  base::ThreadPool* pool = nullptr;

  // What multiplies matrices of integers, in networks that have such products
  // (docs/quantised.md); null: the kernels of `isa`. For one session; must outlive it.
  runtime::IntegerProducts* integer_products = nullptr;

  // Makes the backend; null: the CPU's, with the kernels of `isa`.
  std::function<std::unique_ptr<runtime::Backend>()> make_backend;

  // What schedules and plans of first segments may take in memory, to be used again by graphs of
  // the same topology (schedule_cache.h); 0: none are kept. Later segments of a graph that grows
  // are always planned anew: they depend on those before them.
  std::size_t cache_bytes = 0;

  // Where stage times come from; null: none are taken. Must outlive the session.
  const base::Clock* clock = nullptr;

  // Called with a stage's result as text when that stage has run and is the one named.
  std::string dump_after;
  std::function<void(std::string_view stage, std::string_view text)> dump;

  // Check schedule and plan as they are made. On in debug builds. Graphs are always checked.
#ifdef NDEBUG
  bool verify = false;
#else
  bool verify = true;
#endif
};

// What one step did.
struct StepReport {
  std::uint32_t nodes = 0;
  std::uint32_t batches = 0;
  std::uint32_t fallback_steps = 0;  // steps in which an FSM did not know the state
  bool cached = false;               // schedule and plan were those of a graph before
  std::uint64_t copied_bytes = 0;    // written by gathers and sums
  std::uint64_t arena_bytes = 0;     // that the whole graph's results take
  std::uint64_t live_bytes = 0;      // the most that are needed at once: no arena can be smaller
  std::uint64_t verify_ns = 0;       // checking the graph
  std::uint64_t schedule_ns = 0;
  std::uint64_t plan_ns = 0;
  std::uint64_t execute_ns = 0;
};

// Runs graphs of one network. Keeps the results of a graph until another one is begun. For one
// thread.
class Session {
 public:
  // Lowers all cells, packs all weights. `network` must outlive the session. Throws UsageError for
  // unknown names, UnsupportedError when the backend cannot run a cell.
  Session(const graph::Network& network, Options options);

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Forgets the results of the graph before. To be called when a graph is new or was cleared.
  void begin();

  // Runs what was added to `graph` since the last step, with the weights as they are now. Throws
  // UsageError for a graph that is not this session's, InternalError for one whose operands do not
  // fit (Graph::verify). After a throw of another kind than the first begin() has been called.
  // Where everything is kept, earlier segments' results may be read by it and stay readable; else
  // UsageError for a graph that has grown.
  StepReport step(graph::Graph& graph);

  // A result of the graph that was stepped. Throws UsageError for one that is not kept. Valid until
  // the next step() or begin(). Of a matrix: its columns, each tensor::padded(width) floats after
  // the one before. A matrix that a cell looks up and only hands on lies in its table, and changes
  // with it.
  [[nodiscard]] std::span<const float> read(graph::Operand operand) const;

  [[nodiscard]] const memory_plan::CompiledNetwork& compiled() const { return compiled_; }
  [[nodiscard]] const batching::Schedule& schedule() const { return schedule_; }
  [[nodiscard]] const memory_plan::MemoryPlan& plan() const { return plan_; }
  [[nodiscard]] const ScheduleCache& cache() const { return cache_; }
  // Where the values lie, for those who work on them (gradients.h).
  [[nodiscard]] runtime::Backend& backend() { return *backend_; }

  // Records the stages and batches of steps from now on; null: no longer. `profile` is of this
  // session's network and must outlive the recording.
  void record(runtime::Profile* profile) {
    profile_ = profile;
    backend_->record_steps(profile != nullptr && profile->times_steps() ? profile : nullptr);
  }

  // Empties the cache of schedules, and sets its counts to 0.
  void forget_schedules() { cache_.clear(); }

 private:
  void require_graph(const graph::Graph& graph) const;
  StepReport run_segment(graph::Graph& graph);
  // Stages 4 and 5.
  void plan_segment(const graph::Graph& graph, graph::Segment segment, StepReport& report);
  // Packs the weights whose version has changed.
  void refresh_weights();
  void dump(std::string_view stage, const std::function<std::string()>& text) const;
  [[nodiscard]] std::uint64_t now_ns() const;

  const graph::Network* network_;
  Options options_;
  std::unique_ptr<batching::Policy> policy_;
  graph::Verifier verifier_;
  memory_plan::CompiledNetwork compiled_;
  std::unique_ptr<runtime::Backend> backend_;
  ScheduleCache cache_{0};
  batching::Dependencies dependencies_;
  batching::Workspace workspace_;
  batching::Schedule schedule_;
  memory_plan::RowOrder row_order_;
  memory_plan::Planner planner_;
  memory_plan::MemoryPlan plan_;
  const graph::Graph* graph_ = nullptr;
  runtime::Profile* profile_ = nullptr;
  std::uint64_t packed_changes_ = 0;  // of the parameters, when they were packed
};

// Compiles a network for sessions of its graphs.
[[nodiscard]] std::unique_ptr<Session> compile(const graph::Network& network, Options options = {});

}  // namespace sheaf::engine
