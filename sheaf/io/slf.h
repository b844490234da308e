// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sheaf/io/vocabulary.h"

namespace sheaf::io {

// Reads lattices in HTK's Standard Lattice Format (The HTK Book, chapter "HTK Standard Lattice
// Format"), as speech recognisers write them: lines of fields "name=value", short names or long
// ones, values perhaps in quotes; lines that begin with '#' are comments.
//
//   VERSION=1.0
//   N=3 L=3
//   I=0
//   I=1 W=cat
//   I=2 W=sat
//   J=0 S=0 E=1
//   J=1 S=0 E=2
//   J=2 S=1 E=2
//
// A file may hold several lattices, each beginning with VERSION. Positions are the nodes in
// topological order: of those that could come next, the smallest number. Arcs into a position are
// in the order of their lines; an arc's id is the row that `words` gives to the word of its link
// or, when that has none, of the node where it ends, or else to "!NULL", a word as any other.
// Scores and times are skipped. A model takes an arc from the previous position for a character
// arc (nn::Lattice), whatever its word.
//
// All arcs must start from one node: the header's `start`, or the only node without a link into
// it; there may be several ends. Throws DataError with file and line: a field without '=', numbers
// that are none, another number of links than L says, nodes beyond N, a node or link given twice, a
// second start, a cycle, which is named, sub-lattices, backward lattices, bytes that are not UTF-8.
[[nodiscard]] std::vector<nn::Instance> read_slf(std::string_view text, const std::string& path,
                                                 WordIndex& words);

}  // namespace sheaf::io
