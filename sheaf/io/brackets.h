// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sheaf/io/vocabulary.h"

namespace sheaf::io {

// Reads binary trees in Penn brackets as the Stanford Sentiment Treebank has them, one per line:
//
//   (3 (2 Real) (4 beauty))
//
// A label, then a word or two trees. Labels are integers from 0 on, below `classes` where that is
// not 0, or "_", no label; a word is anything without blanks and brackets. Empty lines are skipped.
// Trees may be of any depth. Throws DataError with file and line: unbalanced brackets, an empty
// tree, a missing label, one or more than two children, bytes that are not UTF-8.
[[nodiscard]] std::vector<nn::Instance> read_brackets(std::string_view text,
                                                      const std::string& path, WordIndex& words,
                                                      std::uint32_t classes = 0);

}  // namespace sheaf::io
