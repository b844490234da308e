// SPDX-License-Identifier: Apache-2.0
//
// Files that people write: a strict part of YAML, read into a tree in which every node knows its
// line. Not read, because each lets a small file mean something long or unexpected: anchors and
// aliases, tags, several documents, keys that are no plain words, a key given twice.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sheaf::base {

inline constexpr int kMostYamlDepth = 16;
inline constexpr std::size_t kMostYamlBytes = std::size_t{1} << 20;

struct YamlNode {
  enum class Kind { nothing, scalar, map, list };

  Kind kind = Kind::nothing;
  std::string place;               // "file:line"; in a map that of its key
  std::string text;                // of a scalar, without its quotes
  std::vector<std::string> keys;   // of a map: keys[i] names children[i], in the file's order
  std::vector<YamlNode> children;  // of a map or a list

  // The child of a map with this key, or nullptr.
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
  [[nodiscard]] YamlNode* find(std::string_view key);
  // "a map", "'12 mW'", ...: how a message names what was got.
  [[nodiscard]] std::string described() const;
};

// Parses `text`; `file` is how messages name it. Throws ConfigError at file:line.
[[nodiscard]] YamlNode parse_yaml(std::string_view text, const std::string& file);

// `text` as a scalar or key of YAML: quoted where it has to be.
[[nodiscard]] std::string yaml_quoted(std::string_view text);

}  // namespace sheaf::base
