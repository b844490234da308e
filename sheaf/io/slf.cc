// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/slf.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
#include "sheaf/io/topological_order.h"

namespace sheaf::io {
namespace {

constexpr const char* kNullWord = "!NULL";

struct Field {
  std::string_view name;
  std::string value;
};

struct RawLattice {
  bool begun = false;  // any field was read
  std::optional<std::uint32_t> nodes;
  std::optional<std::uint32_t> links;
  std::optional<std::uint32_t> start;
  std::unordered_map<std::uint32_t, std::string> node_words;  // by node; empty: none
  std::vector<Edge> edges;                                    // by link, in the order of the lines
  std::vector<std::string> edge_words;
  std::unordered_set<std::uint32_t> link_numbers;
};

class SlfParser {
 public:
  SlfParser(std::string_view text, const std::string& path, WordIndex& words)
      : path_(path), lines_(text, path), words_(words) {}

  std::vector<nn::Instance> parse() {
    std::string_view line;
    while (lines_.next(line)) {
      line = trim(line);
      if (line.empty() || line[0] == '#') continue;
      if (line == ".") refuse("sub-lattice", "'.'", "none", kExpand);
      add_line(fields_of(line));
    }
    end_lattice();
    return std::move(lattices_);
  }

 private:
  static constexpr const char* kExpand = "expand the lattice first";

  std::vector<Field> fields_of(std::string_view line) const {
    std::vector<Field> fields;
    while (!line.empty()) {
      const std::size_t equals = line.find('=');
      const std::size_t blank = line.find_first_of(" \t");
      if (equals == 0 || equals == std::string_view::npos || blank < equals) {
        refuse("field", excerpt(line.substr(0, blank)), "name=value");
      }
      Field field{line.substr(0, equals), {}};
      line.remove_prefix(equals + 1);
      field.value = take_value(line);
      fields.push_back(std::move(field));
      line = trim(line);
    }
    return fields;
  }

  // A value in quotes ends at the next such quote; a backslash keeps the character after it.
  static std::string take_value(std::string_view& line) {
    const char quote = !line.empty() && (line[0] == '"' || line[0] == '\'') ? line[0] : '\0';
    std::string value;
    for (std::size_t i = quote == '\0' ? 0 : 1; i < line.size(); ++i) {
      const bool ends = quote == '\0' ? line[i] == ' ' || line[i] == '\t' : line[i] == quote;
      if (ends) {
        line.remove_prefix(quote == '\0' ? i : i + 1);
        return value;
      }
      if (line[i] == '\\' && i + 1 < line.size()) ++i;
      value += line[i];
    }
    if (quote != '\0') return std::string(next_token(line));  // the quote was an apostrophe
    line = {};
    return value;
  }

  void add_line(const std::vector<Field>& fields) {
    const std::string_view first = fields[0].name;
    if ((first == "VERSION" || first == "V") && lattice_.nodes) end_lattice();
    lattice_.begun = true;
    last_line_ = lines_.number();
    if (first == "I") {
      add_node(fields);
    } else if (first == "J") {
      add_link(fields);
    } else {
      add_header(fields);
    }
  }

  void add_header(const std::vector<Field>& fields) {
    for (const Field& field : fields) {
      if (field.name == "N" || field.name == "NODES") state_once(lattice_.nodes, field);
      if (field.name == "L" || field.name == "LINKS") state_once(lattice_.links, field);
      if (field.name == "start") state_once(lattice_.start, field);
      if (field.name == "S" || field.name == "SUBLAT") {
        refuse("sub-lattice", excerpt(field.value), "none", kExpand);
      }
      if (field.name == "dir" && field.value != "f") {
        refuse("direction", excerpt(field.value), "'f', a forward lattice");
      }
    }
  }

  // Links are checked against the N before them, so that another N may not follow.
  void state_once(std::optional<std::uint32_t>& stated, const Field& field) const {
    const std::uint32_t value = number(field);
    if (stated && *stated != value) {
      refuse(std::string(field.name), std::to_string(value),
             std::to_string(*stated) + ", stated before");
    }
    stated = value;
  }

  void add_node(const std::vector<Field>& fields) {
    const std::uint32_t node = node_of(fields[0]);
    std::string word;
    for (const Field& field : fields) {
      if (field.name == "W" || field.name == "WORD") word = field.value;
      if (field.name == "L") refuse("sub-lattice", excerpt(field.value), "none", kExpand);
    }
    if (!lattice_.node_words.emplace(node, std::move(word)).second) {
      refuse("node", std::to_string(node) + " a second time", "every node once");
    }
  }

  void add_link(const std::vector<Field>& fields) {
    const std::uint32_t link = number(fields[0]);
    std::optional<std::uint32_t> from;
    std::optional<std::uint32_t> to;
    std::string word;
    for (const Field& field : fields) {
      if (field.name == "S" || field.name == "START") from = node_of(field);
      if (field.name == "E" || field.name == "END") to = node_of(field);
      if (field.name == "W" || field.name == "WORD") word = field.value;
    }
    if (!from || !to) refuse("link", from ? "no E" : "no S", "S and E, the nodes that it joins");
    if (!lattice_.link_numbers.insert(link).second) {
      refuse("link", std::to_string(link) + " a second time", "every link once");
    }
    lattice_.edges.emplace_back(*from, *to);
    lattice_.edge_words.push_back(std::move(word));
  }

  std::uint32_t node_of(const Field& field) const {
    if (!lattice_.nodes) refuse("number of nodes", "none", "N before the first node or link");
    const std::uint32_t node = number(field);
    if (node >= *lattice_.nodes) {
      refuse("node", std::to_string(node), "below " + std::to_string(*lattice_.nodes) + ", the N");
    }
    return node;
  }

  std::uint32_t number(const Field& field) const {
    std::uint32_t value = 0;
    const char* end = field.value.data() + field.value.size();
    const auto [at, error] = std::from_chars(field.value.data(), end, value);
    if (error != std::errc() || at != end) {
      refuse(std::string(field.name), excerpt(field.value), "an integer from 0 on");
    }
    return value;
  }

  void end_lattice() {
    if (!lattice_.begun) return;
    const RawLattice raw = std::exchange(lattice_, {});
    if (!raw.nodes || *raw.nodes == 0) {
      refuse_lattice("number of nodes", raw.nodes ? "0" : "none", "N of 1 or more");
    }
    if (!raw.links || *raw.links != raw.edges.size()) {
      refuse_lattice("links", std::to_string(raw.edges.size()),
                     raw.links ? std::to_string(*raw.links) + ", the L" : "L, their number");
    }
    // Before anything of that size is made.
    if (*raw.nodes - 1 > raw.edges.size()) {
      refuse_lattice(
          "nodes",
          std::to_string(*raw.nodes) + " with " + std::to_string(raw.edges.size()) + " links",
          "a link into every node but the first");
    }
    lattices_.emplace_back(ordered(raw));
  }

  nn::Lattice ordered(const RawLattice& raw) {
    const std::uint32_t nodes = *raw.nodes;
    const TopologicalOrder order = topological_order(nodes, raw.edges);
    if (!order.cycle.empty()) {
      refuse_lattice("lattice", "the cycle " + to_string(order.cycle), "no cycle");
    }
    std::vector<std::vector<std::uint32_t>> incoming(nodes);  // links, by node
    for (std::uint32_t e = 0; e < raw.edges.size(); ++e) incoming[raw.edges[e].second].push_back(e);
    require_one_start(raw, incoming);
    std::vector<std::uint32_t> position(nodes);
    for (std::uint32_t p = 0; p < nodes; ++p) position[order.order[p]] = p;

    nn::Lattice lattice;
    for (const std::uint32_t node : order.order) {
      for (const std::uint32_t e : incoming[node]) {
        lattice.arcs.push_back({position[raw.edges[e].first], words_.row(word_of(raw, e))});
      }
      lattice.arc_begin.push_back(static_cast<std::uint32_t>(lattice.arcs.size()));
    }
    return lattice;
  }

  // A lattice without cycles in which one node has no incoming link: all are reached from it.
  void require_one_start(const RawLattice& raw,
                         const std::vector<std::vector<std::uint32_t>>& incoming) const {
    std::optional<std::uint32_t> start = raw.start;
    for (std::uint32_t node = 0; node < incoming.size(); ++node) {
      if (!incoming[node].empty()) continue;
      if (!start) start = node;
      if (*start == node) continue;
      refuse_lattice("start of the lattice",
                     "nodes " + std::to_string(std::min(*start, node)) + " and " +
                         std::to_string(std::max(*start, node)),
                     "one node", "join them to a common start");
    }
  }

  static std::string_view word_of(const RawLattice& raw, std::uint32_t edge) {
    if (!raw.edge_words[edge].empty()) return raw.edge_words[edge];
    const auto it = raw.node_words.find(raw.edges[edge].second);
    return it == raw.node_words.end() || it->second.empty() ? kNullWord
                                                            : std::string_view(it->second);
  }

  [[noreturn]] void refuse(std::string what, std::string got, std::string expected,
                           std::string hint = {}) const {
    throw base::DataError(
        {lines_.place(), std::move(what), std::move(got), std::move(expected), std::move(hint)});
  }

  // The place is the lattice's last line.
  [[noreturn]] void refuse_lattice(std::string what, std::string got, std::string expected,
                                   std::string hint = {}) const {
    throw base::DataError({path_ + ":" + std::to_string(last_line_), std::move(what),
                           std::move(got), std::move(expected), std::move(hint)});
  }

  std::string path_;
  LineReader lines_;
  WordIndex& words_;
  RawLattice lattice_;
  std::size_t last_line_ = 0;
  std::vector<nn::Instance> lattices_;
};

}  // namespace

std::vector<nn::Instance> read_slf(std::string_view text, const std::string& path,
                                   WordIndex& words) {
  require_utf8(text, path);
  return SlfParser(text, path, words).parse();
}

}  // namespace sheaf::io
