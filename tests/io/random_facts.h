// SPDX-License-Identifier: Apache-2.0
//
// What can be said of random instances.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "sheaf/io/random_data.h"

namespace sheaf::test {

// Edges from the root to the deepest leaf.
inline std::size_t depth(const nn::Tree& tree) {
  std::vector<std::size_t> below(tree.nodes.size(), 0);
  for (std::size_t k = 0; k < tree.nodes.size(); ++k) {
    const auto& node = tree.nodes[k];
    if (!node.is_leaf()) below[k] = 1 + std::max(below[node.left], below[node.right]);
  }
  return below.back();
}

// Edges from a root to the deepest word.
inline std::size_t depth(const nn::DependencyTree& tree) {
  std::size_t most = 0;
  for (std::uint32_t word = 0; word < tree.heads.size(); ++word) {
    std::size_t above = 0;
    for (std::uint32_t w = word; tree.heads[w] != nn::DependencyTree::kRoot; w = tree.heads[w]) {
      ++above;
    }
    most = std::max(most, above);
  }
  return most;
}

// Every number of trees and lattices.
inline std::string digest(const io::RandomData& data) {
  std::string text;
  const auto add = [&](std::uint32_t value) { text += std::to_string(value) + " "; };
  for (const nn::Instance& instance : data.instances) {
    if (const auto* tree = std::get_if<nn::Tree>(&instance)) {
      for (const auto& node : tree->nodes) {
        for (const std::uint32_t v : {node.left, node.right, node.word, node.label}) add(v);
      }
    } else if (const auto* lattice = std::get_if<nn::Lattice>(&instance)) {
      for (const std::uint32_t v : lattice->arc_begin) add(v);
      for (const auto& arc : lattice->arcs) {
        add(arc.source);
        add(arc.id);
      }
    }
  }
  return text;
}

}  // namespace sheaf::test
