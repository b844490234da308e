// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/optima.h"

#include <algorithm>
#include <span>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/batching/search/state_bound.h"
#include "sheaf/engine/minibatches.h"

namespace sheaf::study {
namespace {

std::vector<std::uint32_t> chosen(const engine::Workload& workload, const OptimaOptions& options) {
  std::vector<std::uint32_t> indices;
  for (std::uint32_t i = 0; i < workload.instances.size(); ++i) {
    if (!options.filter || options.filter(workload.instances[i])) indices.push_back(i);
  }
  std::size_t groups = indices.size() / options.group;
  if (options.most_groups != 0) groups = std::min<std::size_t>(groups, options.most_groups);
  indices.resize(groups * options.group);
  return indices;
}

}  // namespace

double Optima::mean_gap() const {
  const std::uint64_t unproven = groups - proven;
  return unproven == 0
             ? 0
             : static_cast<double>(found_batches - proven_bound) / static_cast<double>(unproven);
}

double Optima::policy_ratio() const {
  return optimal_batches_of_proven == 0 ? 1
                                        : static_cast<double>(policy_batches_of_proven) /
                                              static_cast<double>(optimal_batches_of_proven);
}

Optima find_optima(const engine::Workload& workload, const OptimaOptions& options,
                   const base::Clock& clock) {
  if (options.group == 0) {
    throw base::UsageError(
        {.place = "optima", .what = "instances per group", .got = "0", .expected = "at least 1"});
  }
  const auto optimal = batching::make_policy("optimal", {.search = options.limits});
  const auto policy = batching::make_policy(options.policy, {.search = options.limits});
  const std::vector<std::uint32_t> indices = chosen(workload, options);
  Optima optima;
  graph::Graph graph(workload.model->network());
  batching::Dependencies dependencies;
  batching::Schedule found;
  batching::Schedule compared;
  for (std::size_t first = 0; first < indices.size(); first += options.group) {
    engine::build_graph(*workload.model, workload.instances,
                        std::span(indices).subspan(first, options.group), graph);
    dependencies.build(graph, graph.seal());
    found.clear();
    compared.clear();
    const std::uint64_t begin_ns = clock.now_ns();
    optimal->plan(dependencies, found);
    const auto took_ns = static_cast<double>(clock.now_ns() - begin_ns);
    policy->plan(dependencies, compared);

    ++optima.groups;
    optima.nodes += dependencies.size();
    optima.lower_bound += batching::lower_bound(dependencies);
    optima.tightened_lower_bound += batching::tightened_lower_bound(dependencies);
    optima.proven_bound += found.proven_bound;
    optima.found_batches += found.batches.size();
    optima.policy_batches += compared.batches.size();
    optima.search_ns += took_ns;
    optima.most_search_ns = std::max(optima.most_search_ns, took_ns);
    if (found.proven_bound != found.batches.size()) continue;
    ++optima.proven;
    optima.optimal_batches_of_proven += found.batches.size();
    optima.policy_batches_of_proven += compared.batches.size();
  }
  return optima;
}

}  // namespace sheaf::study
