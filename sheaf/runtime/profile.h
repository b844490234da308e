// SPDX-License-Identifier: Apache-2.0
//
// What ran when: a slice per stage of a minibatch and per batch. Who is given no profile compares a
// pointer with null, once per stage and batch, and does nothing else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/base/clock.h"
#include "sheaf/memory_plan/memory_plan.h"

namespace sheaf::runtime {

// In the order in which they run; a minibatch holds the others.
enum class Stage : std::uint8_t { minibatch, construct, schedule, plan, execute, read };

inline constexpr std::size_t kStages = 6;

[[nodiscard]] std::string_view name(Stage stage);

struct StageSlice {
  Stage stage;
  bool ahead;  // in the helper's thread, while the minibatch before ran
  std::uint32_t minibatch;
  std::uint64_t begin_ns;
  std::uint64_t end_ns;
};

struct BatchSlice {
  graph::TypeId type;
  std::uint32_t rows;
  std::uint32_t ready_nodes;     // when it began, its own among them
  std::uint64_t gathered_bytes;  // written by gathers and sums
  std::uint64_t live_bytes;      // results that it or a later batch reads or that are kept, its own
                                 // among them, padding included
  std::uint64_t begin_ns;
  std::uint64_t end_ns;
};

// What the steps of the batches of one type took, in all. What is read in place takes no gather; a
// head, like any type, is told by its name.
struct StepTimes {
  std::uint64_t gather_ns = 0;   // gathers and sums of operands, look-ups
  std::uint64_t product_ns = 0;  // products, and those of a matrix and a vector
  std::uint64_t region_ns = 0;   // element-wise and row ops

  [[nodiscard]] std::uint64_t total_ns() const { return gather_ns + product_ns + region_ns; }
};

// Records slices of one network's sessions, for one thread. Beyond `most` slices it counts only.
class Profile {
 public:
  // Some 50 MB: two minutes of batches that take 100 us.
  static constexpr std::size_t kMostSlices = std::size_t{1} << 20U;

  // `network` and `clock` must outlive the profile.
  Profile(const graph::Network& network, const base::Clock& clock, std::size_t most = kMostSlices)
      : network_(&network), clock_(&clock), most_(most) {}

  [[nodiscard]] std::uint64_t now_ns() const { return clock_->now_ns(); }

  // What is recorded from now on belongs to minibatch `index`.
  void begin_minibatch(std::uint32_t index) { minibatch_ = index; }
  void add_stage(Stage stage, std::uint64_t begin_ns, std::uint64_t end_ns, bool ahead = false);

  // Before the batches of a segment: counts ready nodes and live bytes for each of them. Takes time
  // linear in nodes and operands, of all segments so far.
  void begin_batches(const graph::Graph& graph, const memory_plan::CompiledNetwork& compiled,
                     const memory_plan::MemoryPlan& plan, std::size_t first_batch);
  // Batch `index` of the plan has run.
  void add_batch(const memory_plan::MemoryPlan& plan, std::size_t index, std::uint64_t begin_ns,
                 std::uint64_t end_ns);

  // From now on the steps within batches are timed as well, by backends that can: some 50 ns each.
  void time_steps() { steps_.assign(network_->type_count(), {}); }
  [[nodiscard]] bool times_steps() const { return !steps_.empty(); }
  [[nodiscard]] StepTimes& steps(graph::TypeId type) { return steps_[type]; }
  // By type; empty where steps are not timed.
  [[nodiscard]] std::span<const StepTimes> steps() const { return steps_; }

  [[nodiscard]] const graph::Network& network() const { return *network_; }
  [[nodiscard]] std::span<const StageSlice> stages() const { return stages_; }
  [[nodiscard]] std::span<const BatchSlice> batches() const { return batches_; }
  // Slices that there was no room for.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  [[nodiscard]] bool take_room();
  [[nodiscard]] std::uint64_t gathered_bytes(const memory_plan::MemoryPlan& plan,
                                             const memory_plan::BatchPlan& batch) const;

  const graph::Network* network_;
  const base::Clock* clock_;
  std::size_t most_;
  std::uint32_t minibatch_ = 0;
  std::uint64_t dropped_ = 0;
  std::vector<StageSlice> stages_;
  std::vector<BatchSlice> batches_;
  std::vector<StepTimes> steps_;
  // By batch of the segment that runs: what the batch adds to the count before it.
  std::size_t first_batch_ = 0;
  std::vector<std::int64_t> ready_;
  std::vector<std::int64_t> live_;
};

// Records a stage from its making to its end; nothing where there is no profile.
class StageTimer {
 public:
  StageTimer(Profile* profile, Stage stage)
      : profile_(profile), stage_(stage), begin_ns_(profile == nullptr ? 0 : profile->now_ns()) {}
  ~StageTimer() {
    if (profile_ != nullptr) profile_->add_stage(stage_, begin_ns_, profile_->now_ns());
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  Profile* profile_;
  Stage stage_;
  std::uint64_t begin_ns_;
};

}  // namespace sheaf::runtime
