// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sheaf/io/vocabulary.h"

namespace sheaf::io {

// Reads dependency trees in CoNLL-U (universaldependencies.org/format.html): a word per line, ten
// columns separated by tabs, of which ID, FORM, HEAD and DEPREL are used; sentences end with an
// empty line. Comments, multiword tokens ("1-2") and empty nodes ("1.1") are skipped; relations
// keep their subtype ("nsubj:pass"). A sentence may have several roots. Throws DataError with file
// and line: another number of columns, IDs that do not count 1, 2, ..., a head that is no word of
// the sentence, heads that go in a circle, a relation that a closed `relations` lacks, bytes that
// are not UTF-8.
[[nodiscard]] std::vector<nn::Instance> read_conllu(std::string_view text, const std::string& path,
                                                    WordIndex& words, LabelIndex& relations);

}  // namespace sheaf::io
