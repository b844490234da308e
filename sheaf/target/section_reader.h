// SPDX-License-Identifier: Apache-2.0
//
// The visitor of fields.h that reads a section from a tree. All faults are ConfigErrors at the line
// of the key.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/base/yaml.h"
#include "sheaf/target/fields.h"

namespace sheaf::target {

// "file:line" by path of a key.
using Places = std::map<std::string, std::string>;

// The names that fields.h gives a section.
struct KeyNames {
  std::vector<std::string> names{"source", "origin"};

  template <class T>
  void number(const Key& key, T& /*value*/) {
    names.emplace_back(key.name);
  }
  void flag(const char* name, bool& /*value*/, const char* /*help*/) { names.emplace_back(name); }
  void text(const char* name, std::string& /*value*/, const char* /*help*/) {
    names.emplace_back(name);
  }
  template <class E, class Names>
  void choice(const char* name, E& /*value*/, const Names& /*names*/, const char* /*help*/) {
    names.emplace_back(name);
  }
  template <class S>
  void section(const char* name, S& /*value*/, const char* /*help*/) {
    names.emplace_back(name);
  }
  template <class S>
  void named(const char* name, std::vector<S>& /*value*/, const char* /*help*/) {
    names.emplace_back(name);
  }
};

// What all sections of one chip are read into beside themselves.
struct SectionContext {
  Places& places;
  std::map<std::string, Provenance>& provenance;
};

[[nodiscard]] inline std::string joined(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

// Throws ConfigError of `node`, which is the value of `path`.
[[noreturn]] void refuse(const base::YamlNode& node, const std::string& path,
                         const std::string& expected, const std::string& hint = {});

void require_map(const base::YamlNode& node, const std::string& path);
void require_known_keys(const base::YamlNode& node, const std::string& path,
                        const std::vector<std::string>& names);
[[nodiscard]] std::string read_text(const base::YamlNode& node, const std::string& path);
[[nodiscard]] bool read_flag(const base::YamlNode& node, const std::string& path);
[[nodiscard]] double read_number(const base::YamlNode& node, const std::string& path,
                                 const Key& key, bool whole);
[[nodiscard]] std::size_t read_choice(const base::YamlNode& node, const std::string& path,
                                      std::span<const std::string_view> names);
// Reads `source` and `origin` of a section or an item of it; what is above it lends what it lacks.
void read_provenance(const base::YamlNode& node, const std::string& path, SectionContext context);
// Throws unless the name of a child of `path` can be part of a path. Names of figures have dots.
void require_plain_name(const base::YamlNode& map, std::size_t index, const std::string& path);

class SectionReader {
 public:
  SectionReader(const base::YamlNode& node, std::string path, SectionContext context)
      : node_(node), path_(std::move(path)), context_(context) {}

  template <class T>
  void number(const Key& key, T& value) {
    if (const base::YamlNode* child = find(key.name)) {
      value =
          static_cast<T>(read_number(*child, joined(path_, key.name), key, std::is_integral_v<T>));
    }
  }

  void flag(const char* name, bool& value, const char* /*help*/) {
    if (const base::YamlNode* child = find(name)) value = read_flag(*child, joined(path_, name));
  }

  void text(const char* name, std::string& value, const char* /*help*/) {
    if (const base::YamlNode* child = find(name)) value = read_text(*child, joined(path_, name));
  }

  template <class E, class Names>
  void choice(const char* name, E& value, const Names& names, const char* /*help*/) {
    if (const base::YamlNode* child = find(name)) {
      value = static_cast<E>(read_choice(*child, joined(path_, name), names));
    }
  }

  template <class S>
  void section(const char* name, S& value, const char* /*help*/) {
    if (const base::YamlNode* child = find(name)) read(*child, joined(path_, name), value);
  }

  template <class S>
  void section(const char* name, std::optional<S>& value, const char* /*help*/) {
    if (const base::YamlNode* child = find(name)) {
      read(*child, joined(path_, name), value.emplace());
    }
  }

  template <class S>
  void named(const char* name, std::vector<S>& value, const char* /*help*/) {
    const base::YamlNode* child = find(name);
    if (child == nullptr) return;
    const std::string path = joined(path_, name);
    require_map(*child, path);
    read_provenance(*child, path, context_);
    for (std::size_t i = 0; i < child->children.size(); ++i) {
      if (child->keys[i] == "source" || child->keys[i] == "origin") continue;
      require_plain_name(*child, i, path);
      S& item = value.emplace_back();
      item.name = child->keys[i];
      read(child->children[i], joined(path, item.name), item);
    }
  }

  // Reads the section `value` of `path`, all of it.
  template <class S>
  void read(const base::YamlNode& node, const std::string& path, S& value) {
    require_map(node, path);
    KeyNames known;
    fields(known, value);
    require_known_keys(node, path, known.names);
    read_provenance(node, path, context_);
    SectionReader reader(node, path, context_);
    fields(reader, value);
    if constexpr (requires { value.source; }) value.source = source_of(path);
  }

 private:
  [[nodiscard]] const base::YamlNode* find(const char* name) {
    const base::YamlNode* child = node_.find(name);
    if (child != nullptr) context_.places[joined(path_, name)] = child->place;
    return child;
  }

  [[nodiscard]] std::string source_of(std::string path) const {
    for (;;) {
      const auto found = context_.provenance.find(path);
      if (found != context_.provenance.end()) return found->second.source;
      const auto dot = path.rfind('.');
      path.erase(dot == std::string::npos ? 0 : dot);
    }
  }

  const base::YamlNode& node_;
  std::string path_;
  SectionContext context_;
};

}  // namespace sheaf::target
