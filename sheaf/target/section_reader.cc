// SPDX-License-Identifier: Apache-2.0
#include "sheaf/target/section_reader.h"

#include <fmt/format.h>

namespace sheaf::target {
namespace {

constexpr std::size_t kLongestName = 64;

std::string bounds(const Key& key) {
  const std::string least = format_quantity(key.least, key.quantity);
  const bool endless = key.most >= std::numeric_limits<double>::max();
  if (key.open) {
    return endless ? "more than " + least
                   : fmt::format("more than {}, at most {}", least,
                                 format_quantity(key.most, key.quantity));
  }
  return endless ? least + " or more"
                 : fmt::format("{} to {}", least, format_quantity(key.most, key.quantity));
}

}  // namespace

void refuse(const base::YamlNode& node, const std::string& path, const std::string& expected,
            const std::string& hint) {
  throw base::ConfigError({.place = node.place,
                           .what = path,
                           .got = node.described(),
                           .expected = expected,
                           .hint = hint});
}

void require_map(const base::YamlNode& node, const std::string& path) {
  if (node.kind != base::YamlNode::Kind::map) {
    refuse(node, path.empty() ? "chip" : path, "a map of key: value");
  }
}

void require_known_keys(const base::YamlNode& node, const std::string& path,
                        const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& key = node.keys[i];
    if (std::find(names.begin(), names.end(), key) != names.end()) continue;
    throw base::ConfigError({.place = node.children[i].place,
                             .what = joined(path, key),
                             .got = "an unknown key",
                             .hint = base::suggest(key, names)});
  }
}

std::string read_text(const base::YamlNode& node, const std::string& path) {
  if (node.kind != base::YamlNode::Kind::scalar || node.text.empty()) refuse(node, path, "a text");
  return node.text;
}

bool read_flag(const base::YamlNode& node, const std::string& path) {
  if (node.kind == base::YamlNode::Kind::scalar && node.text == "true") return true;
  if (node.kind == base::YamlNode::Kind::scalar && node.text == "false") return false;
  refuse(node, path, "true or false");
}

double read_number(const base::YamlNode& node, const std::string& path, const Key& key,
                   bool whole) {
  std::optional<double> value;
  if (node.kind == base::YamlNode::Kind::scalar) value = parse_quantity(node.text, key.quantity);
  if (!value && key.quantity == Quantity::plain) {
    refuse(node, path, whole ? "a whole number without a unit" : "a number without a unit");
  }
  if (!value) {
    refuse(node, path,
           fmt::format("{} with its unit ({})", quantity_name(key.quantity),
                       unit_names(key.quantity)));
  }
  const bool small = key.open ? *value <= key.least : *value < key.least;
  if (small || *value > key.most) refuse(node, path, bounds(key));
  if (whole && *value != std::floor(*value)) refuse(node, path, "a whole number");
  return *value;
}

std::size_t read_choice(const base::YamlNode& node, const std::string& path,
                        std::span<const std::string_view> names) {
  const auto found = std::find(names.begin(), names.end(), node.text);
  if (node.kind == base::YamlNode::Kind::scalar && found != names.end()) {
    return static_cast<std::size_t>(found - names.begin());
  }
  std::string list;
  for (const std::string_view name : names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  const std::vector<std::string> all(names.begin(), names.end());
  const std::string hint = base::suggest(node.text, all);
  refuse(node, path, "one of " + list, hint.starts_with("did") ? hint : "");
}

void read_provenance(const base::YamlNode& node, const std::string& path, SectionContext context) {
  const base::YamlNode* source = node.find("source");
  const base::YamlNode* origin = node.find("origin");
  const bool top = path.empty();
  // Sections say where their numbers come from; what lies in them may.
  if (source == nullptr && path.find('.') == std::string::npos) {
    throw base::ConfigError({.place = node.place,
                             .what = top ? "source" : joined(path, "source"),
                             .got = "nothing",
                             .expected = "where the numbers come from",
                             .hint = "such as 'source: ISAAC (ISCA 2016) table I'"});
  }
  if (top && origin == nullptr) {
    throw base::ConfigError({.place = node.place,
                             .what = "origin",
                             .got = "nothing",
                             .expected = "published, derived, reconstructed, example or own"});
  }
  if (source == nullptr && origin == nullptr) return;
  Provenance above;
  if (!top) {
    std::string parent = path;
    do {
      const auto dot = parent.rfind('.');
      parent.erase(dot == std::string::npos ? 0 : dot);
    } while (!parent.empty() && !context.provenance.contains(parent));
    above = context.provenance[parent];
  }
  if (source != nullptr) {
    above.source = read_text(*source, joined(path, "source"));
    context.places[joined(path, "source")] = source->place;
  }
  if (origin != nullptr) {
    above.origin = static_cast<Origin>(read_choice(*origin, joined(path, "origin"), kOriginNames));
  }
  context.provenance[path] = above;
}

void require_plain_name(const base::YamlNode& map, std::size_t index, const std::string& path) {
  const std::string& name = map.keys[index];
  const bool plain = std::all_of(name.begin(), name.end(), [&](unsigned char c) {
    return c >= 0x20 && c != 0x7f && c != '=' && (c != '.' || path == "published");
  });
  if (plain && name.size() <= kLongestName) return;
  throw base::ConfigError(
      {.place = map.children[index].place,
       .what = path,
       .got = name.size() <= kLongestName ? "the name '" + name + "'"
                                          : fmt::format("a name of {} bytes", name.size()),
       .expected = fmt::format("one without '.' and '=', of at most {} bytes", kLongestName)});
}

}  // namespace sheaf::target
