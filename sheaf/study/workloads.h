// SPDX-License-Identifier: Apache-2.0
//
// The workloads that studies run when they are not told otherwise.
#pragma once

#include <string>
#include <vector>

#include "sheaf/engine/workload.h"

namespace sheaf::study {

struct StudyWorkload {
  std::string family;  // chain, tree, lattice or graph
  engine::WorkloadOptions options;
};

// The named models, or all but `lac`, whose weights and text come from elsewhere. `data_dir`: a
// folder with trees/dev.txt (brackets), lattice/train.txt (integer lattices), tags/dev.txt and
// tags/train.txt (word|tag), parallel/dev.ja and parallel/dev.en, dependency/en_ewt.dev.conllu;
// graphs are random in any case. Empty: random data of the like shapes. Throws UsageError for an
// unknown model, suggesting the nearest.
[[nodiscard]] std::vector<StudyWorkload> study_workloads(const std::vector<std::string>& models,
                                                         const std::string& data_dir);

}  // namespace sheaf::study
