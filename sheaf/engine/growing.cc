// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/growing.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::engine {
namespace {

// Nodes that nobody waits for.
constexpr std::uint32_t kMostIdleNodes = 1U << 16U;

// In front of a frame; keeps it aligned.
struct alignas(std::max_align_t) FrameHead {
  FramePool* pool;
};

void require_sense(const GrowingOptions& options) {
  if (options.most_alive > 0 && options.refill <= options.most_alive) return;
  const bool none = options.most_alive == 0;
  throw base::UsageError(
      {.place = "growing",
       .what = none ? "instances alive" : "free places before more begin",
       .got = std::to_string(none ? 0 : options.refill),
       .expected = none ? "1 or more"
                        : "at most the " + std::to_string(options.most_alive) + " that there are"});
}

Options keeping_everything(Options options) {
  options.keep = memory_plan::Keep::everything;
  return options;
}

}  // namespace

bool AwaitedValues::await_ready() const noexcept { return growing_.has_run(operand_.node); }

std::span<const float> AwaitedValues::await_resume() const { return growing_.read(operand_); }

FramePool& Growth::promise_type::pool_of(Growing& growing) noexcept { return growing.frames(); }

void* Growth::promise_type::take_frame(std::size_t bytes, FramePool& pool) {
  auto* head = static_cast<FrameHead*>(pool.take(bytes + sizeof(FrameHead)));
  return std::construct_at(head, FrameHead{&pool}) + 1;
}

void Growth::promise_type::give_frame_back(void* frame, std::size_t bytes) noexcept {
  FrameHead* head = static_cast<FrameHead*>(frame) - 1;
  head->pool->give_back(head, bytes + sizeof(FrameHead));
}

Growing::Growing(const graph::Network& network, GrowingOptions options, Options session)
    : options_(options), graph_(network) {
  require_sense(options_);
  if (options_.refill == 0) options_.refill = (options_.most_alive + 1) / 2;
  session_ = compile(network, keeping_everything(std::move(session)));
}

AwaitedValues Growing::values(graph::Operand operand) const {
  base::check(operand.node < graph_.size(), "growing", "a node that is not there is waited for");
  return {*this, operand};
}

std::span<const float> Growing::read(graph::Operand operand) const {
  const std::span<const float> value = session_->read(operand);
  const graph::Cell& cell = *graph_.network().type(graph_.type(operand.node)).cell;
  base::check(cell.output_rows(operand.port) == 1, "growing", "a matrix is read as a row");
  return value.first(cell.output_width(operand.port));
}

GrowingReport Growing::run(std::uint32_t count, const Start& start) {
  base::check(!running_, "growing", "a run within a run");
  running_ = true;
  next_ = 0;
  GrowingReport report{.calls = std::vector<std::uint64_t>(graph_.network().type_count(), 0)};
  try {
    while (next_ < count || !alive_.empty()) {
      begin_instances(count, start, report);
      if (alive_.empty()) continue;
      step(report);
      resume_all();
      if (alive_.empty()) {
        clear();
        ++report.clears;
      }
    }
  } catch (...) {
    forget_all();
    throw;
  }
  forget_all();
  report.instances = count;
  return report;
}

void Growing::begin_instances(std::uint32_t count, const Start& start, GrowingReport& report) {
  const bool room = alive_.size() + options_.refill <= options_.most_alive;
  if (!alive_.empty() && (!room || bytes_ > options_.most_bytes)) return;
  while (next_ < count && alive_.size() < options_.most_alive) {
    Alive instance{next_, start(next_)};
    ++next_;
    graph_.begin_instance(instance.index);
    instance.growth.resume();
    if (!instance.growth.done()) alive_.push_back(std::move(instance));
    // What instances have added and not waited for runs with the next step; where there is none,
    // it may not grow without bound.
    if (alive_.empty() && graph_.size() - done_ > kMostIdleNodes) clear();
  }
  report.most_alive = std::max(report.most_alive, static_cast<std::uint32_t>(alive_.size()));
}

void Growing::step(GrowingReport& report) {
  const graph::NodeId begin = done_;
  const StepReport done = session_->step(graph_);
  done_ = graph_.size();
  bytes_ = done.arena_bytes;
  ++report.steps;
  report.batches += done.batches;
  report.most_bytes = std::max(report.most_bytes, bytes_);
  for (const graph::TypeId type : graph_.types().subspan(begin)) ++report.calls[type];
}

// Who waits has what it waits for: all that was added has run.
void Growing::resume_all() {
  for (const Alive& instance : alive_) {
    graph_.begin_instance(instance.index);
    instance.growth.resume();
  }
  std::erase_if(alive_, [](const Alive& instance) { return instance.growth.done(); });
}

void Growing::clear() {
  session_->begin();
  graph_.clear();
  done_ = 0;
  bytes_ = 0;
}

void Growing::forget_all() noexcept {
  alive_.clear();
  clear();
  running_ = false;
}

}  // namespace sheaf::engine
