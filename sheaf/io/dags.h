// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sheaf/io/vocabulary.h"

namespace sheaf::io {

// Reads directed graphs without cycles as JSON lines, a graph per line:
//
//   {"nodes": ["relu", "conv", "add"], "edges": [[0, 2], [1, 2], [1, 2]]}
//
// A node has a kind, which `kinds` gives a row; an edge leads from one node to another, both
// counted from 0. Nodes are put into topological order: of those that could come next, the first
// in the line; a node's predecessors are in the order of its edges. An edge that is given twice
// counts twice, as in x + x. Other keys are skipped, as are empty lines. Throws DataError with
// file and line: bad JSON, a graph without nodes, an edge out of range or to its own node, a cycle,
// which is named, bytes that are not UTF-8.
[[nodiscard]] std::vector<nn::Instance> read_dags(std::string_view text, const std::string& path,
                                                  WordIndex& kinds);

}  // namespace sheaf::io
