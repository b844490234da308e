// SPDX-License-Identifier: Apache-2.0
//
// The data of models of pictures: an IDX file (io/idx.h) and, in a second one, its labels.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sheaf/engine/workload.h"
#include "sheaf/tensor/tensor.h"

namespace sheaf::engine {

struct PictureData {
  std::vector<nn::Instance> instances;
  tensor::Tensor pixels;  // nn::kPixels, a row per instance
  std::uint32_t height = 0;
  std::uint32_t width = 0;
  nn::Vocabulary labels;  // the classes: those that the options give, or "0", "1", ... of the data
};

// The file of the labels: the one that the options name, or else the one beside the pictures that
// has "labels" and "idx1" in its name where they have "images" and "idx3", with ".gz" or without.
// Empty where there is none, and where labels are not asked for (unknown_labels_are_none).
[[nodiscard]] std::string labels_path(const WorkloadOptions& options);

// Pictures and labels. Where the options give a vocabulary, its labels are the classes, and labels
// must be there. Throws UsageError where labels are missing, DataError for bad files, for another
// number of labels than pictures, and for a label that is none of the classes.
[[nodiscard]] PictureData read_pictures(const WorkloadOptions& options);

// The classes of a model that is to be trained on the data: "0", "1", ... up to the largest label.
[[nodiscard]] nn::Vocabulary picture_labels(const WorkloadOptions& options);

// A model as make_model() makes it, which looks its pictures up in `data`, whose weights have no
// values yet. Throws DataError, place `path`, where the sizes are those of other pictures.
[[nodiscard]] std::unique_ptr<nn::Model> make_picture_model(const std::string& name,
                                                            nn::ModelOptions sizes,
                                                            PictureData& data,
                                                            const std::string& path);

// What open_workload() does for models of pictures.
[[nodiscard]] Workload open_pictures(const WorkloadOptions& options);

}  // namespace sheaf::engine
