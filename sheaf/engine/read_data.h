// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/engine/model_data.h"
#include "sheaf/engine/workload.h"
#include "sheaf/io/weights_file.h"

namespace sheaf::engine {

// Fills the workload's instances and vocabularies with what the options name. Where there are
// weights (nullptr: none) their vocabularies are kept: a word that they lack is "<unk>" or is
// spelt, and a label that they lack is refused. Throws UsageError and DataError.
void read_data(const WorkloadOptions& options, const ModelData& row, const io::WeightsFile* weights,
               Workload& workload);

}  // namespace sheaf::engine
