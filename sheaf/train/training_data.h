// SPDX-License-Identifier: Apache-2.0
//
// The data of a training: what is learned from, and what is held out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sheaf/engine/picture_data.h"
#include "sheaf/engine/workload.h"
#include "sheaf/nn/model.h"
#include "sheaf/train/instance_stream.h"
#include "sheaf/train/training_options.h"

namespace sheaf::train {

[[nodiscard]] bool has_pictures(const TrainingOptions& options);

// How held-out data are read: as the training data, with their names.
[[nodiscard]] engine::WorkloadOptions held_out_data(const TrainingOptions& options,
                                                    const nn::Vocabularies& names);

// The model with its training data. Where they need not fit into memory `stream` has them, and the
// instances of the workload are some that show what its graphs are like. Throws UsageError and
// DataError for options and data that do not fit the model, and for data without a right answer.
[[nodiscard]] engine::Workload open_data(const TrainingOptions& options,
                                         std::unique_ptr<InstanceStream>& stream);

// Held-out data, and, of pictures, their pixels; nothing where there are none. Throws UsageError
// and DataError.
[[nodiscard]] engine::PictureData open_held_out(const TrainingOptions& options,
                                                const nn::Vocabularies& vocabularies);

// Throws DataError, naming `place`, where no output of any instance has a right answer.
void require_labels(const nn::Model& model, const std::string& place,
                    const std::vector<nn::Instance>& instances);

// Nodes of every instance, where minibatches are to hold instances of similar size; else empty.
[[nodiscard]] std::vector<std::uint32_t> sizes_for_buckets(
    const TrainingOptions& options, const nn::Model& model,
    const std::vector<nn::Instance>& instances);

}  // namespace sheaf::train
