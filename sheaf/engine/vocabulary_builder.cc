// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/vocabulary_builder.h"

#include <span>
#include <utility>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/engine/data_blocks.h"
#include "sheaf/engine/picture_data.h"
#include "sheaf/io/file.h"
#include "sheaf/io/parallel.h"
#include "sheaf/io/random_data.h"
#include "sheaf/io/spelling.h"

namespace sheaf::engine {
namespace {

using Counts = std::vector<std::uint64_t>;

void count(std::span<const std::uint32_t> rows, Counts& counts) {
  for (const std::uint32_t row : rows) {
    if (row >= counts.size()) counts.resize(row + std::size_t{1});
    ++counts[row];
  }
}

// How often the rows of the tables are looked up.
struct LookUps {
  Counts words;
  Counts target;

  void add(const nn::Tree& tree) {
    for (const nn::Tree::Node& node : tree.nodes) {
      if (node.is_leaf()) count({&node.word, 1}, words);
    }
  }
  void add(const nn::Lattice& lattice) {
    for (const nn::Lattice::Arc& arc : lattice.arcs) count({&arc.id, 1}, words);
  }
  void add(const nn::Sentence& sentence) { count(sentence.ids, words); }
  void add(const nn::SentencePair& pair) {
    count(pair.source, words);
    count(pair.target, target);
  }
  void add(const nn::DependencyTree& tree) { count(tree.words, words); }
  void add(const nn::Dag& dag) { count(dag.kinds, words); }
  void add(const nn::Picture& /*picture*/) {}
};

struct Cut {
  nn::Vocabulary kept;
  nn::Vocabulary dropped;
};

// Keeps "<unk>", what ends a sentence, and what comes often enough.
Cut cut(nn::Vocabulary names, const Counts& counts, std::uint32_t least) {
  Cut result;
  for (std::size_t row = 0; row < names.size(); ++row) {
    const bool often = row < counts.size() && counts[row] >= least;
    const bool keep = row == 0 || often || names[row] == io::kSentenceEnd;
    (keep ? result.kept : result.dropped).push_back(std::move(names[row]));
  }
  return result;
}

// The characters of words, in the order of the first that has them.
nn::Vocabulary characters_of(const nn::Vocabulary& words) {
  io::WordIndex characters;
  for (std::string_view word : words) {
    while (!word.empty()) static_cast<void>(characters.row(io::next_code_point(word)));
  }
  return characters.vocabulary();
}

nn::Vocabularies names_of_random_data(const WorkloadOptions& options, const ModelData& row) {
  io::RandomData data = io::random_data(options.data);
  if (data.kind != name(row.kind)) {
    refuse_option(options, "--data", "random " + data.kind, "random " + name(row.kind));
  }
  if (row.kind == DataKind::trees) data.vocabularies.labels = numbered(5);
  return std::move(data.vocabularies);
}

void require_labels(const WorkloadOptions& options, const ModelData& row,
                    const nn::Vocabularies& names) {
  if (row.kind == DataKind::pairs || !names.labels.empty()) return;
  throw base::DataError({.place = options.data,
                         .what = "labels to learn",
                         .got = "none",
                         .expected = "a label per output of model " + options.model});
}

}  // namespace

nn::Vocabularies build_vocabularies(const WorkloadOptions& options,
                                    const VocabularyOptions& vocabulary) {
  const ModelData& row = model_data(options.model);
  require_fitting(options, row);
  if (options.model == "lac" && !options.crf) {
    refuse_option(options, "--model", "a model whose dictionaries are fixed",
                  "one that is trained on data of your own");
  }
  if (row.kind == DataKind::pictures) return {.labels = picture_labels(options)};
  if (io::is_random_data(options.data)) return names_of_random_data(options, row);
  const bool spells = options.model == "bilstm_tagger_char";
  const DataBlocks blocks(options, row, vocabulary.block_bytes);
  BlockReader reader(options, row, blocks.format(), {}, BlockReader::Purpose::build,
                     blocks.three_fields());
  LookUps look_ups;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    for (const nn::Instance& instance : blocks.read(b, reader)) {
      std::visit([&](const auto& kind) { look_ups.add(kind); }, instance);
    }
  }
  nn::Vocabularies names = reader.vocabularies();
  require_labels(options, row, names);
  const std::uint32_t least = vocabulary.min_count.value_or(spells ? io::kLeastSeen : 1);
  auto [words, rare] = cut(std::move(names.words), look_ups.words, least);
  names.words = std::move(words);
  if (spells) names.characters = characters_of(rare);
  const bool folded = options.target_rows.value_or(0) > 0;
  if (!folded) names.target = cut(std::move(names.target), look_ups.target, least).kept;
  return names;
}

}  // namespace sheaf::engine
