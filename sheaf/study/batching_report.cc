// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/batching_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "sheaf/batching/policy.h"
#include "sheaf/report/table.h"

namespace sheaf::study {
namespace {

std::string workload_name(const WorkloadFigures& workload) {
  return workload.model + " " + std::to_string(workload.batch);
}

// The policies of the workload that has most of them.
std::vector<std::string> policies_of(const std::vector<WorkloadFigures>& workloads) {
  std::vector<std::string> names;
  for (const WorkloadFigures& workload : workloads) {
    if (workload.policies.size() <= names.size()) continue;
    names.clear();
    for (const PolicyFigures& policy : workload.policies) names.push_back(policy.policy);
  }
  return names;
}

const PolicyFigures* find(const WorkloadFigures& workload, const std::string& name) {
  for (const PolicyFigures& policy : workload.policies) {
    if (policy.policy == name) return &policy;
  }
  return nullptr;
}

double over_bound(const WorkloadFigures& workload, const PolicyFigures& policy) {
  return static_cast<double>(policy.batches) /
         static_cast<double>(std::max<std::uint64_t>(workload.lower_bound, 1));
}

std::string to_text(const report::Table& table, bool markdown) {
  return markdown ? table.to_markdown() : table.to_string();
}

report::Table ratio_table(const std::vector<WorkloadFigures>& workloads) {
  report::Table table{{"workload, batch", "bound"}, {}};
  const auto names = policies_of(workloads);
  table.head.insert(table.head.end(), names.begin(), names.end());
  table.head.insert(table.head.end(), {"tightened", "proven", "default/optimum"});
  for (const WorkloadFigures& workload : workloads) {
    std::vector<std::string> row = {workload_name(workload),
                                    report::with_commas(workload.lower_bound)};
    for (const std::string& name : names) {
      const PolicyFigures* policy = find(workload, name);
      row.push_back(policy == nullptr ? "" : fmt::format("{:.3f}", over_bound(workload, *policy)));
    }
    row.push_back(fmt::format("{:.3f}", static_cast<double>(workload.tightened_bound) /
                                            static_cast<double>(workload.lower_bound)));
    const PolicyFigures& mine = *find(workload, std::string(batching::kDefaultPolicy));
    row.push_back(fmt::format("{}/{}", mine.proven, workload.minibatches));
    row.push_back(mine.proven == 0
                      ? ""
                      : fmt::format("{:.3f}", static_cast<double>(mine.batches_proven) /
                                                  static_cast<double>(workload.optimum_proven)));
    table.rows.push_back(std::move(row));
  }
  return table;
}

report::Table time_table(const std::vector<WorkloadFigures>& workloads) {
  report::Table table{{"workload, batch", "nodes"}, {}};
  const auto names = policies_of(workloads);
  table.head.insert(table.head.end(), names.begin(), names.end());
  for (const WorkloadFigures& workload : workloads) {
    std::vector<std::string> row = {workload_name(workload), report::with_commas(workload.nodes)};
    for (const std::string& name : names) {
      const PolicyFigures* policy = find(workload, name);
      row.push_back(policy == nullptr ? "" : fmt::format("{:.0f}", policy->schedule_ns_per_node));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

report::Table learning_table(const std::vector<WorkloadFigures>& workloads) {
  report::Table table{{"model", "machine", "seconds", "trials", "states", "fall-back steps"}, {}};
  std::string last;
  for (const WorkloadFigures& workload : workloads) {
    if (workload.model == last) continue;
    last = workload.model;
    for (const PolicyFigures& policy : workload.policies) {
      if (!policy.policy.starts_with("fsm")) continue;
      std::uint64_t fallback = 0;
      std::uint64_t batches = 0;
      for (const WorkloadFigures& other : workloads) {
        if (other.model != workload.model) continue;
        fallback += find(other, policy.policy)->fallback_steps;
        batches += find(other, policy.policy)->batches;
      }
      table.rows.push_back({workload.model, policy.policy,
                            fmt::format("{:.3f}", policy.learn_ms * 1e-3),
                            std::to_string(policy.trials), std::to_string(policy.states),
                            fmt::format("{:.1f} %", 100.0 * static_cast<double>(fallback) /
                                                        static_cast<double>(batches))});
    }
  }
  return table;
}

report::Table family_table(const std::vector<WorkloadFigures>& workloads) {
  report::Table table{{"family", "default / bound", "best of depth, agenda / default"}, {}};
  for (const FamilyMeans& means : means_by_family(workloads)) {
    table.rows.push_back({means.family, fmt::format("{:.3f}", means.over_bound),
                          fmt::format("{:.2f}", means.saved)});
  }
  return table;
}

}  // namespace

std::string batching_text(const std::vector<WorkloadFigures>& workloads, bool markdown) {
  std::string text = "Batches over the lower bound (ED-Batch, figure 9)\n\n";
  text += to_text(ratio_table(workloads), markdown);
  text +=
      "\nfsm:base, fsm:max, fsm:sort: Q-learning as in the paper, from the first 32 instances; "
      "fsm: sort, with teachers.\ntightened: our lower bound over the paper's. proven: "
      "minibatches whose optimum is known. default: critical.\n\n";
  text += "Scheduling, ns per node\n\n" + to_text(time_table(workloads), markdown);
  text += "\nLearning (ED-Batch, table 3)\n\n" + to_text(learning_table(workloads), markdown);
  text += "\nGeometric means by family\n\n" + to_text(family_table(workloads), markdown);
  text +=
      "\nThe paper's abstract gives 1.15 (chains), 1.39 (trees) and 2.45 (lattices) for "
      "throughput over\ndepth- and agenda-based batching on its machines; here it is batches.\n";
  return text;
}

nlohmann::ordered_json batching_json(const std::vector<WorkloadFigures>& workloads) {
  nlohmann::ordered_json json;
  json["clock"] = "thread CPU time";
  json["workloads"] = nlohmann::ordered_json::array();
  for (const WorkloadFigures& workload : workloads) {
    nlohmann::ordered_json entry = {{"model", workload.model},
                                    {"family", workload.family},
                                    {"data", workload.data},
                                    {"batch", workload.batch},
                                    {"minibatches", workload.minibatches},
                                    {"nodes", workload.nodes},
                                    {"lower_bound", workload.lower_bound},
                                    {"tightened_bound", workload.tightened_bound},
                                    {"optimum_proven", workload.optimum_proven},
                                    {"policies", nlohmann::ordered_json::array()}};
    for (const PolicyFigures& policy : workload.policies) {
      entry["policies"].push_back({{"policy", policy.policy},
                                   {"batches", policy.batches},
                                   {"over_bound", over_bound(workload, policy)},
                                   {"proven", policy.proven},
                                   {"batches_proven", policy.batches_proven},
                                   {"fallback_steps", policy.fallback_steps},
                                   {"schedule_ns_per_node", policy.schedule_ns_per_node},
                                   {"learn_ms", policy.learn_ms},
                                   {"trials", policy.trials},
                                   {"states", policy.states}});
    }
    json["workloads"].push_back(std::move(entry));
  }
  json["families"] = nlohmann::ordered_json::array();
  for (const FamilyMeans& means : means_by_family(workloads)) {
    json["families"].push_back(
        {{"family", means.family}, {"over_bound", means.over_bound}, {"saved", means.saved}});
  }
  return json;
}

report::BarChart batching_chart(const std::vector<WorkloadFigures>& workloads) {
  report::BarChart chart{.title = "Batches over the lower bound, by policy",
                         .y_label = "batches / lower bound",
                         .series = policies_of(workloads),
                         .groups = {},
                         .line = 1,
                         .most = 2.5};
  for (const WorkloadFigures& workload : workloads) {
    report::BarChart::Group group{workload_name(workload), {}};
    for (const std::string& name : chart.series) {
      const PolicyFigures* policy = find(workload, name);
      group.values.push_back(policy == nullptr ? -1 : over_bound(workload, *policy));
    }
    chart.groups.push_back(std::move(group));
  }
  return chart;
}

}  // namespace sheaf::study
