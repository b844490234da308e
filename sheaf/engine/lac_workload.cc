// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/lac_workload.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/engine/model_data.h"
#include "sheaf/io/file.h"
#include "sheaf/io/lac_files.h"
#include "sheaf/io/random_data.h"
#include "sheaf/io/weights_file.h"

namespace sheaf::engine {
namespace {

void make_random(const WorkloadOptions& options, const io::LacFiles& files, Workload& workload) {
  io::RandomData data = io::random_data(options.data);
  const nn::Vocabulary& known = files.characters.vocabulary();
  if (data.kind != name(DataKind::sentences)) {
    refuse_option(options, "--data", "random " + data.kind, "random sentences");
  }
  if (data.vocabularies.words.size() > known.size()) {
    refuse_option(options, "--data",
                  "a vocabulary of " + std::to_string(data.vocabularies.words.size()),
                  "at most the " + std::to_string(known.size()) + " characters of the dictionary");
  }
  workload.instances = std::move(data.instances);
  for (const nn::Instance& instance : workload.instances) {
    auto& characters = workload.characters.emplace_back();
    for (const std::uint32_t id : std::get<nn::Sentence>(instance).ids) {
      characters.push_back(known[id]);
    }
  }
}

}  // namespace

void require_lac_size(const WorkloadOptions& options) {
  if (!options.hidden || *options.hidden == nn::Lac::kHidden) return;
  refuse_option(options, "--hidden", std::to_string(*options.hidden),
                std::to_string(nn::Lac::kHidden) + ", which the trained weights have");
}

Workload open_lac(const WorkloadOptions& options) {
  require_lac_size(options);
  if (options.format != "auto" && io::parse_format(options.format) != io::Format::text) {
    refuse_option(options, "--format", "'" + options.format + "'", "'text'");
  }
  // Weights that --save-weights wrote replace those of the package, whose dictionaries are still
  // needed.
  std::error_code error;
  const bool saved = std::filesystem::is_regular_file(options.weights, error);
  io::LacFiles files =
      io::read_lac(options.weights.empty() || saved ? io::kLacFolder : options.weights);
  Workload workload;
  if (saved) {
    io::WeightsFile weights = io::read_weights(options.weights);
    workload.quantised = take_quantised_form(weights.metadata, options.weights, *files.model);
    io::assign_weights(std::move(weights), files.model->network().parameters());
  }
  if (io::is_random_data(options.data)) {
    make_random(options, files, workload);
  } else {
    workload.instances =
        io::read_sentences(io::read_file(options.data), options.data, files, workload.characters);
  }
  std::size_t unknown = 0;
  std::size_t all = 0;
  for (const nn::Instance& instance : workload.instances) {
    const auto& ids = std::get<nn::Sentence>(instance).ids;
    unknown += static_cast<std::size_t>(std::count(ids.begin(), ids.end(), files.unknown));
    all += ids.size();
  }
  if (all > 0) workload.unknown_share = static_cast<double>(unknown) / static_cast<double>(all);
  workload.vocabularies.words = files.characters.vocabulary();
  workload.vocabularies.labels = std::move(files.labels);
  workload.model = std::move(files.model);
  return workload;
}

}  // namespace sheaf::engine
