// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "sheaf/engine/workload.h"
#include "sheaf/io/blocks.h"

namespace sheaf::engine {

struct VocabularyOptions {
  // Words that the data have less often have no row. Not given: 1, and of bilstm_tagger_char
  // io::kLeastSeen, whose rarer words are spelt.
  std::optional<std::uint32_t> min_count;
  std::uint64_t block_bytes = io::kBlockBytes;  // that are read at a time
};

// The vocabularies of a model that is to be trained on `options.data`, in the order in which the
// data show the names first:
//
//   words   "<unk>", which every other word has in common, and those that come often enough;
//           of integer lattices, ids; of lattices made of text, its characters and words
//   characters   bilstm_tagger_char: "<unk>" and those of the words that are spelt
//   target  lstm_nmt: "<unk>", which also begins a sentence, "</s>", which ends it, and the words
//           that come often enough; with options.target_rows the folded rows
//   labels  every tag, relation or label; of trees "0", "1", ... up to the largest, and at least
//           the benchmark's five; of pictures "0", "1", ... up to the largest
//
// Of random data, all its names. Reads files block by block and keeps none of it. Throws UsageError
// for `lac` without a CRF to be trained, whose dictionaries are fixed, for standard input, which
// cannot be read again to train on, and for data without labels; DataError for bad data.
[[nodiscard]] nn::Vocabularies build_vocabularies(const WorkloadOptions& options,
                                                  const VocabularyOptions& vocabulary = {});

}  // namespace sheaf::engine
