// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/measure.h"

#include <algorithm>

#include "sheaf/backend/cpu/fma_peak.h"
#include "sheaf/base/error.h"
#include "sheaf/base/stats.h"
#include "sheaf/engine/compile.h"
#include "sheaf/engine/minibatch_stream.h"
#include "sheaf/engine/minibatches.h"

namespace sheaf::study {
namespace {

// Times of one round over all minibatches, in ns.
struct Round {
  double construct = 0;
  double schedule = 0;
  double plan = 0;
  double execute = 0;
  double read = 0;
  [[nodiscard]] double total() const { return construct + schedule + plan + execute + read; }
};

// The FMA peak is sampled after the minibatch with which so much time has gone by.
constexpr double kSampleEveryNs = 10.0 * backend::cpu::FmaPeakInRun::kSampleNs;

// One contestant's session and what it has measured so far.
class Lane {
 public:
  Lane(const engine::Workload& workload, const Contestant& contestant,
       const MeasureOptions& options, const base::Clock& clock, base::ThreadPool* pool)
      : workload_(workload),
        clock_(clock),
        threads_(options.threads),
        peak_(backend::cpu::choose_kernels(options.isa), clock),
        graph_(workload.model->network()) {
    result_.policy = contestant.policy;
    result_.instances = workload.instances.size();
    result_.learn_ms = contestant.learn_ms;
    result_.teacher = contestant.teacher;
    if (contestant.parts.fsm) result_.policy_states = contestant.parts.fsm->states.size();
    session_ = engine::compile(workload.model->network(), {.policy = contestant.policy,
                                                           .parts = contestant.parts,
                                                           .layout = options.layout,
                                                           .keep = memory_plan::Keep::outputs,
                                                           .hoist = options.hoist,
                                                           .isa = options.isa,
                                                           .pool = pool,
                                                           .cache_bytes = options.cache_bytes,
                                                           .clock = &clock,
                                                           .dump_after = {},
                                                           .dump = {}});
  }

  // Outputs of the first minibatch, as a digest.
  std::string first_digest(const engine::Order& order) {
    engine::Order first{{order.minibatch(0).begin(), order.minibatch(0).end()}, order.batch};
    return engine::digest_of(
        engine::run_all(*workload_.model, workload_.instances, first, *session_));
  }

  void round(const engine::Order& order, bool count) {
    Round round;
    reset_counts();
    session_->forget_schedules();
    for (std::size_t m = 0; m < order.minibatches(); ++m) minibatch(order.minibatch(m), round);
    result_.cache_lookups = session_->cache().lookups();
    result_.cache_hits = session_->cache().hits();
    if (count) rounds_.push_back(round);
  }

  Measured finish(double peak_at_rest) {
    const auto median_of = [&](auto part) {
      std::vector<double> samples;
      for (const Round& round : rounds_) samples.push_back(part(round));
      return base::median(samples);
    };
    const double nodes = std::max(1.0, static_cast<double>(result_.nodes));
    const double instances = static_cast<double>(result_.instances);
    std::vector<double> rates;
    for (const Round& round : rounds_) rates.push_back(instances / round.total() * 1e9);
    result_.instances_per_s = base::median(rates);
    result_.instances_per_s_p10 = base::quantile(rates, 0.1);
    result_.instances_per_s_p90 = base::quantile(rates, 0.9);
    result_.construct_ns_per_node = median_of([](const Round& r) { return r.construct; }) / nodes;
    result_.schedule_ns_per_node = median_of([](const Round& r) { return r.schedule; }) / nodes;
    result_.plan_ns_per_node = median_of([](const Round& r) { return r.plan; }) / nodes;
    result_.execute_ms = median_of([](const Round& r) { return r.execute; }) * 1e-6;
    result_.read_ms = median_of([](const Round& r) { return r.read; }) * 1e-6;
    result_.flops = flops_ / std::max(1.0, instances);
    result_.dense_flops = dense_flops_ / std::max(1.0, instances);
    result_.fma_peak_gflops = peak_.gflops();
    result_.fma_peak_at_rest_gflops = peak_at_rest;
    result_.percent_of_fma_peak =
        100 * result_.flops * result_.instances_per_s / (threads_ * result_.fma_peak_gflops * 1e9);
    return result_;
  }

  // Runs the minibatches once more, recorded.
  void trace(const engine::Order& order, const base::Clock& clock) {
    auto profile = std::make_shared<runtime::Profile>(workload_.model->network(), clock);
    engine::run_minibatches(*workload_.model, workload_.instances, order, *session_,
                            {.profile = profile.get()},
                            [](std::uint32_t, const engine::InstanceOutputs&) {});
    result_.profile = std::move(profile);
  }

  // The lower bound of the same minibatches, not part of any timing.
  void add_lower_bound(const engine::Order& order) {
    batching::Dependencies dependencies;
    for (std::size_t m = 0; m < order.minibatches(); ++m) {
      engine::build_graph(*workload_.model, workload_.instances, order.minibatch(m), graph_);
      dependencies.build(graph_, graph_.seal());
      result_.lower_bound += batching::lower_bound(dependencies);
    }
  }

 private:
  void reset_counts() {
    result_.nodes = 0;
    result_.batches = 0;
    result_.copied_bytes = 0;
    result_.fallback_steps = 0;
    flops_ = dense_flops_ = 0;
  }

  void minibatch(std::span<const std::uint32_t> indices, Round& round) {
    const auto start = static_cast<double>(clock_.now_ns());
    engine::build_graph(*workload_.model, workload_.instances, indices, graph_);
    const auto built = static_cast<double>(clock_.now_ns());
    session_->begin();
    const engine::StepReport report = session_->step(graph_);
    const auto ran = static_cast<double>(clock_.now_ns());
    read_outputs();
    const auto read = static_cast<double>(clock_.now_ns());
    round.read += read - ran;
    since_sample_ += read - start;
    if (since_sample_ > kSampleEveryNs) {
      peak_.sample();
      since_sample_ = 0;
    }
    round.construct += built - start + static_cast<double>(report.verify_ns);
    round.schedule += static_cast<double>(report.schedule_ns);
    round.plan += static_cast<double>(report.plan_ns);
    // The step's remainder, a few microseconds, is counted as execution.
    round.execute +=
        ran - built - static_cast<double>(report.verify_ns + report.schedule_ns + report.plan_ns);
    result_.nodes += report.nodes;
    result_.batches += report.batches;
    result_.copied_bytes += report.copied_bytes;
    result_.fallback_steps += report.fallback_steps;
    result_.arena_bytes = std::max(result_.arena_bytes, report.arena_bytes);
    result_.live_bytes = std::max(result_.live_bytes, report.live_bytes);
    flops_ += static_cast<double>(graph_.encoded_flops(graph_.segments().back()));
    dense_flops_ += static_cast<double>(graph_.flops(graph_.segments().back()));
  }

  // What a user does with a minibatch: takes every output row, and decodes.
  void read_outputs() {
    for (const graph::Operand& operand : graph_.outputs()) checksum_ += session_->read(operand)[0];
    rows_.clear();
    std::uint32_t instance = 0;
    const auto flush = [&] {
      if (!rows_.empty()) labels_ += workload_.model->decode(rows_).size();
      rows_.clear();
    };
    for (const graph::Operand& operand : graph_.decoded()) {
      if (graph_.instance(operand.node) != instance) flush();
      instance = graph_.instance(operand.node);
      rows_.push_back(session_->read(operand));
    }
    flush();
  }

  const engine::Workload& workload_;
  const base::Clock& clock_;
  double threads_;
  backend::cpu::FmaPeakInRun peak_;
  graph::Graph graph_;
  std::unique_ptr<engine::Session> session_;
  std::vector<Round> rounds_;
  std::vector<std::span<const float>> rows_;
  Measured result_;
  double flops_ = 0;
  double since_sample_ = kSampleEveryNs;
  double dense_flops_ = 0;
  double checksum_ = 0;  // so that no read is optimised away
  std::size_t labels_ = 0;
};

}  // namespace

Contestant TimedLearning::contestant() const {
  return {.policy = "fsm",
          .parts = {.fsm = std::make_shared<const batching::FsmTable>(learned.table)},
          .learn_ms = ms,
          .teacher = learned.teacher};
}

TimedLearning learn(const engine::Workload& workload, std::uint32_t instances,
                    const batching::QLearningOptions& options, const batching::FsmTable* start) {
  const base::ThreadCpuClock clock;
  const std::uint64_t began = clock.now_ns();
  TimedLearning timed{
      engine::learn_policy(*workload.model, workload.instances, instances, options, start)};
  timed.ms = static_cast<double>(clock.now_ns() - began) * 1e-6;
  return timed;
}

std::vector<Measured> measure(const engine::Workload& workload,
                              std::span<const Contestant> contestants,
                              const MeasureOptions& options) {
  if (workload.instances.empty()) {
    throw base::DataError({.place = "--data", .what = "no instances", .got = "an empty file"});
  }
  const base::ThreadCpuClock cpu_clock;
  const base::WallClock wall_clock;
  const bool alone = options.threads == 1;
  const base::Clock& clock = alone ? static_cast<const base::Clock&>(cpu_clock) : wall_clock;
  base::ThreadPool pool(options.threads);
  const auto& kernels = backend::cpu::choose_kernels(options.isa);
  const engine::Order order =
      engine::make_order(workload.instances.size(), options.batch, options.shuffle);
  std::vector<std::unique_ptr<Lane>> lanes;
  std::string digest;
  for (const Contestant& contestant : contestants) {
    lanes.push_back(
        std::make_unique<Lane>(workload, contestant, options, clock, alone ? nullptr : &pool));
    const std::string mine = lanes.back()->first_digest(order);
    if (digest.empty()) digest = mine;
    base::check(mine == digest, "bench", "two policies gave different outputs");
  }
  std::vector<double> peaks;
  for (std::uint32_t round = 0; round < options.repeat + 1; ++round) {
    peaks.push_back(backend::cpu::fma_peak_gflops(kernels, clock));
    for (auto& lane : lanes) lane->round(order, round > 0);  // the first warms up
    if (options.progress) options.progress(round + 1);
  }
  std::vector<Measured> results;
  for (auto& lane : lanes) {
    lane->add_lower_bound(order);
    if (options.trace_clock != nullptr) lane->trace(order, *options.trace_clock);
    results.push_back(lane->finish(base::median(peaks)));
    results.back().isa = kernels.name;
  }
  return results;
}

}  // namespace sheaf::study
