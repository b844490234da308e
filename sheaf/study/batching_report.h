// SPDX-License-Identifier: Apache-2.0
//
// The figures of `sheaf study batching` as text, JSON and a picture.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sheaf/report/bar_chart.h"
#include "sheaf/study/batching.h"

namespace sheaf::study {

// Three tables: batches over the lower bound (figure 9 of ED-Batch), learning (its table 3), means
// by family. Plain text, or Markdown.
[[nodiscard]] std::string batching_text(const std::vector<WorkloadFigures>& workloads,
                                        bool markdown);

[[nodiscard]] nlohmann::ordered_json batching_json(const std::vector<WorkloadFigures>& workloads);

// Batches over the lower bound, a group per workload, a bar per policy.
[[nodiscard]] report::BarChart batching_chart(const std::vector<WorkloadFigures>& workloads);

}  // namespace sheaf::study
