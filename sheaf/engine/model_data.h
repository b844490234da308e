// SPDX-License-Identifier: Apache-2.0
//
// Which data a model takes, and which options say more about them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/engine/workload.h"
#include "sheaf/io/format.h"

namespace sheaf::engine {

enum class DataKind : std::uint8_t {
  trees,
  lattices,
  sentences,
  pairs,
  dependencies,
  dags,
  pictures
};

// By DataKind; also the kinds of random data, which pictures have none of.
[[nodiscard]] const std::string& name(DataKind kind);

struct ModelData {
  std::string model;
  DataKind kind;
  // That it reads; the first where nothing says which. None of pictures, which are IDX files.
  std::vector<io::Format> formats;
};

// The row of the one table, model -> data. Throws UsageError for a model that nn::make_model()
// does not know, suggesting the nearest.
[[nodiscard]] const ModelData& model_data(const std::string& model);

// The models that nn::model_names() has and that read such files.
[[nodiscard]] std::vector<std::string> models_that_read(io::Format format);

// [option] model M: got X, expected Y.
[[noreturn]] void refuse_option(const WorkloadOptions& options, const char* option,
                                const std::string& got, const std::string& expected);

// Throws UsageError where an option does not fit the model, its data or the others.
void require_fitting(const WorkloadOptions& options, const ModelData& row);

// The format of `text`, which --data names: the one that --format says, or by its first line.
[[nodiscard]] io::Format choose_format(const WorkloadOptions& options, const ModelData& row,
                                       std::string_view text);

}  // namespace sheaf::engine
