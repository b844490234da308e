// SPDX-License-Identifier: Apache-2.0
#include "sheaf/target/merge.h"

#include <string_view>
#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::target {
namespace {

using base::YamlNode;

bool is_map(const YamlNode* node) { return node != nullptr && node->kind == YamlNode::Kind::map; }

bool is_remark(std::string_view key) { return key == "source" || key == "origin"; }

void put(YamlNode& map, const std::string& key, YamlNode value) {
  if (YamlNode* there = map.find(key)) {
    *there = std::move(value);
  } else {
    map.keys.push_back(key);
    map.children.push_back(std::move(value));
  }
}

void put_text(YamlNode& map, const std::string& key, const std::string& text,
              const std::string& place) {
  put(map, key, {.kind = YamlNode::Kind::scalar, .place = place, .text = text});
}

void drop(YamlNode& map, std::string_view key) {
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    if (map.keys[i] != key) continue;
    map.keys.erase(map.keys.begin() + static_cast<std::ptrdiff_t>(i));
    map.children.erase(map.children.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
}

// What is only true of the chip as it was published.
void drop_what_is_published(YamlNode& root) {
  drop(root, "published");
  if (YamlNode* chip = root.find("chip"); is_map(chip)) drop(*chip, "sum_digits");
}

// Source and origin of what changes, from the nearest that gives them.
struct Remarks {
  const YamlNode* source = nullptr;
  const YamlNode* origin = nullptr;

  [[nodiscard]] Remarks within(const YamlNode& map) const {
    const YamlNode* own_source = map.find("source");
    const YamlNode* own_origin = map.find("origin");
    return {own_source != nullptr ? own_source : source,
            own_origin != nullptr ? own_origin : origin};
  }
};

[[noreturn]] void refuse_without_source(const YamlNode& changed, const std::string& path) {
  throw base::ConfigError({.place = changed.place,
                           .what = path + ".source",
                           .got = "nothing",
                           .expected = "where the numbers that differ come from",
                           .hint = "the source of the extended chip does not hold for them"});
}

void remark(YamlNode& map, const Remarks& remarks, const YamlNode& changed,
            const std::string& path) {
  if (remarks.source == nullptr) refuse_without_source(changed, path);
  const YamlNode* before = map.find("source");
  const std::string rest = before == nullptr ? "" : "; otherwise: " + before->text;
  put_text(map, "source", remarks.source->text + rest, remarks.source->place);
  if (remarks.origin != nullptr) put(map, "origin", *remarks.origin);
}

// Puts the keys of `base` into the order of `over`, when `over` has them all: stages, for instance,
// between which it has another.
void take_order(YamlNode& base, const YamlNode& over) {
  YamlNode ordered = base;
  ordered.keys.clear();
  ordered.children.clear();
  for (const std::string& key : over.keys) {
    if (const YamlNode* child = base.find(key)) put(ordered, key, *child);
  }
  for (std::size_t i = 0; i < base.keys.size(); ++i) {
    if (ordered.find(base.keys[i]) != nullptr) continue;
    if (!is_remark(base.keys[i])) return;
    put(ordered, base.keys[i], base.children[i]);
  }
  base = std::move(ordered);
}

void merge_section(YamlNode& base, const YamlNode& over, const Remarks& above,
                   const std::string& path) {
  const Remarks remarks = above.within(over);
  bool changed = false;
  for (std::size_t i = 0; i < over.keys.size(); ++i) {
    const std::string& key = over.keys[i];
    const YamlNode& value = over.children[i];
    if (is_remark(key)) continue;
    YamlNode* there = base.find(key);
    if (value.kind == YamlNode::Kind::nothing && is_map(there)) {
      drop(base, key);
    } else if (value.kind != YamlNode::Kind::map) {
      put(base, key, value);
      changed = true;
    } else if (is_map(there)) {
      merge_section(*there, value, remarks, path + "." + key);
    } else {
      YamlNode added = value;
      if (added.find("source") == nullptr) remark(added, remarks, value, path + "." + key);
      put(base, key, std::move(added));
    }
  }
  if (changed) remark(base, remarks, over, path);
  take_order(base, over);
}

}  // namespace

YamlNode merged(YamlNode base, const YamlNode& over) {
  drop_what_is_published(base);
  // What is not changed keeps the origin that it has in its own file.
  if (const YamlNode* origin = base.find("origin")) {
    const YamlNode inherited = *origin;
    for (YamlNode& section : base.children) {
      if (is_map(&section) && section.find("origin") == nullptr) put(section, "origin", inherited);
    }
  }
  for (const char* key : {"name", "title", "source", "origin", "extends"}) drop(base, key);
  base.place = over.place;
  for (std::size_t i = 0; i < over.keys.size(); ++i) {
    const std::string& key = over.keys[i];
    const YamlNode& value = over.children[i];
    YamlNode* there = base.find(key);
    if (is_map(there) && is_map(&value)) {
      merge_section(*there, value, {.origin = over.find("origin")}, key);
    } else if (is_map(there) && value.kind == YamlNode::Kind::nothing) {
      drop(base, key);
    } else if (key != "extends") {
      put(base, key, value);
    }
  }
  return base;
}

void state_what_was_measured(YamlNode& root) {
  const auto copy = [](const YamlNode* from, const char* key, YamlNode* to, const char* stated) {
    if (!is_map(from) || !is_map(to) || to->find(stated) != nullptr) return;
    const YamlNode* value = from->find(key);
    if (value != nullptr && value->kind == YamlNode::Kind::scalar) put(*to, stated, *value);
  };
  if (YamlNode* crossbar = root.find("crossbar"); is_map(crossbar)) {
    copy(crossbar, "rows", crossbar, "measured_rows");
    copy(crossbar, "columns", crossbar, "measured_columns");
    copy(crossbar, "parallel_rows", crossbar, "measured_parallel_rows");
  }
  YamlNode* pe = root.find("pe");
  if (is_map(pe)) copy(root.find("adc"), "rate", pe->find("converter"), "rate");
}

void apply_change(YamlNode& root, const std::string& change) {
  const auto equals = change.find('=');
  const std::string path = change.substr(0, equals);
  if (equals == std::string::npos || path.empty()) {
    throw base::UsageError({.place = "--set",
                            .what = "change",
                            .got = "'" + change + "'",
                            .expected = "KEY=VALUE",
                            .hint = "such as crossbar.rows=256"});
  }
  drop_what_is_published(root);
  const std::string place = "--set " + change;
  YamlNode* at = &root;
  std::size_t from = 0;
  for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', from)) {
    const std::string key = path.substr(from, dot - from);
    if (!is_map(at->find(key))) put(*at, key, {.kind = YamlNode::Kind::map, .place = place});
    at = at->find(key);
    from = dot + 1;
  }
  const std::string key = path.substr(from);
  put_text(*at, key, change.substr(equals + 1), place);
  if (at == &root) return;
  const YamlNode* source = at->find("source");
  const std::string before = source == nullptr ? "" : source->text + "; ";
  put_text(*at, "source", before + change + " by --set", place);
  put_text(*at, "origin", "own", place);
}

}  // namespace sheaf::target
