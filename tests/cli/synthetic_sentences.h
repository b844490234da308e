// SPDX-License-Identifier: Apache-2.0
//
// Sentences, translations, dependency trees and graphs from a seed: the same on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace sheaf::test {

// Sentences of 1 to 25 words as "word|tag"; about every fourth word is rare, some of several bytes
// a character, some with a bar.
[[nodiscard]] std::string random_tagged(std::uint32_t count, std::uint64_t seed);

// Sentences of 1 to 25 characters, each with its BMES tag on a line of its own.
[[nodiscard]] std::string random_bmes(std::uint32_t count, std::uint64_t seed);

// Sentences of 1 to 15 words and as many translations; now and then both lines are empty.
[[nodiscard]] std::pair<std::string, std::string> random_pairs(std::uint32_t count,
                                                               std::uint64_t seed);

// Dependency trees of 1 to 25 words in CoNLL-U, with comments, multiword tokens and empty nodes;
// about every tenth word is a root.
[[nodiscard]] std::string random_conllu(std::uint32_t count, std::uint64_t seed);

// Graphs of 1 to 25 nodes as JSON lines, in no topological order; some edges are there twice.
[[nodiscard]] std::string random_dags(std::uint32_t count, std::uint64_t seed);

}  // namespace sheaf::test
