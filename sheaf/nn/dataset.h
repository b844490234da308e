// SPDX-License-Identifier: Apache-2.0
//
// What models are given: instances in flat arrays, words already turned into rows of an embedding
// table.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace sheaf::nn {

// A binary tree in post-order: children come before their parent, the root is last.
struct Tree {
  static constexpr std::uint32_t kLeaf = ~0U;
  struct Node {
    std::uint32_t left = kLeaf;  // index of a child, or kLeaf for both
    std::uint32_t right = kLeaf;
    std::uint32_t word = 0;   // of a leaf: row of the embedding table
    std::uint32_t label = 0;  // gold label
    [[nodiscard]] bool is_leaf() const { return left == kLeaf; }
  };
  std::vector<Node> nodes;
};

// A lattice: positions 0..n; arcs lead from an earlier position to a later one. Position 0 has
// none.
struct Lattice {
  struct Arc {
    std::uint32_t source;  // position
    std::uint32_t id;      // row of the embedding table
  };
  std::vector<std::uint32_t> arc_begin = {
      0};  // arcs into position p: arcs[arc_begin[p], arc_begin[p + 1])
  std::vector<Arc> arcs;
  [[nodiscard]] std::uint32_t positions() const {
    return static_cast<std::uint32_t>(arc_begin.size()) - 1;
  }
};

// A sentence of characters or words.
struct Sentence {
  std::vector<std::uint32_t> ids;  // rows of the embedding table
};

using Instance = std::variant<Tree, Lattice, Sentence>;

// The keys of an embedding table's rows: words, or the decimal ids of a file that has integers for
// words.
using Vocabulary = std::vector<std::string>;

}  // namespace sheaf::nn
