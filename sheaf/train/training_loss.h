// SPDX-License-Identifier: Apache-2.0
//
// What a training minimises, from its options.
#pragma once

#include <string>

#include "sheaf/engine/workload.h"
#include "sheaf/train/model_gradients.h"
#include "sheaf/train/training_options.h"

namespace sheaf::train {

// The name of the loss that is asked for, or else that of the model.
[[nodiscard]] std::string loss_name(const TrainingOptions& options);

// Throws UsageError, suggesting the nearest.
[[nodiscard]] Loss parse_loss(const std::string& name);

// Whether weights of classes follow from the data, not from a file.
[[nodiscard]] bool is_balanced(const TrainingOptions& options);

// The loss, weights of the classes, dropout, and the shards of this process. Throws UsageError for
// options that make no sense, and what parse_class_weights() and shards_of() throw.
[[nodiscard]] LossOptions loss_options(const TrainingOptions& options,
                                       const engine::Workload& workload);

}  // namespace sheaf::train
