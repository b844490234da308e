// SPDX-License-Identifier: Apache-2.0
#include "sheaf/target/write_chip.h"

#include <fmt/format.h>

#include <type_traits>

#include "sheaf/base/yaml.h"
#include "sheaf/target/fields.h"

namespace sheaf::target {
namespace {

class Writer {
 public:
  explicit Writer(const Chip& chip) : chip_(chip) {}

  template <class T>
  void number(const Key& key, T& value) {
    if constexpr (std::is_integral_v<T>) {
      line(key.name, fmt::format("{}", value));
    } else {
      line(key.name, format_quantity(value, key.quantity));
    }
  }
  void flag(const char* name, bool& value, const char* /*help*/) {
    line(name, value ? "true" : "false");
  }
  void text(const char* name, std::string& value, const char* /*help*/) {
    if (!value.empty()) line(name, base::yaml_quoted(value));
  }
  template <class E, class Names>
  void choice(const char* name, E& value, const Names& names, const char* /*help*/) {
    line(name, std::string(names[static_cast<std::size_t>(value)]));
  }
  template <class S>
  void section(const char* name, S& value, const char* /*help*/) {
    open(name);
    fields(*this, value);
    close();
  }
  template <class S>
  void section(const char* name, std::optional<S>& value, const char* help) {
    if (value) section(name, *value, help);
  }
  template <class S>
  void named(const char* name, std::vector<S>& value, const char* help) {
    if (value.empty()) return;
    open(name);
    for (S& item : value) section(item.name.c_str(), item, help);
    close();
  }

  // Where the numbers of the section that is open come from.
  void remarks() {
    const auto found = chip_.provenance.find(path_);
    if (found == chip_.provenance.end()) return;
    line("origin", std::string(kOriginNames[static_cast<std::size_t>(found->second.origin)]));
    line("source", base::yaml_quoted(found->second.source));
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void line(const char* name, const std::string& value) {
    text_ += fmt::format("{}{}: {}\n", indent(), base::yaml_quoted(name), value);
  }
  void open(const char* name) {
    text_ += fmt::format("{}{}:\n", indent(), base::yaml_quoted(name));
    lengths_.push_back(path_.size());
    path_ += (path_.empty() ? "" : ".") + std::string(name);
    remarks();
  }
  void close() {
    path_.erase(lengths_.back());
    lengths_.pop_back();
  }
  [[nodiscard]] std::string indent() const { return std::string(2 * lengths_.size(), ' '); }

  const Chip& chip_;
  std::string text_;
  std::string path_;
  std::vector<std::size_t> lengths_;
};

class Lister {
 public:
  template <class T>
  void number(const Key& key, T& /*value*/) {
    const std::string units = unit_names(key.quantity);
    const char* plain = std::is_integral_v<T> ? "whole number" : "number";
    add(key.name, units.empty() ? plain : units, key.help);
  }
  void flag(const char* name, bool& /*value*/, const char* help) { add(name, "true, false", help); }
  void text(const char* name, std::string& /*value*/, const char* help) { add(name, "text", help); }
  template <class E, class Names>
  void choice(const char* name, E& /*value*/, const Names& names, const char* help) {
    std::string list;
    for (const std::string_view one : names) list += (list.empty() ? "" : ", ") + std::string(one);
    add(name, list, help);
  }
  template <class S>
  void section(const char* name, S& value, const char* help) {
    add(name, "section", help);
    const std::size_t length = path_.size();
    path_ += std::string(name) + ".";
    fields(*this, value);
    path_.erase(length);
  }
  template <class S>
  void section(const char* name, std::optional<S>& /*value*/, const char* help) {
    S value;
    section(name, value, help);
  }
  template <class S>
  void named(const char* name, std::vector<S>& /*value*/, const char* help) {
    S item;
    section((std::string(name) + ".NAME").c_str(), item, help);
  }

  std::vector<KeyHelp> keys;

 private:
  void add(const char* name, const std::string& value, const char* help) {
    keys.push_back({path_ + name, value, help});
  }

  std::string path_;
};

}  // namespace

std::string to_yaml(const Chip& chip) {
  Chip copy = chip;  // visitors may change what they see; this one does not
  Writer writer(chip);
  writer.remarks();
  fields(writer, copy);
  std::string head;
  for (const std::string& change : chip.changes) head += "# changed: " + change + "\n";
  // A change may hold a line break, and a remark ends with its line.
  for (std::size_t i = 0; i + 1 < head.size(); ++i) {
    if (static_cast<unsigned char>(head[i]) < 0x20 && head[i + 1] != '#') head[i] = ' ';
  }
  return head + writer.take();
}

std::vector<KeyHelp> key_list() {
  Lister lister;
  Chip chip;
  fields(lister, chip);
  return lister.keys;
}

}  // namespace sheaf::target
