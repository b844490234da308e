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

// In place of a label: there is none, and nothing is to be learned or counted.
inline constexpr std::uint32_t kNoLabel = ~0U;

// A binary tree in post-order: children come before their parent, the root is last.
struct Tree {
  static constexpr std::uint32_t kLeaf = ~0U;
  struct Node {
    std::uint32_t left = kLeaf;  // index of a child, or kLeaf for both
    std::uint32_t right = kLeaf;
    std::uint32_t word = 0;   // of a leaf: row of the embedding table
    std::uint32_t label = 0;  // gold label, or kNoLabel
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
  // Gold tags, one per position, kNoLabel where there is none, as at position 0, which no word
  // leads to; empty where there are none.
  std::vector<std::uint32_t> labels;
  [[nodiscard]] std::uint32_t positions() const {
    return static_cast<std::uint32_t>(arc_begin.size()) - 1;
  }
};

// A sentence of characters or words.
struct Sentence {
  std::vector<std::uint32_t> ids;     // rows of the embedding table
  std::vector<std::uint32_t> labels;  // gold tags, one per word; empty where there are none
  // Words that are read letter by letter: word w consists of spelling[spelling_begin[w],
  // spelling_begin[w + 1]), rows of the table of characters; of none where it has its own row.
  // Both are empty where no word is spelt.
  std::vector<std::uint32_t> spelling_begin;
  std::vector<std::uint32_t> spelling;
};

// A sentence and its translation.
struct SentencePair {
  std::vector<std::uint32_t> source;  // rows of the source's embedding table
  std::vector<std::uint32_t> target;  // rows of the target's embedding table, which are its classes
};

// A dependency tree: words in the order of the sentence, each with its head.
struct DependencyTree {
  static constexpr std::uint32_t kRoot = ~0U;
  std::vector<std::uint32_t> heads;   // index of a word, or kRoot; without cycles
  std::vector<std::uint32_t> words;   // rows of the embedding table
  std::vector<std::uint32_t> labels;  // gold relation
};

// A directed graph without cycles. Predecessors of node v: predecessors[begin[v], begin[v + 1]),
// all smaller than v.
struct Dag {
  std::vector<std::uint32_t> kinds;  // by node: row of the embedding table
  std::vector<std::uint32_t> begin = {0};
  std::vector<std::uint32_t> predecessors;
  std::vector<std::uint32_t> labels;  // gold labels by node, or kNoLabel; empty: there are none
};

// A picture, whose pixels are a row of a table (io/idx.h).
struct Picture {
  std::uint32_t row = 0;
  std::uint32_t label = 0;  // gold class
};

using Instance = std::variant<Tree, Lattice, Sentence, SentencePair, DependencyTree, Dag, Picture>;

// The keys of an embedding table's rows: words, or the decimal ids of a file that has integers for
// words.
using Vocabulary = std::vector<std::string>;

// What names a model's rows and classes. Empty where a model has none of a kind.
struct Vocabularies {
  Vocabulary words;       // rows of `embedding`, and of other tables that words index
  Vocabulary characters;  // rows of `characters`, with which words are spelt
  Vocabulary target;      // rows of `target_embedding`, which are lstm_nmt's classes
  Vocabulary labels;      // classes: tags, relations, or a tree's labels
};

}  // namespace sheaf::nn
