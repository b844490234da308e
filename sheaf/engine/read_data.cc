// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/read_data.h"

#include <string>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/io/brackets.h"
#include "sheaf/io/conllu.h"
#include "sheaf/io/dags.h"
#include "sheaf/io/file.h"
#include "sheaf/io/lattices.h"
#include "sheaf/io/parallel.h"
#include "sheaf/io/random_data.h"
#include "sheaf/io/slf.h"
#include "sheaf/io/spelling.h"

namespace sheaf::engine {
namespace {

nn::Vocabulary numbered(std::uint32_t count) {
  nn::Vocabulary names;
  for (std::uint32_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

class DataReader {
 public:
  DataReader(const WorkloadOptions& options, const ModelData& row, const io::WeightsFile* weights)
      : options_(options), row_(row), weights_(weights) {
    if (weights != nullptr) known_ = weights->vocabularies;
  }

  void read(Workload& workload) {
    if (io::is_random_data(options_.data)) {
      make_random(workload);
      return;
    }
    text_ = io::read_file(options_.data);
    const io::Format format = choose_format(options_, row_, text_);
    switch (row_.kind) {
      case DataKind::trees: {
        io::WordIndex words = index(known_.words);
        workload.instances = io::read_brackets(text_, options_.data, words);
        workload.vocabularies.words = words.vocabulary();
        return;
      }
      case DataKind::lattices:
        return read_lattices(format, workload);
      case DataKind::sentences:
        return read_sentences(format, workload);
      case DataKind::pairs:
        return read_pairs(workload);
      case DataKind::dependencies: {
        io::WordIndex words = index(known_.words);
        io::LabelIndex relations = labels();
        workload.instances = io::read_conllu(text_, options_.data, words, relations);
        workload.vocabularies.words = words.vocabulary();
        workload.vocabularies.labels = relations.names();
        return;
      }
      case DataKind::dags: {
        io::WordIndex kinds = index(known_.words);
        workload.instances = io::read_dags(text_, options_.data, kinds);
        workload.vocabularies.words = kinds.vocabulary();
        return;
      }
    }
  }

 private:
  static io::WordIndex index(const nn::Vocabulary& known) {
    return known.empty() ? io::WordIndex() : io::WordIndex(known);
  }

  [[nodiscard]] io::LabelIndex labels() const {
    return known_.labels.empty() ? io::LabelIndex() : io::LabelIndex(known_.labels);
  }

  // Rows that the weights have of a table; 0: none.
  [[nodiscard]] std::uint32_t rows(const char* table) const {
    if (weights_ == nullptr) return 0;
    const auto it = weights_->tensors.find(table);
    return it == weights_->tensors.end() ? 0 : it->second.shape().rows;
  }

  void read_lattices(io::Format format, Workload& workload) const {
    if (format == io::Format::lattices) {
      std::uint32_t limit = rows(nn::kEmbedding);
      workload.instances = io::read_lattices(text_, options_.data, limit);
      workload.vocabularies.words = numbered(limit);
      return;
    }
    io::WordIndex words = index(known_.words);
    if (format == io::Format::slf) {
      workload.instances = io::read_slf(text_, options_.data, words);
    } else {
      const io::Lexicon lexicon(io::read_file(options_.lexicon), options_.lexicon);
      if (format == io::Format::text) {
        workload.instances = io::read_text_lattices(text_, options_.data, lexicon, words);
      } else {
        io::LabelIndex unused;
        for (const auto& sentence : io::read_bmes(text_, options_.data, unused)) {
          std::string line;
          for (const std::string_view character : sentence.words) line += character;
          workload.instances.emplace_back(io::text_lattice(line, lexicon, words));
        }
      }
    }
    workload.vocabularies.words = words.vocabulary();
  }

  void read_sentences(io::Format format, Workload& workload) const {
    io::LabelIndex tags = labels();
    const auto sentences = read_tagged(format, text_, options_.data, tags);
    if (tags.names().empty() && format == io::Format::text) {
      refuse_option(options_, "--format", "text without tags",
                    "tagged data, or --weights that name the tags");
    }
    workload.vocabularies.labels = tags.names();
    if (row_.model != "bilstm_tagger_char") {
      io::WordIndex words = index(known_.words);
      workload.instances = io::sentences_of(sentences, words);
      workload.vocabularies.words = words.vocabulary();
      return;
    }
    const io::WordIndex words(known_.words.empty() ? counted_words(sentences) : known_.words);
    io::WordIndex characters = index(known_.characters);
    workload.instances = io::spelt_sentences(sentences, words, characters);
    workload.vocabularies.words = words.vocabulary();
    workload.vocabularies.characters = characters.vocabulary();
  }

  static std::vector<io::TaggedSentence> read_tagged(io::Format format, std::string_view text,
                                                     const std::string& path,
                                                     io::LabelIndex& tags) {
    if (format == io::Format::bmes) return io::read_bmes(text, path, tags);
    if (format == io::Format::text) return io::read_words(text, path);
    return io::read_tagged_text(text, path, tags);
  }

  // The words that are not rare in --counts, or in the data themselves.
  [[nodiscard]] nn::Vocabulary counted_words(
      const std::vector<io::TaggedSentence>& sentences) const {
    if (options_.counts.empty()) return io::frequent_words(sentences);
    const std::string text = io::read_file(options_.counts);
    const io::Format guess = io::guess_format(text);
    const io::Format format = guess == io::Format::bmes ? guess : io::Format::tagged;
    io::LabelIndex unused;
    return io::frequent_words(read_tagged(format, text, options_.counts, unused));
  }

  void read_pairs(Workload& workload) const {
    std::uint32_t target_rows = options_.target_rows.value_or(kTargetRows);
    if (weights_ != nullptr) {
      const std::uint32_t has = rows(nn::kTargetEmbedding);
      const bool folded = known_.target.empty() || known_.target == numbered(has);
      target_rows = folded ? has : 0;
    }
    const std::string target_text = io::read_file(options_.target);
    io::WordIndex source = index(known_.words);
    io::WordIndex target = index(known_.target);
    workload.instances = io::read_parallel({text_, options_.data}, {target_text, options_.target},
                                           target_rows, source, target);
    workload.vocabularies.words = source.vocabulary();
    workload.vocabularies.target = target_rows > 0 ? numbered(target_rows) : target.vocabulary();
  }

  void make_random(Workload& workload) const {
    io::RandomData data = io::random_data(options_.data);
    if (data.kind != name(row_.kind)) {
      refuse_option(options_, "--data", "random " + data.kind, "random " + name(row_.kind));
    }
    workload.instances = std::move(data.instances);
    workload.vocabularies = std::move(data.vocabularies);
    if (weights_ == nullptr) return;
    // What the weights have may be more than what the data use.
    nn::Vocabularies& names = workload.vocabularies;
    keep("vocabulary", known_.words, rows(nn::kEmbedding), names.words);
    if (rows(nn::kCharacters) > 0) {
      keep("characters", known_.characters, rows(nn::kCharacters), names.characters);
    }
    if (rows(nn::kTargetEmbedding) > 0) {
      keep("target", known_.target, rows(nn::kTargetEmbedding), names.target);
    }
    const auto labels = static_cast<std::uint32_t>(known_.labels.size());
    if (labels > 0) keep("labels", known_.labels, labels, names.labels);
  }

  void keep(const char* what, const nn::Vocabulary& known, std::uint32_t rows,
            nn::Vocabulary& names) const {
    if (names.size() > rows) {
      throw base::UsageError({"--data", std::string(what) + " of the random data",
                              std::to_string(names.size()),
                              "at most " + std::to_string(rows) + ", which the weights have"});
    }
    names = known.empty() ? numbered(rows) : known;
  }

  const WorkloadOptions& options_;
  const ModelData& row_;
  const io::WeightsFile* weights_;
  nn::Vocabularies known_;  // of the weights
  std::string text_;
};

}  // namespace

void read_data(const WorkloadOptions& options, const ModelData& row, const io::WeightsFile* weights,
               Workload& workload) {
  DataReader(options, row, weights).read(workload);
}

}  // namespace sheaf::engine
