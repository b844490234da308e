// SPDX-License-Identifier: Apache-2.0
//
// Reads data files, whole or block by block, with the names that are known or that it finds.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sheaf/engine/model_data.h"
#include "sheaf/engine/workload.h"
#include "sheaf/io/lattices.h"
#include "sheaf/io/parallel.h"
#include "sheaf/io/weights_file.h"

namespace sheaf::engine {

// What is known of a model's names before its data are read.
struct KnownNames {
  nn::Vocabularies names;  // where one is empty, it is taken from the data
  // Rows of tables, also of those whose rows have no names; 0: not known.
  std::uint32_t word_rows = 0;
  std::uint32_t character_rows = 0;
  std::uint32_t target_rows = 0;
};

// Those of the weights, where there are any (else nullptr), or that the options give.
[[nodiscard]] KnownNames known_names(const WorkloadOptions& options,
                                     const io::WeightsFile* weights);

// "0", "1", ...: names of rows that have none.
[[nodiscard]] nn::Vocabulary numbered(std::uint32_t count);

class BlockReader {
 public:
  // What the names that are not known are for: to run a model as the benchmarks have it, or to
  // build the vocabularies of a model that is to be trained, which is the same but for
  //
  //   integer lattices    ids and tags are names, as "17" is, and no rows
  //   trees, lattices, directed graphs    their labels are the model's classes
  //   lstm_nmt            the target's vocabulary is full unless --target-rows says otherwise
  //   bilstm_tagger_char  every word is read as a whole: which are rare is not known yet
  enum class Purpose : std::uint8_t { run, build };

  // `options` and `row` must outlive the reader. `three_fields`: of `tagged` files of which only
  // parts are read (io/tagged_text.h). Reads the lexicon. With Purpose::run the words of
  // bilstm_tagger_char must be known.
  BlockReader(const WorkloadOptions& options, const ModelData& row, io::Format format,
              KnownNames known, Purpose purpose, std::optional<bool> three_fields = {});

  // `target`: the translations of lstm_nmt. Throws UsageError and DataError.
  [[nodiscard]] std::vector<nn::Instance> read(const io::NamedText& text,
                                               const io::NamedText& target = {});

  // The names that are known now: given, or found by read().
  [[nodiscard]] nn::Vocabularies vocabularies() const;

 private:
  [[nodiscard]] std::vector<nn::Instance> read_lattices(const io::NamedText& text);
  [[nodiscard]] std::vector<nn::Instance> read_sentences(const io::NamedText& text);
  [[nodiscard]] bool keeps_labels() const;
  [[nodiscard]] bool spells() const;
  void count_tree_labels(const std::vector<nn::Instance>& trees, const io::NamedText& text);

  const WorkloadOptions& options_;
  const ModelData& row_;
  io::Format format_;
  KnownNames known_;
  Purpose purpose_;
  std::optional<bool> three_fields_;
  bool ids_are_rows_ = false;  // of integer lattices
  std::uint32_t target_rows_ = 0;
  std::uint32_t tree_labels_ = 0;
  io::WordIndex words_, characters_, target_;
  io::LabelIndex labels_;
  std::optional<io::Lexicon> lexicon_;
};

}  // namespace sheaf::engine
