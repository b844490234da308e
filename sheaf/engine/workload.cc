// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/workload.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/engine/lac_workload.h"
#include "sheaf/engine/model_data.h"
#include "sheaf/engine/picture_data.h"
#include "sheaf/engine/read_data.h"
#include "sheaf/io/weights_file.h"
#include "sheaf/nn/lac.h"

namespace sheaf::engine {
namespace {

void encode(const WorkloadOptions& options, std::span<const compress::EncodeRule> rules,
            Workload& workload) {
  if (workload.quantised && !rules.empty()) {
    refuse_option(options, "--encode", rules[0].text, "no encoding of weights that are integers");
  }
  workload.encoded = compress::encode(rules, workload.model->network());
}

constexpr std::uint32_t kDefaultHidden = 256;
constexpr std::uint32_t kMostHidden = 1U << 14U;

// Throws DataError where a table has not a row for each of its names.
void require_row_names(const io::WeightsFile& weights) {
  for (const auto& [table, tensor] : weights.tensors) {
    const nn::Vocabulary* names = nn::row_names(weights.vocabularies, table);
    const std::uint32_t rows = tensor.shape().rows;
    if (names == nullptr || names->empty() || names->size() == rows) continue;
    throw base::DataError({.place = weights.path + (table == nn::kEmbedding ? "" : ": " + table),
                           .what = "words in the vocabulary",
                           .got = std::to_string(names->size()),
                           .expected = std::to_string(rows)});
  }
}

// Hidden size of a weight file: the columns of its embedding table.
std::uint32_t hidden_of(const io::WeightsFile& weights, const WorkloadOptions& options) {
  const auto it = weights.tensors.find(nn::kEmbedding);
  if (it == weights.tensors.end()) {
    throw base::DataError({.place = weights.path,
                           .what = "tensor",
                           .got = "none",
                           .expected = std::string("'") + nn::kEmbedding + "'"});
  }
  if (!weights.model.empty() && weights.model != options.model) {
    throw base::DataError({.place = weights.path,
                           .what = "weights of model",
                           .got = weights.model,
                           .expected = options.model});
  }
  const tensor::Shape shape = it->second.shape();
  if (shape.rows == 0 || shape.cols == 0 || shape.cols > kMostHidden) {
    throw base::DataError(
        {.place = weights.path + ": " + it->first,
         .what = "shape",
         .got = to_string(shape),
         .expected = "1 or more rows and 1 to " + std::to_string(kMostHidden) + " columns"});
  }
  if (options.hidden && *options.hidden != shape.cols) {
    refuse_option(options, "--hidden", std::to_string(*options.hidden),
                  std::to_string(shape.cols) + ", which the weights have");
  }
  require_row_names(weights);
  return shape.cols;
}

void require_hidden(const WorkloadOptions& options) {
  if (!options.hidden || (*options.hidden > 0 && *options.hidden <= kMostHidden)) return;
  refuse_option(options, "--hidden", std::to_string(*options.hidden),
                "1 to " + std::to_string(kMostHidden));
}

std::vector<compress::EncodeRule> rules_of(const WorkloadOptions& options) {
  std::vector<compress::EncodeRule> rules;
  for (const std::string& text : options.encode) {
    rules.push_back(compress::parse_encode_rule(text));
  }
  return rules;
}

// `names` fills in vocabularies, and instances where it reads them.
Workload open(const WorkloadOptions& options, const std::vector<compress::EncodeRule>& rules,
              const std::function<void(const io::WeightsFile*, Workload&)>& names) {
  Workload workload;
  const bool is_lac = options.model == "lac";
  if (is_lac) require_lac_size(options);
  std::uint32_t hidden = options.hidden.value_or(is_lac ? nn::Lac::kHidden : kDefaultHidden);
  std::optional<io::WeightsFile> weights;
  if (!options.weights.empty()) {
    weights = io::read_weights(options.weights);
    hidden = hidden_of(*weights, options);
  }
  names(weights ? &*weights : nullptr, workload);
  workload.sizes = model_options(hidden, options.seed, workload.vocabularies);
  workload.sizes.crf = options.crf;
  workload.model = nn::make_model(options.model, workload.sizes);
  workload.random_weights = !weights;
  if (weights) {
    workload.quantised = take_quantised_form(weights->metadata, options.weights, *workload.model);
    io::assign_weights(std::move(*weights), workload.model->network().parameters());
    compress::require_product_weights(workload.model->network(), options.weights);
  }
  encode(options, rules, workload);
  if (!weights) {
    nn::initialise(workload.model->network().parameters(), options.seed, workload.vocabularies);
  }
  return workload;
}

}  // namespace

nn::ModelOptions model_options(std::uint32_t hidden, std::uint64_t seed,
                               const nn::Vocabularies& names) {
  const auto size = [](const nn::Vocabulary& of) { return static_cast<std::uint32_t>(of.size()); };
  return {.hidden = hidden,
          .vocabulary = std::max(size(names.words), 1U),
          .characters = std::max(size(names.characters), 1U),
          .classes = size(names.target.empty() ? names.labels : names.target),
          .seed = seed};
}

std::vector<nn::Instance> read_instances(const WorkloadOptions& options) {
  const ModelData& row = model_data(options.model);
  require_fitting(options, row);
  base::check(options.vocabularies.has_value(), "read_instances", "no vocabularies are given");
  if (row.kind == DataKind::pictures) return read_pictures(options).instances;
  Workload workload;
  read_data(options, row, nullptr, workload);
  return std::move(workload.instances);
}

Workload open_model(const WorkloadOptions& options) {
  const ModelData& row = model_data(options.model);
  require_fitting(options, row);
  require_hidden(options);
  if ((options.model == "lac" && !options.crf) || row.kind == DataKind::pictures) {
    refuse_option(options, "--model", "a model whose sizes come from elsewhere",
                  "one whose vocabularies are those of its data");
  }
  return open(options, rules_of(options), [&](const io::WeightsFile* weights, Workload& workload) {
    base::check(weights != nullptr || options.vocabularies.has_value(), "open_model",
                "no vocabularies are given");
    workload.vocabularies = weights != nullptr ? weights->vocabularies : *options.vocabularies;
  });
}

Workload open_workload(const WorkloadOptions& options) {
  const ModelData& row = model_data(options.model);
  require_fitting(options, row);
  require_hidden(options);
  const std::vector<compress::EncodeRule> rules = rules_of(options);
  if (options.model == "lac" && !options.crf) {
    Workload workload = open_lac(options);
    compress::require_product_weights(workload.model->network(), options.weights);
    encode(options, rules, workload);
    return workload;
  }
  if (row.kind == DataKind::pictures) {
    Workload workload = open_pictures(options);
    encode(options, rules, workload);
    return workload;
  }
  return open(options, rules, [&](const io::WeightsFile* weights, Workload& workload) {
    read_data(options, row, weights, workload);
  });
}

}  // namespace sheaf::engine
