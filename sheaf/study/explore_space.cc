// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/explore_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/base/yaml.h"
#include "sheaf/io/file.h"
#include "sheaf/target/write_chip.h"

namespace sheaf::study {
namespace {

using base::YamlNode;

const std::vector<std::string> kSpaceKeys = {
    "name", "hw", "set", "model", "compress", "strategy", "chips", "density", "objectives"};
// After the chip's keys, in this order.
constexpr std::array<std::string_view, 5> kRunAxes = {"model", "compress", "strategy", "chips",
                                                      "density"};

[[noreturn]] void refuse(const YamlNode& node, const std::string& what, const std::string& got,
                         const std::string& expected, const std::string& hint = {}) {
  throw base::ConfigError(
      {.place = node.place, .what = what, .got = got, .expected = expected, .hint = hint});
}

void require_known(const YamlNode& map, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    if (std::find(names.begin(), names.end(), map.keys[i]) != names.end()) continue;
    refuse(map.children[i], map.keys[i], "an unknown key", "", base::suggest(map.keys[i], names));
  }
}

double number_of(const YamlNode& node, const std::string& what) {
  double value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, fault] = std::from_chars(node.text.data(), end, value);
  if (node.kind != YamlNode::Kind::scalar || fault != std::errc() || stop != end ||
      !std::isfinite(value)) {
    refuse(node, what, node.described(), "a number");
  }
  return value;
}

// {from: 4, to: 8}, with `step` or `times`.
std::vector<std::string> range_values(const YamlNode& node, const std::string& key) {
  require_known(node, {"from", "to", "step", "times"});
  const YamlNode* from = node.find("from");
  const YamlNode* to = node.find("to");
  const YamlNode* step = node.find("step");
  const YamlNode* times = node.find("times");
  if (from == nullptr || to == nullptr) refuse(node, key, node.described(), "from and to");
  if (step != nullptr && times != nullptr) refuse(node, key, "step and times", "one of them");
  const double first = number_of(*from, key + ".from");
  const double last = number_of(*to, key + ".to");
  const double by = times != nullptr  ? number_of(*times, key + ".times")
                    : step != nullptr ? number_of(*step, key + ".step")
                                      : 1;
  if (times != nullptr && (by <= 1 || first <= 0)) {
    refuse(node, key, node.described(), "times above 1, from a number above 0");
  }
  if (times == nullptr && by <= 0) refuse(node, key, node.described(), "a step above 0");
  if (last < first) refuse(node, key, node.described(), "to at least as large as from");
  std::vector<std::string> values;
  const double end = last + 1e-9 * std::abs(last);
  double value = first;
  for (std::uint64_t i = 1; value <= end; ++i) {
    if (values.size() == kMostAxisValues) {
      refuse(node, key, "a longer range", fmt::format("at most {} values", kMostAxisValues));
    }
    std::string text = fmt::format("{:.12g}", value);
    if (!values.empty() && values.back() == text) {
      refuse(node, key, "steps that change nothing", "larger ones");
    }
    values.push_back(std::move(text));
    value = times != nullptr ? value * by : first + by * static_cast<double>(i);
  }
  return values;
}

std::vector<std::string> axis_values(const YamlNode& node, const std::string& key) {
  if (node.kind == YamlNode::Kind::map) return range_values(node, key);
  if (node.kind == YamlNode::Kind::scalar && !node.text.empty()) return {node.text};
  if (node.kind != YamlNode::Kind::list || node.children.empty()) {
    refuse(node, key, node.kind == YamlNode::Kind::list ? "an empty list" : node.described(),
           "one value, a list of some, or {from: A, to: B}");
  }
  if (node.children.size() > kMostAxisValues) {
    refuse(node, key, "a longer list", fmt::format("at most {} values", kMostAxisValues));
  }
  std::vector<std::string> values;
  std::set<std::string> seen;
  for (const YamlNode& item : node.children) {
    if (item.kind != YamlNode::Kind::scalar || item.text.empty()) {
      refuse(item, key, item.described(), "a word or a number");
    }
    if (!seen.insert(item.text).second) {
      refuse(item, key, "'" + item.text + "' a second time", "values that differ");
    }
    values.push_back(item.text);
  }
  return values;
}

// Whether "tile.buffers.eDRAM.size" is "tile.buffers.NAME.size".
bool fits(std::string_view path, std::string_view pattern) {
  for (;;) {
    const auto a = path.find('.');
    const auto b = pattern.find('.');
    const std::string_view word = pattern.substr(0, b);
    if (word != "NAME" && word != path.substr(0, a)) return false;
    if (a == std::string_view::npos || b == std::string_view::npos) return a == b;
    path.remove_prefix(a + 1);
    pattern.remove_prefix(b + 1);
  }
}

void require_chip_key(const YamlNode& node, const std::string& key) {
  std::vector<std::string> names;
  for (const target::KeyHelp& known : target::key_list()) {
    if (known.value == "section") continue;
    if (fits(key, known.path)) return;
    names.push_back(known.path);
  }
  refuse(node, "set." + key, "an unknown key", "a key of chips (sheaf simulate --keys)",
         base::suggest(key, names));
}

void require_name(const Axis& axis, const std::string& name,
                  const std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  throw base::ConfigError({.place = axis.place,
                           .what = axis.key,
                           .got = "'" + name + "'",
                           .hint = base::suggest(name, names)});
}

// What can be told without a chip or a model.
void check_value(const Axis& axis, const std::string& value) {
  static const std::vector<std::string> kForms = {"none", "block_circulant", "pow2_basis",
                                                  "column_nonzeros"};
  if (axis.key == "compress") {
    for (const std::string& part : compressions(value)) {
      require_name(axis, part.substr(0, part.find(':')), kForms);
    }
  } else if (axis.key == "strategy") {
    const auto& known = target::kStrategyNames;
    require_name(axis, value, {known.begin(), known.end()});
  } else if (axis.key == "chips" || axis.key == "density") {
    const YamlNode node{.kind = YamlNode::Kind::scalar, .place = axis.place, .text = value};
    const double number = number_of(node, axis.key);
    const bool count = number >= 1 && number <= 1 << 20 && number == std::floor(number);
    if (axis.key == "chips" && !count) refuse(node, axis.key, value, "a whole number above 0");
    if (axis.key == "density" && (number <= 0 || number > 1)) {
      refuse(node, axis.key, value, "above 0, at most 1");
    }
  }
}

void add_axis(const YamlNode& node, const std::string& key, bool of_chip, ExploreSpace& space) {
  if (of_chip) require_chip_key(node, key);
  Axis axis{.key = key, .place = node.place, .of_chip = of_chip, .values = axis_values(node, key)};
  if (!of_chip) {
    for (const std::string& value : axis.values) check_value(axis, value);
  }
  space.axes.push_back(std::move(axis));
}

void require_few_designs(const YamlNode& root, const ExploreSpace& space, std::uint64_t most) {
  double designs = 1;
  std::string product;
  for (const Axis& axis : space.axes) {
    designs *= static_cast<double>(axis.values.size());
    product += (product.empty() ? "" : " x ") + std::to_string(axis.values.size());
  }
  if (designs <= static_cast<double>(most)) return;
  refuse(root, "designs", fmt::format("{} = {:.6g}", product, designs),
         fmt::format("at most {}", most), "fewer values, or a higher --limit");
}

}  // namespace

std::uint64_t ExploreSpace::designs() const {
  std::uint64_t product = 1;
  for (const Axis& axis : axes) product *= axis.values.size();
  return product;
}

std::vector<std::size_t> ExploreSpace::choices(std::uint64_t design) const {
  std::vector<std::size_t> chosen(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    chosen[i] = design % axes[i].values.size();
    design /= axes[i].values.size();
  }
  return chosen;
}

std::vector<std::string> ExploreSpace::values(std::uint64_t design) const {
  const std::vector<std::size_t> chosen = choices(design);
  std::vector<std::string> result;
  for (std::size_t i = 0; i < axes.size(); ++i) result.push_back(axes[i].values[chosen[i]]);
  return result;
}

const Axis* ExploreSpace::find(std::string_view key) const {
  for (const Axis& axis : axes) {
    if (axis.key == key && !axis.of_chip) return &axis;
  }
  return nullptr;
}

ExploreSpace parse_space(std::string_view text, const std::string& file, std::uint64_t most) {
  YamlNode root = base::parse_yaml(text, file);
  if (root.place.empty()) root.place = file;
  if (root.kind != YamlNode::Kind::map) {
    refuse(root, "space", root.described(), "a map of key: value");
  }
  require_known(root, kSpaceKeys);
  ExploreSpace space;
  if (const YamlNode* name = root.find("name")) space.name = name->text;
  for (const char* key : {"hw", "model"}) {
    if (root.find(key) == nullptr) refuse(root, key, "nothing", "one value or a list of some");
  }
  add_axis(*root.find("hw"), "hw", false, space);
  if (const YamlNode* set = root.find("set")) {
    if (set->kind != YamlNode::Kind::map) {
      refuse(*set, "set", set->described(), "a map from keys of the chip to values");
    }
    for (std::size_t i = 0; i < set->keys.size(); ++i) {
      add_axis(set->children[i], set->keys[i], true, space);
    }
  }
  for (const std::string_view key : kRunAxes) {
    if (const YamlNode* node = root.find(key)) add_axis(*node, std::string(key), false, space);
  }
  require_few_designs(root, space, most);
  space.objectives = {Figure::energy_uj, Figure::latency_us, Figure::area_mm2};
  if (const YamlNode* node = root.find("objectives")) {
    space.objectives.clear();
    for (const std::string& name : axis_values(*node, "objectives")) {
      space.objectives.push_back(figure_of(name, node->place));
    }
  }
  return space;
}

ExploreSpace read_space(const std::string& path, std::uint64_t most) {
  return parse_space(io::read_file(path), path, most);
}

}  // namespace sheaf::study
