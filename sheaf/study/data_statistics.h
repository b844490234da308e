// SPDX-License-Identifier: Apache-2.0
//
// Counts, sizes and shapes of instances, as `sheaf inspect` reports them.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/io/format.h"
#include "sheaf/nn/dataset.h"

namespace sheaf::study {

// Reads a file of any format by itself: of text, words. Throws DataError.
[[nodiscard]] std::vector<nn::Instance> read_instances(std::string_view text,
                                                       const std::string& path, io::Format format,
                                                       nn::Vocabularies& vocabularies);

// Adds what can be counted of the first `limit` instances (of all where there is no limit):
// `instances`; by kind, a {mean, p50, max} each, per instance unless said otherwise,
//
//   trees         leaves, depth (edges from the root to the deepest leaf)
//   lattices      positions, arcs, word_arcs (not from the previous position); per position,
//                 arcs_per_position; per word arc, span (positions)
//   sentences     words
//   pairs         words, target_words
//   dependencies  words, depth, roots; per word, children
//   dags          nodes, edges, depth; per node, predecessors; and, as a number, repeated_edges
//
// and `vocabulary` {rows, words that occur, tokens, seen_once} and `labels` {name: count}, the most
// frequent first.
void add_statistics(std::span<const nn::Instance> instances, const nn::Vocabularies& vocabularies,
                    std::optional<std::uint32_t> limit, nlohmann::ordered_json& report);

}  // namespace sheaf::study
