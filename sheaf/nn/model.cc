// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/model.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/base/rng.h"
#include "sheaf/nn/bilstm_tagger.h"
#include "sheaf/nn/child_sum_tree_lstm.h"
#include "sheaf/nn/crf.h"
#include "sheaf/nn/dag_gru.h"
#include "sheaf/nn/lac.h"
#include "sheaf/nn/lattice_gru.h"
#include "sheaf/nn/lattice_lstm.h"
#include "sheaf/nn/lattice_lstm_bi.h"
#include "sheaf/nn/lstm_nmt.h"
#include "sheaf/nn/mv_rnn.h"
#include "sheaf/nn/picture_models.h"
#include "sheaf/nn/tree_gru.h"
#include "sheaf/nn/tree_lstm.h"

namespace sheaf::nn {
namespace {

constexpr float kWeightRange = 0.1F;

void fill(std::span<float> values, base::Rng rng) {
  for (float& value : values) value = rng.uniform(-kWeightRange, kWeightRange);
}

using Maker = std::unique_ptr<Model> (*)(const ModelOptions&);

template <typename T>
std::unique_ptr<Model> make(const ModelOptions& options) {
  return std::make_unique<T>(options);
}

// The one list of models.
constexpr std::array<std::pair<std::string_view, Maker>, 14> kModels = {{
    {"lac", make<Lac>},
    {"tree_lstm", make<TreeLstm>},
    {"tree_lstm_nary", make<TreeLstmNary>},
    {"tree_lstm_2type", make<TreeLstm2Type>},
    {"tree_gru", make<TreeGru>},
    {"mv_rnn", make<MvRnn>},
    {"child_sum_tree_lstm", make<ChildSumTreeLstm>},
    {"lattice_lstm", make<LatticeLstm>},
    {"lattice_lstm_bi", make<LatticeLstmBi>},
    {"lattice_gru", make<LatticeGru>},
    {"dag_gru", make<DagGru>},
    {"bilstm_tagger", make<BilstmTagger>},
    {"bilstm_tagger_char", make<BilstmTaggerChar>},
    {"lstm_nmt", make<LstmNmt>},
}};

}  // namespace

std::vector<std::uint32_t> Model::decode(std::span<const std::span<const float>> /*rows*/) const {
  return {};
}

void Model::targets(const Instance& /*instance*/, std::vector<std::uint32_t>& /*labels*/) const {
  throw base::UsageError({.place = "model " + std::string(name()),
                          .what = "targets",
                          .got = "a model without classes",
                          .expected = "one that overrides targets()"});
}

std::vector<graph::NodeId> Model::append_minibatch(std::span<const Instance> instances,
                                                   graph::Graph& graph) const {
  for (std::uint32_t i = 0; i < instances.size(); ++i) append(instances[i], i, graph);
  return {};
}

void Model::update_running_statistics(std::span<const graph::NodeId> nodes,
                                      std::size_t /*instances*/, const ReadValue& /*read*/) {
  base::check(nodes.empty(), "running statistics", "a model has none to update");
}

void Model::add_crf(std::uint32_t tags) {
  declare_crf(network_.parameters(), kCrf, tags);
  has_crf_ = true;
}

void Model::append_labels(std::span<const std::uint32_t> gold, std::size_t outputs,
                          std::vector<std::uint32_t>& labels) {
  if (gold.empty()) {
    labels.resize(labels.size() + outputs, kNoLabel);
    return;
  }
  base::check(gold.size() == outputs, "targets", "an instance has not a label per output");
  labels.insert(labels.end(), gold.begin(), gold.end());
}

std::span<const std::string> model_names() {
  static const auto kNames = [] {
    std::array<std::string, kModels.size()> names;
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = kModels[i].first;
    return names;
  }();
  return kNames;
}

void refuse_model(std::string_view name) {
  std::vector<std::string> known(model_names().begin(), model_names().end());
  known.insert(known.end(), picture_model_names().begin(), picture_model_names().end());
  throw base::UsageError({.place = "--model",
                          .what = "unknown model",
                          .got = "'" + std::string(name) + "'",
                          .hint = base::suggest(name, known)});
}

bool tags_sequences(std::string_view model) {
  return model == "lac" || model.starts_with("bilstm_tagger") || model.starts_with("lattice_");
}

std::unique_ptr<Model> make_model(std::string_view name, const ModelOptions& options) {
  for (const auto& [known, make] : kModels) {
    if (known != name) continue;
    std::unique_ptr<Model> model = make(options);
    if (!options.crf) return model;
    if (!tags_sequences(name)) {
      throw base::UsageError({.place = "model " + std::string(name),
                              .what = "conditional random field",
                              .got = "outputs that are no sequence of tags",
                              .expected = "a tagger, a lattice model or lac"});
    }
    base::check(options.classes > 0, "model", "a CRF needs the number of its tags");
    model->add_crf(options.classes);
    return model;
  }
  const auto pictures = picture_model_names();
  if (std::find(pictures.begin(), pictures.end(), name) != pictures.end()) {
    return make_picture_net(name, {.height = options.height,
                                   .width = options.width,
                                   .classes = classes_of(options, PictureShape{}.classes),
                                   .pictures = options.vocabulary});
  }
  refuse_model(name);
}

const Vocabulary* row_names(const Vocabularies& vocabularies, std::string_view parameter) {
  if (parameter == kEmbedding || parameter == kMatrixEmbedding) return &vocabularies.words;
  if (parameter == kCharacters) return &vocabularies.characters;
  if (parameter == kTargetEmbedding) return &vocabularies.target;
  return nullptr;
}

void initialise(graph::ParameterStore& parameters, std::uint64_t seed, const Vocabulary& words) {
  initialise(parameters, seed, Vocabularies{.words = words});
}

void initialise(graph::ParameterStore& parameters, std::uint64_t seed,
                const Vocabularies& vocabularies) {
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    const graph::Parameter& parameter = parameters[id];
    tensor::Tensor value(parameter.stored_shape());
    const Vocabulary* names = row_names(vocabularies, parameter.name);
    if (names != nullptr && !names->empty()) {
      base::check(names->size() >= parameter.shape.rows, "initialise",
                  "a table has more rows than the vocabulary has words");
      for (std::uint32_t row = 0; row < parameter.shape.rows; ++row) {
        fill(value.row(row), base::Rng(seed, parameter.name + "/" + (*names)[row]));
      }
    } else {
      fill(value.values(), base::Rng(seed, parameter.name));
    }
    parameters.assign(id, std::move(value));
  }
}

template <typename T>
const T& require(const Instance& instance, std::string_view model) {
  if (const T* wanted = std::get_if<T>(&instance)) return *wanted;
  static constexpr std::array kKinds = {
      "a tree",           "a lattice", "a sentence", "a pair of sentences", "a dependency tree",
      "a directed graph", "a picture"};
  throw base::UsageError({.place = "model " + std::string(model),
                          .what = "instance",
                          .got = kKinds[instance.index()],
                          .expected = kKinds[Instance(T{}).index()]});
}

template const Tree& require<Tree>(const Instance&, std::string_view);
template const Lattice& require<Lattice>(const Instance&, std::string_view);
template const Sentence& require<Sentence>(const Instance&, std::string_view);
template const SentencePair& require<SentencePair>(const Instance&, std::string_view);
template const DependencyTree& require<DependencyTree>(const Instance&, std::string_view);
template const Dag& require<Dag>(const Instance&, std::string_view);
template const Picture& require<Picture>(const Instance&, std::string_view);

}  // namespace sheaf::nn
