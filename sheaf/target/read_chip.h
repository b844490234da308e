// SPDX-License-Identifier: Apache-2.0
//
// YAML -> Chip. A file may say `extends: NAME`, a preset's name or a file beside it, and then holds
// only what differs; a section that it changes says where its own numbers come from.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sheaf/base/yaml.h"
#include "sheaf/target/chip.h"

namespace sheaf::target {

inline constexpr int kMostExtends = 8;

// Reads a chip: `name` is a preset's (presets.h), or a file's when it holds a '/' or ends with
// ".yaml". `changes` are "crossbar.rows=256", applied last. What is read has been validated.
// Throws ConfigError at file:line, NotFoundError for an unknown preset or file, IoError.
[[nodiscard]] Chip read_chip(const std::string& name, std::span<const std::string> changes = {});

// The same of a text; `file` is how messages name it. It may extend presets only.
[[nodiscard]] Chip parse_chip(std::string_view text, const std::string& file,
                              std::span<const std::string> changes = {});

// In two steps, for those who read one description with many changes: the tree of a chip over those
// that it extends, and the chip of a tree with changes. Both together are read_chip().
[[nodiscard]] base::YamlNode read_chip_tree(const std::string& name);
[[nodiscard]] Chip chip_of(base::YamlNode tree, std::span<const std::string> changes);

// Throws ConfigError unless the value of a change can be read: its number, unit or word. Whether it
// goes together with the rest is not asked.
void require_readable(base::YamlNode tree, const std::string& change);

}  // namespace sheaf::target
