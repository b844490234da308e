// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/batching.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "sheaf/base/clock.h"
#include "sheaf/batching/policy.h"
#include "sheaf/batching/search/state_bound.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/io/random_data.h"
#include "sheaf/study/measure.h"
#include "sheaf/study/workloads.h"

namespace sheaf::study {
namespace {

using batching::Dependencies;
using batching::Schedule;

// Two numbers are enough: nothing is computed with the weights.
constexpr std::uint32_t kHidden = 2;

struct Entrant {
  Contestant contestant;
  std::string label;
  std::uint32_t trials = 0;
};

// The machines as the paper learns them, then what Sheaf makes of the best, then what needs no
// learning.
std::vector<Entrant> make_entrants(const engine::Workload& workload,
                                   const BatchingOptions& options) {
  std::vector<Entrant> entrants;
  const auto learned = [&](batching::QLearningOptions how, std::string label) {
    how.seed = options.seed;
    const TimedLearning timed = learn(workload, engine::kLearningInstances, how);
    entrants.push_back({timed.contestant(), std::move(label), timed.learned.trials});
  };
  for (const auto encoding : {batching::StateEncoding::base, batching::StateEncoding::max,
                              batching::StateEncoding::sort}) {
    learned({.encoding = encoding, .teachers = {}}, "fsm:" + std::string(name(encoding)));
  }
  learned({}, "fsm");
  for (const char* policy : {"depth", "agenda", "sufficient", "critical", "beam", "optimal"}) {
    entrants.push_back({{.policy = policy, .parts = {.search = options.search}}, policy});
  }
  return entrants;
}

class Study {
 public:
  Study(const engine::Workload& workload, const BatchingOptions& options)
      : workload_(workload), options_(options), entrants_(make_entrants(workload, options)) {}

  WorkloadFigures run(std::uint32_t batch) {
    figures_ = {};
    figures_.batch = batch;
    policies_.clear();
    const bool exactly = batch < options_.optimal_below;
    for (const Entrant& entrant : entrants_) {
      if (entrant.label == "optimal" && !exactly) continue;
      policies_.push_back(
          batching::make_policy(entrant.contestant.policy, entrant.contestant.parts));
      PolicyFigures figures{.policy = entrant.label};
      figures.learn_ms = entrant.contestant.learn_ms;
      figures.trials = entrant.trials;
      if (entrant.contestant.parts.fsm) {
        figures.states = entrant.contestant.parts.fsm->states.size();
      }
      figures_.policies.push_back(std::move(figures));
    }
    const auto order = engine::make_order(workload_.instances.size(), batch, {});
    const std::size_t whole = std::max<std::size_t>(workload_.instances.size() / batch, 1);
    const std::size_t count = std::min<std::size_t>(options_.minibatches, whole);
    for (std::size_t m = 0; m < count; ++m) minibatch(order.minibatch(m));
    for (PolicyFigures& figures : figures_.policies) {
      figures.schedule_ns_per_node /= std::max(1.0, static_cast<double>(figures_.nodes));
    }
    return std::move(figures_);
  }

 private:
  void minibatch(std::span<const std::uint32_t> indices) {
    graph::Graph graph(workload_.model->network());
    engine::build_graph(*workload_.model, workload_.instances, indices, graph);
    const graph::Segment segment = graph.seal();
    Dependencies dependencies;
    dependencies.build(graph, segment);
    ++figures_.minibatches;
    figures_.nodes += segment.size();
    const std::uint32_t bound = batching::lower_bound(dependencies);
    figures_.lower_bound += bound;
    figures_.tightened_bound += batching::tightened_lower_bound(dependencies);

    std::vector<Schedule> schedules(policies_.size());
    std::size_t optimum = 0;  // 0: not known
    for (std::size_t p = 0; p < policies_.size(); ++p) {
      figures_.policies[p].schedule_ns_per_node += timed_plan(p, graph, segment, schedules[p]);
      const std::size_t batches = schedules[p].batches.size();
      if (batches == bound || batches == schedules[p].proven_bound) optimum = batches;
    }
    if (optimum != 0) figures_.optimum_proven += optimum;
    for (std::size_t p = 0; p < policies_.size(); ++p) {
      PolicyFigures& figures = figures_.policies[p];
      figures.batches += schedules[p].batches.size();
      figures.fallback_steps += schedules[p].fallback_steps;
      if (optimum == 0) continue;
      ++figures.proven;
      figures.batches_proven += schedules[p].batches.size();
    }
  }

  // Dependencies and plan, in ns: what a session does between graph and schedule.
  double timed_plan(std::size_t policy, const graph::Graph& graph, graph::Segment segment,
                    Schedule& schedule) {
    const bool searches =
        policies_[policy]->name() == "beam" || policies_[policy]->name() == "optimal";
    double least = 0;
    for (int turn = 0; turn < (searches ? 1 : 2); ++turn) {
      schedule.clear();
      const std::uint64_t start = clock_.now_ns();
      dependencies_.build(graph, segment);
      policies_[policy]->plan(dependencies_, schedule);
      const auto ns = static_cast<double>(clock_.now_ns() - start);
      least = turn == 0 ? ns : std::min(least, ns);
    }
    return least;
  }

  const engine::Workload& workload_;
  const BatchingOptions& options_;
  std::vector<Entrant> entrants_;
  std::vector<std::unique_ptr<batching::Policy>> policies_;
  WorkloadFigures figures_;
  Dependencies dependencies_;
  const base::ThreadCpuClock clock_;
};

}  // namespace

std::vector<WorkloadFigures> study_batching(const BatchingOptions& options) {
  std::vector<WorkloadFigures> all;
  for (const StudyWorkload& which : study_workloads(options.models, options.data_dir)) {
    engine::WorkloadOptions how = which.options;
    how.hidden = kHidden;
    how.seed = options.seed;
    if (io::is_random_data(how.data)) how.data += ",seed=" + std::to_string(options.seed);
    const engine::Workload workload = engine::open_workload(how);
    Study study(workload, options);
    for (const std::uint32_t batch : options.batches) {
      if (options.progress) options.progress(how.model + ", batch " + std::to_string(batch));
      WorkloadFigures figures = study.run(batch);
      figures.model = how.model;
      figures.family = which.family;
      figures.data = how.data;
      all.push_back(std::move(figures));
    }
  }
  return all;
}

std::vector<FamilyMeans> means_by_family(const std::vector<WorkloadFigures>& workloads) {
  std::vector<FamilyMeans> means;
  for (const char* family : {"chain", "tree", "lattice", "graph"}) {
    double over_bound = 0;
    double saved = 0;
    int count = 0;
    for (const WorkloadFigures& workload : workloads) {
      if (workload.family != family) continue;
      const auto batches = [&](std::string_view policy) {
        const auto it = std::find_if(workload.policies.begin(), workload.policies.end(),
                                     [&](const auto& p) { return p.policy == policy; });
        return static_cast<double>(it->batches);
      };
      const double mine = batches(batching::kDefaultPolicy);
      over_bound += std::log(mine / static_cast<double>(workload.lower_bound));
      saved += std::log(std::min(batches("depth"), batches("agenda")) / mine);
      ++count;
    }
    if (count == 0) continue;
    means.push_back({family, std::exp(over_bound / count), std::exp(saved / count)});
  }
  return means;
}

}  // namespace sheaf::study
