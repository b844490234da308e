// SPDX-License-Identifier: Apache-2.0
//
// How long one instance takes by itself, from its construction to the outputs that it gives.
//
//   sheaf_latency MODEL DATA HIDDEN [ROUNDS [POLICY]]
//
// Every instance is a minibatch. Wall time, microseconds; the first tenth of the rounds warms up.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "sheaf/base/clock.h"
#include "sheaf/base/error.h"
#include "sheaf/base/stats.h"
#include "sheaf/engine/compile.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/engine/workload.h"

namespace {

using namespace sheaf;

std::uint32_t number(const char* text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
  if (error != std::errc{} || *end != '\0') {
    throw base::UsageError({.place = "sheaf_latency",
                            .what = "a number",
                            .got = "'" + std::string(text) + "'",
                            .expected = "a whole number"});
  }
  return value;
}

class Latency {
 public:
  Latency(const engine::Workload& workload, const std::string& policy)
      : workload_(workload), graph_(workload.model->network()) {
    engine::Options options;
    options.policy = policy;
    options.keep = memory_plan::Keep::outputs;
    options.clock = &clock_;
    session_ = engine::compile(workload.model->network(), options);
  }

  void run(std::uint32_t instance, bool count) {
    const std::uint64_t start = clock_.now_ns();
    engine::build_graph(*workload_.model, workload_.instances, {&instance, 1}, graph_);
    const std::uint64_t built = clock_.now_ns();
    session_->begin();
    const engine::StepReport report = session_->step(graph_);
    for (const graph::Operand& output : graph_.outputs()) sum_ += session_->read(output)[0];
    const std::uint64_t end = clock_.now_ns();
    if (!count) return;
    all_.push_back(us(end - start));
    construct_.push_back(us(built - start + report.verify_ns));
    schedule_.push_back(us(report.schedule_ns));
    plan_.push_back(us(report.plan_ns));
    execute_.push_back(us(report.execute_ns));
    nodes_ += report.nodes;
  }

  void print() const {
    fmt::print("{} runs, {:.1f} nodes each: p50 {:.2f} us, p90 {:.2f} us, p99 {:.2f} us\n",
               all_.size(), static_cast<double>(nodes_) / static_cast<double>(all_.size()),
               base::median(all_), base::quantile(all_, 0.9), base::quantile(all_, 0.99));
    fmt::print("p50 of construct {:.2f}, schedule {:.2f}, plan {:.2f}, execute {:.2f} us\n",
               base::median(construct_), base::median(schedule_), base::median(plan_),
               base::median(execute_));
  }

 private:
  static double us(std::uint64_t ns) { return static_cast<double>(ns) * 1e-3; }

  const engine::Workload& workload_;
  base::WallClock clock_;
  graph::Graph graph_;
  std::unique_ptr<engine::Session> session_;
  std::vector<double> all_, construct_, schedule_, plan_, execute_;
  std::uint64_t nodes_ = 0;
  float sum_ = 0;  // so that no read is left out
};

void run(std::span<char*> args) {
  const engine::Workload workload =
      engine::open_workload({.model = args[1], .data = args[2], .hidden = number(args[3])});
  const std::uint32_t rounds = args.size() > 4 ? std::max(1U, number(args[4])) : 100;
  Latency latency(workload, args.size() > 5 ? args[5] : std::string(batching::kDefaultPolicy));
  const auto instances = static_cast<std::uint32_t>(workload.instances.size());
  const std::uint32_t warm_up = rounds / 10 + 1;
  for (std::uint32_t round = 0; round < warm_up + rounds; ++round) {
    for (std::uint32_t i = 0; i < instances; ++i) latency.run(i, round >= warm_up);
  }
  latency.print();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: sheaf_latency MODEL DATA HIDDEN [ROUNDS [POLICY]]\n");
    return 2;
  }
  try {
    run(std::span(argv, static_cast<std::size_t>(argc)));
  } catch (const std::exception& error) {
    fmt::print(stderr, "sheaf_latency: {}\n", error.what());
    return 2;
  }
  return 0;
}
