// SPDX-License-Identifier: Apache-2.0
//
// How forward and backward of a training are batched: policy "fsm" needs a table.
#pragma once

#include <string>

#include "sheaf/engine/compile.h"
#include "sheaf/train/model_gradients.h"

namespace sheaf::train {

// The table that a training leaves in its model folder, for runs that go on from it.
[[nodiscard]] std::string policy_path(const std::string& model_folder);

// `session` with the table of "fsm" read from `file` where that is given, or else from the model
// folder where a run is resumed that has left one there; ModelGradients learns one where there is
// none. Throws UsageError for a file and another policy than "fsm", and for "cost", whose table
// `sheaf calibrate` does not measure backward for; what parse_fsm_table() throws.
[[nodiscard]] engine::Options with_policy_table(engine::Options session, const std::string& file,
                                                const std::string& model_folder, bool resume);

// Throws ConfigError, naming the table's file, when it is of another training graph.
void require_own_table(const ModelGradients& gradients, const nn::Model& model,
                       const std::string& place);

// Leaves the table in the model folder; nothing for other policies. Throws IoError.
void save_policy_table(const ModelGradients& gradients, const std::string& model_folder);

}  // namespace sheaf::train
