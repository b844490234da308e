// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/block_reader.h"

#include <algorithm>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/io/brackets.h"
#include "sheaf/io/conllu.h"
#include "sheaf/io/dags.h"
#include "sheaf/io/file.h"
#include "sheaf/io/slf.h"
#include "sheaf/io/spelling.h"
#include "sheaf/nn/tree_model.h"

namespace sheaf::engine {
namespace {

// Classes index the rows of a head, which is made as large as the largest label of a tree.
constexpr std::uint32_t kMostTreeLabels = 1U << 16U;

io::WordIndex index(const nn::Vocabulary& known) {
  return known.empty() ? io::WordIndex() : io::WordIndex(known);
}

io::LabelIndex labels(const nn::Vocabulary& known, bool lenient) {
  using enum io::LabelIndex::Unknown;
  if (known.empty()) return {};
  return io::LabelIndex(known, lenient ? no_label : refused);
}

std::uint32_t size_of(const nn::Vocabulary& names) {
  return static_cast<std::uint32_t>(names.size());
}

bool is_numbered(const nn::Vocabulary& names) { return names == numbered(size_of(names)); }

}  // namespace

nn::Vocabulary numbered(std::uint32_t count) {
  nn::Vocabulary names;
  for (std::uint32_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

KnownNames known_names(const WorkloadOptions& options, const io::WeightsFile* weights) {
  if (weights == nullptr) {
    if (!options.vocabularies) return {};
    const nn::Vocabularies& names = *options.vocabularies;
    return {names, size_of(names.words), size_of(names.characters), size_of(names.target)};
  }
  const auto rows = [&](const char* table) {
    const auto it = weights->tensors.find(table);
    return it == weights->tensors.end() ? 0 : it->second.shape().rows;
  };
  return {weights->vocabularies, rows(nn::kEmbedding), rows(nn::kCharacters),
          rows(nn::kTargetEmbedding)};
}

BlockReader::BlockReader(const WorkloadOptions& options, const ModelData& row, io::Format format,
                         KnownNames known, Purpose purpose, std::optional<bool> three_fields)
    : options_(options),
      row_(row),
      format_(format),
      known_(std::move(known)),
      purpose_(purpose),
      three_fields_(three_fields),
      words_(index(known_.names.words)),
      characters_(index(known_.names.characters)),
      target_(index(known_.names.target)),
      labels_(labels(known_.names.labels, options.unknown_labels_are_none)) {
  const bool build = purpose == Purpose::build;
  if (row.kind == DataKind::lattices) {
    ids_are_rows_ = format == io::Format::lattices && !build && is_numbered(known_.names.words);
    if (!options.lexicon.empty()) lexicon_.emplace(io::read_file(options.lexicon), options.lexicon);
  }
  if (row.kind == DataKind::pairs) {
    target_rows_ = options.target_rows.value_or(build ? 0 : kTargetRows);
    if (known_.target_rows > 0) {
      target_rows_ = is_numbered(known_.names.target) ? known_.target_rows : 0;
    }
  }
}

std::vector<nn::Instance> BlockReader::read(const io::NamedText& text,
                                            const io::NamedText& target) {
  switch (row_.kind) {
    case DataKind::trees: {
      const bool any = options_.unknown_labels_are_none;
      const std::uint32_t classes = any ? 0 : size_of(known_.names.labels);
      auto trees = io::read_brackets(text.text, text.path, words_, classes);
      if (purpose_ == Purpose::build) count_tree_labels(trees, text);
      return trees;
    }
    case DataKind::lattices:
      return read_lattices(text);
    case DataKind::sentences:
      return read_sentences(text);
    case DataKind::pairs:
      if (options_.unknown_labels_are_none && options_.target.empty()) {
        return io::read_sources(text, words_);
      }
      return io::read_parallel(text, target, target_rows_, words_, target_);
    case DataKind::dependencies:
      return io::read_conllu(text.text, text.path, words_, labels_);
    case DataKind::dags:
      return io::read_dags(text.text, text.path, words_, keeps_labels() ? &labels_ : nullptr);
    case DataKind::pictures:
      break;  // picture_data.h
  }
  throw base::InternalError({.place = "data reader", .what = "unknown kind of data"});
}

nn::Vocabularies BlockReader::vocabularies() const {
  nn::Vocabularies names;
  names.words = ids_are_rows_ ? numbered(known_.word_rows) : words_.vocabulary();
  if (spells()) names.characters = characters_.vocabulary();
  if (row_.kind == DataKind::pairs) {
    names.target = target_rows_ > 0 ? numbered(target_rows_) : target_.vocabulary();
  }
  if (keeps_labels()) names.labels = labels_.names();
  if (tree_labels_ > 0) names.labels = numbered(tree_labels_);
  return names;
}

bool BlockReader::spells() const {
  return row_.model == "bilstm_tagger_char" && purpose_ == Purpose::run;
}

// Whether the labels of the data are the model's classes, or only come along.
bool BlockReader::keeps_labels() const {
  if (row_.kind == DataKind::sentences || row_.kind == DataKind::dependencies) return true;
  if (row_.kind == DataKind::pairs) return false;
  return purpose_ == Purpose::build || !known_.names.labels.empty();
}

std::vector<nn::Instance> BlockReader::read_lattices(const io::NamedText& text) {
  switch (format_) {
    case io::Format::lattices:
      if (!ids_are_rows_) return io::read_lattices(text.text, text.path, words_, labels_);
      return io::read_lattices(text.text, text.path, known_.word_rows);
    case io::Format::slf:
      return io::read_slf(text.text, text.path, words_);
    case io::Format::text:
      return io::read_text_lattices(text.text, text.path, lexicon_.value(), words_);
    default:
      return io::read_bmes_lattices(text.text, text.path, lexicon_.value(), words_, labels_);
  }
}

std::vector<nn::Instance> BlockReader::read_sentences(const io::NamedText& text) {
  std::vector<io::TaggedSentence> sentences;
  if (format_ == io::Format::bmes) {
    sentences = io::read_bmes(text.text, text.path, labels_);
  } else if (format_ == io::Format::text) {
    sentences = io::read_words(text.text, text.path);
    if (labels_.names().empty()) {
      refuse_option(options_, "--format", "text without tags",
                    "tagged data, or --weights that name the tags");
    }
  } else {
    sentences = io::read_tagged_text(text.text, text.path, labels_,
                                     three_fields_.value_or(io::has_three_fields(text.text)));
  }
  if (spells()) return io::spelt_sentences(sentences, words_, characters_);
  return io::sentences_of(sentences, words_);
}

void BlockReader::count_tree_labels(const std::vector<nn::Instance>& trees,
                                    const io::NamedText& text) {
  std::uint32_t labels = std::max(tree_labels_, nn::TreeModel::kClasses);
  for (const nn::Instance& instance : trees) {
    for (const nn::Tree::Node& node : std::get<nn::Tree>(instance).nodes) {
      if (node.label != nn::kNoLabel) labels = std::max(labels, node.label + 1);
    }
  }
  if (labels > kMostTreeLabels) {
    throw base::DataError({.place = text.path,
                           .what = "largest label",
                           .got = std::to_string(labels - 1),
                           .expected = "below " + std::to_string(kMostTreeLabels)});
  }
  tree_labels_ = labels;
}

}  // namespace sheaf::engine
