// SPDX-License-Identifier: Apache-2.0
//
// Rare words are spelt (bilstm_tagger_char, docs/models.md): a word has either a row of the
// embedding table or its characters' rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/io/tagged_text.h"

namespace sheaf::io {

// Words seen less often are spelt.
inline constexpr std::uint32_t kLeastSeen = 5;

// "<unk>", then the words that are seen `least` times or more, in the order of their first
// appearance.
[[nodiscard]] nn::Vocabulary frequent_words(std::span<const TaggedSentence> sentences,
                                            std::uint32_t least = kLeastSeen);

// Instances of nn::Sentence. A word that `words` has takes its row; any other takes row 0 and is
// spelt: Sentence::spelling has the rows that `characters` gives to its code points. `words` must
// be closed.
[[nodiscard]] std::vector<nn::Instance> spelt_sentences(std::span<const TaggedSentence> sentences,
                                                        const WordIndex& words,
                                                        WordIndex& characters);

}  // namespace sheaf::io
