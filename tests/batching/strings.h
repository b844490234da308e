// SPDX-License-Identifier: Apache-2.0
//
// The strings of types along the paths of small graphs.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/batching/search/path_classes.h"
#include "tests/batching/random_graph.h"

namespace sheaf::batching {

[[nodiscard]] inline bool is_subsequence(std::string_view part, std::string_view whole) {
  for (const char letter : whole) {
    if (!part.empty() && part.front() == letter) part.remove_prefix(1);
  }
  return part.empty();
}

[[nodiscard]] inline bool is_in_one_of(std::string_view part,
                                       const std::vector<std::string>& strings) {
  return std::any_of(strings.begin(), strings.end(),
                     [&](const std::string& whole) { return is_subsequence(part, whole); });
}

// All strings that start at each class; a letter per type, 'a' for type 0.
[[nodiscard]] inline std::vector<std::vector<std::string>> strings_of(const PathClasses& classes) {
  std::vector<std::vector<std::string>> strings(classes.size());
  for (ClassId c = 0; c < classes.size(); ++c) {
    const std::string letter(1, static_cast<char>('a' + classes.type(c)));
    for (const ClassId s : classes.successors(c)) {
      for (const std::string& rest : strings[s]) strings[c].push_back(letter + rest);
    }
    if (strings[c].empty()) strings[c].push_back(letter);
  }
  return strings;
}

// All strings that start at each node.
[[nodiscard]] inline std::vector<std::vector<std::string>> strings_of(
    const Dependencies& dependencies) {
  std::vector<std::vector<std::string>> strings(dependencies.size());
  for (LocalId v = dependencies.size(); v-- > 0;) {
    const std::string letter(1, static_cast<char>('a' + dependencies.type(v)));
    for (const LocalId w : dependencies.consumers(v)) {
      for (const std::string& rest : strings[w]) strings[v].push_back(letter + rest);
    }
    if (strings[v].empty()) strings[v].push_back(letter);
  }
  return strings;
}

// Appends one chain per string; its letters are types.
inline void add_chains(std::initializer_list<std::string_view> strings, graph::Graph& graph) {
  for (const std::string_view string : strings) {
    for (std::size_t i = 0; i < string.size(); ++i) {
      const auto type = static_cast<graph::TypeId>(string[i] - 'a');
      if (i == 0) {
        graph.add(type, {});
      } else {
        graph.add(type, {graph::Operand{graph.size() - 1}});
      }
    }
  }
}

[[nodiscard]] inline std::vector<ClassId> members_of(ClassSet set) {
  std::vector<ClassId> members;
  for_each_descending(set, [&](ClassId c) { members.push_back(c); });
  return members;
}

}  // namespace sheaf::batching
