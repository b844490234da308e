// SPDX-License-Identifier: Apache-2.0
//
// Data of the shapes that the larger sets have, from a seed: the same on every machine.
#pragma once

#include <cstdint>
#include <string>

namespace sheaf::test {

// Binary trees of 1 to 30 leaves in Penn brackets, words "w0" to "w199".
[[nodiscard]] std::string random_trees(std::uint32_t count, std::uint64_t seed);

// Integer lattices of 1 to 25 positions; about every second position has a word arc, some two.
[[nodiscard]] std::string random_lattices(std::uint32_t count, std::uint64_t seed);

// Lines of 0 to 20 characters out of twelve, among them two that lac_folder.h's dictionary knows.
[[nodiscard]] std::string random_text(std::uint32_t count, std::uint64_t seed);

// Words of two and three of these characters.
[[nodiscard]] std::string random_lexicon(std::uint64_t seed);

// A tree whose left (or right) spine is `depth` nodes long; its words are "a" and, at the deepest
// leaf, "b".
[[nodiscard]] std::string left_tree(std::uint32_t depth);
[[nodiscard]] std::string right_tree(std::uint32_t depth);

}  // namespace sheaf::test
