// SPDX-License-Identifier: Apache-2.0
#include "sheaf/target/read_chip.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/base/yaml.h"
#include "sheaf/target/merge.h"
#include "sheaf/target/presets.h"
#include "sheaf/target/section_reader.h"
#include "sheaf/target/validate.h"

namespace sheaf::target {
namespace {

using base::YamlNode;

bool names_a_file(std::string_view name) {
  return name.find('/') != std::string_view::npos || name.ends_with(".yaml");
}

std::string file_text(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw base::IoError(
        {.place = path, .what = "cannot read", .got = "a folder", .expected = "a file"});
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw base::NotFoundError({.place = path, .what = "no such file"});
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (file.bad()) throw base::IoError({.place = path, .what = "cannot read"});
  return text;
}

std::string_view text_of_preset(const std::string& name, const std::string& place) {
  const auto text = preset_text(name);
  if (text) return *text;
  throw base::NotFoundError({.place = place,
                             .what = "unknown chip",
                             .got = "'" + name + "'",
                             .hint = base::suggest(name, preset_names())});
}

// Where a file that is extended may lie: beside this one, or nowhere.
using Folder = std::optional<std::string>;

YamlNode resolved(std::string_view text, const std::string& file, const Folder& folder, int depth);

YamlNode opened(const std::string& name, const std::string& place, const Folder& folder,
                int depth) {
  if (!names_a_file(name)) {
    return resolved(text_of_preset(name, place), "preset " + name, std::nullopt, depth);
  }
  if (!folder) {
    throw base::ConfigError({.place = place,
                             .what = "extends",
                             .got = "the file '" + name + "'",
                             .expected = "a preset",
                             .hint = base::suggest(name, preset_names())});
  }
  const std::string path = name.starts_with('/') ? name : *folder + name;
  const auto slash = path.rfind('/');
  const std::string beside = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  return resolved(file_text(path), path, beside, depth);
}

// The tree of a text over those that it extends.
YamlNode resolved(std::string_view text, const std::string& file, const Folder& folder, int depth) {
  YamlNode root = base::parse_yaml(text, file);
  if (root.kind != YamlNode::Kind::map) {
    if (root.place.empty()) root.place = file;
    refuse(root, "chip", "a map of key: value");
  }
  const YamlNode* extends = root.find("extends");
  if (extends == nullptr) return root;
  const std::string name = read_text(*extends, "extends");
  if (depth == kMostExtends) {
    throw base::ConfigError({.place = extends->place,
                             .what = "extends",
                             .got = "'" + name + "'",
                             .expected = "at most 8 files, each of which extends the next",
                             .hint = "does one of them extend itself?"});
  }
  return merged(opened(name, extends->place, folder, depth + 1), root);
}

}  // namespace

Chip chip_of(YamlNode root, std::span<const std::string> changes) {
  if (root.kind == YamlNode::Kind::map) state_what_was_measured(root);
  for (const std::string& change : changes) apply_change(root, change);
  Chip chip;
  Places places;
  places[""] = root.place;
  const SectionContext context{places, chip.provenance};
  SectionReader(root, "", context).read(root, "", chip);
  chip.changes.assign(changes.begin(), changes.end());
  validate(chip, places);
  return chip;
}

void require_readable(YamlNode tree, const std::string& change) {
  apply_change(tree, change);
  Chip chip;
  Places places;
  const SectionContext context{places, chip.provenance};
  SectionReader(tree, "", context).read(tree, "", chip);
}

YamlNode read_chip_tree(const std::string& name) { return opened(name, "--hw", "", 0); }

Chip read_chip(const std::string& name, std::span<const std::string> changes) {
  return chip_of(read_chip_tree(name), changes);
}

Chip parse_chip(std::string_view text, const std::string& file,
                std::span<const std::string> changes) {
  return chip_of(resolved(text, file, std::nullopt, 0), changes);
}

}  // namespace sheaf::target
