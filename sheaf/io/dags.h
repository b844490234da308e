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
// counts twice, as in x + x. Other keys are skipped, as are empty lines. A key "labels" may give a
// label, or null, per node, which `labels` turns into numbers; where that is nullptr it is skipped.
// Throws DataError with file and line: bad JSON, a graph without nodes, an edge out of range or to
// its own node, a cycle, which is named, another number of labels than nodes, a label that a
// closed `labels` lacks, bytes that are not UTF-8.
[[nodiscard]] std::vector<nn::Instance> read_dags(std::string_view text, const std::string& path,
                                                  WordIndex& kinds, LabelIndex* labels = nullptr);

}  // namespace sheaf::io
