// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/graph/graph.h"
#include "sheaf/nn/dataset.h"

namespace sheaf::nn {

// A model owns a network (cells, bindings, parameters) and appends instances to graphs of it.
class Model {
 public:
  virtual ~Model() = default;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  [[nodiscard]] virtual std::string_view name() const = 0;

  // Appends the nodes of one instance and marks its outputs. Throws UsageError for an instance of
  // another kind.
  virtual void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const = 0;

  // Appends to `labels` the right class of every output that append() marks, in that order;
  // kNoLabel where the instance has no gold label. Throws UsageError for an instance of another
  // kind; this one: for a model that has no classes.
  virtual void targets(const Instance& instance, std::vector<std::uint32_t>& labels) const;

  // Turns the rows that append() marked as decoded into labels, one per row. Models without a
  // decoder return none.
  [[nodiscard]] virtual std::vector<std::uint32_t> decode(
      std::span<const std::span<const float>> rows) const;

  // Whether a minibatch that is trained on is one graph, append_minibatch()'s, since its instances
  // are normalised together (batch normalisation); else instances are appended one by one.
  [[nodiscard]] virtual bool joins_minibatch() const { return false; }

  // Appends all instances of a minibatch, numbered 0, 1, ..., and marks their outputs in that
  // order. Returns the nodes that have made the statistics of the minibatch; this one appends one
  // by one and returns none.
  virtual std::vector<graph::NodeId> append_minibatch(std::span<const Instance> instances,
                                                      graph::Graph& graph) const;

  // Names of the parameters that are no weights but averages of the statistics of minibatches,
  // which append() reads: no gradient and no decay is to change them.
  [[nodiscard]] virtual std::vector<std::string> running_statistics() const { return {}; }

  // Moves these towards the statistics of a minibatch of so many instances: `read` gives the values
  // of the nodes that append_minibatch() returned.
  using ReadValue = std::function<std::span<const float>(graph::Operand)>;
  virtual void update_running_statistics(std::span<const graph::NodeId> nodes,
                                         std::size_t instances, const ReadValue& read);

  // Whether the outputs of an instance are emissions of a conditional random field over their tags
  // (crf.h), whose parameters the network has under the name kCrf. What its best sequence is, is
  // for who reads the outputs to find (train/tag_decoder.h).
  [[nodiscard]] bool has_crf() const { return has_crf_; }
  // Gives it one, as ModelOptions::crf asks of make_model().
  void add_crf(std::uint32_t tags);

  [[nodiscard]] graph::Network& network() { return network_; }
  [[nodiscard]] const graph::Network& network() const { return network_; }

 protected:
  Model() = default;

  // Appends `gold`, or, where that is empty, kNoLabel for each of `outputs`. Throws InternalError
  // for another number of labels than outputs.
  static void append_labels(std::span<const std::uint32_t> gold, std::size_t outputs,
                            std::vector<std::uint32_t>& labels);

  graph::Network network_;

 private:
  bool has_crf_ = false;
};

struct ModelOptions {
  std::uint32_t hidden = 256;    // H of docs/models.md; `lac` has its own
  std::uint32_t vocabulary = 1;  // rows of the embedding table; of pictures' models, of kPixels
  std::uint32_t characters = 1;  // bilstm_tagger_char: rows of the table of characters
  // Taggers, lattices: tags; trees: labels; lstm_nmt: words of the target's vocabulary. 0: as many
  // as the benchmark has, trees and directed graphs 5, lattices 18, pictures 10, others 1.
  std::uint32_t classes = 0;
  std::uint64_t seed = 1;     // tree_lstm_2type: of the coin that chooses a node's type
  std::uint32_t height = 28;  // of pictures
  std::uint32_t width = 28;
  bool crf = false;  // taggers, lattices, lac: Model::has_crf(); `classes` is not 0
};

// `options.classes`, or `otherwise` where that is 0.
[[nodiscard]] inline std::uint32_t classes_of(const ModelOptions& options,
                                              std::uint32_t otherwise = 1) {
  return options.classes == 0 ? otherwise : options.classes;
}

// Names that make_model() knows, in the order of docs/models.md. Models of pictures, whose graphs
// are all alike, are listed apart (nn/picture_models.h); make_model() knows them, too.
[[nodiscard]] std::span<const std::string> model_names();

// Throws UsageError: an unknown model, suggesting the nearest.
[[noreturn]] void refuse_model(std::string_view name);

// A model whose parameters have no values yet. Throws UsageError for an unknown name, suggesting
// the nearest, and for a CRF of a model whose outputs are no sequence of tags.
[[nodiscard]] std::unique_ptr<Model> make_model(std::string_view name, const ModelOptions& options);

// Models whose outputs are a sequence of tags, which a CRF can be put on.
[[nodiscard]] bool tags_sequences(std::string_view model);

// Its name.
inline constexpr const char* kCrf = "crf";

// The tables: of every model; of words that are spelt; of lstm_nmt's decoder.
inline constexpr const char* kEmbedding = "embedding";
inline constexpr const char* kCharacters = "characters";
inline constexpr const char* kTargetEmbedding = "target_embedding";
// Of mv_rnn: a row is a matrix, column by column.
inline constexpr const char* kMatrixEmbedding = "embedding_matrix";
// Of models of pictures: a row is a picture, its pixels one after the other, NHWC.
inline constexpr const char* kPixels = "pixels";

// Whether a parameter is data that a model is given, not a weight: neither trained nor saved.
[[nodiscard]] inline bool is_data(std::string_view parameter) { return parameter == kPixels; }

// What names the rows of a parameter; nullptr for parameters that are no tables.
[[nodiscard]] const Vocabulary* row_names(const Vocabularies& vocabularies,
                                          std::string_view parameter);

// Gives every parameter seeded values, uniform in +-0.1 (docs/models.md). The numbers of a
// parameter depend on the seed and its name only, those of a table's row on the seed, the table
// and the row's name: a word has the same embedding whatever else the vocabulary holds. Of an
// encoded parameter the numbers that are stored are drawn. A table
// whose vocabulary is empty is filled as any other parameter.
void initialise(graph::ParameterStore& parameters, std::uint64_t seed,
                const Vocabularies& vocabularies);
// The same for models whose only table is the embedding.
void initialise(graph::ParameterStore& parameters, std::uint64_t seed, const Vocabulary& words);

// The instance as a T. Throws UsageError when it is of another kind.
template <typename T>
[[nodiscard]] const T& require(const Instance& instance, std::string_view model);

}  // namespace sheaf::nn
