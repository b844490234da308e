// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/dags.h"

#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/json.h"
#include "sheaf/io/file.h"
#include "sheaf/io/topological_order.h"

namespace sheaf::io {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& place, std::string what, std::string got,
                         std::string expected) {
  throw base::DataError({place, std::move(what), std::move(got), std::move(expected)});
}

// The list under a key of the graph.
const json& list(const json& graph, const char* key, const std::string& place) {
  const auto it = graph.find(key);
  const std::string what = std::string("key '") + key + "'";
  if (it == graph.end()) refuse(place, what, "none", "a list");
  if (!it->is_array()) refuse(place, what, excerpt(it->dump()), "a list");
  return *it;
}

std::vector<std::string> read_kinds(const json& nodes, const std::string& place) {
  std::vector<std::string> kinds;
  for (const json& node : nodes) {
    if (!node.is_string()) {
      refuse(place, "node " + std::to_string(kinds.size()), excerpt(node.dump()), "a string");
    }
    kinds.push_back(node.get<std::string>());
  }
  if (kinds.empty()) refuse(place, "nodes", "none", "1 or more");
  return kinds;
}

std::uint32_t read_end(const json& end, const std::string& what, std::size_t nodes,
                       const std::string& place) {
  if (!end.is_number_unsigned() || end.get<std::uint64_t>() >= nodes) {
    refuse(place, what, excerpt(end.dump()), "a node, 0 to " + std::to_string(nodes - 1));
  }
  return end.get<std::uint32_t>();
}

std::vector<Edge> read_edges(const json& edges, std::size_t nodes, const std::string& place) {
  std::vector<Edge> result;
  for (const json& edge : edges) {
    const std::string what = "edge " + std::to_string(result.size());
    if (!edge.is_array() || edge.size() != 2) {
      refuse(place, what, excerpt(edge.dump()), "[from, to]");
    }
    const std::uint32_t from = read_end(edge[0], what, nodes, place);
    const std::uint32_t to = read_end(edge[1], what, nodes, place);
    if (from == to) refuse(place, what, excerpt(edge.dump()), "two different nodes");
    result.emplace_back(from, to);
  }
  return result;
}

// By node of the file; empty where there is no such key.
std::vector<std::uint32_t> read_labels(const json& graph, std::size_t nodes,
                                       const std::string& place, LabelIndex& labels) {
  if (!graph.contains("labels")) return {};
  const json& names = list(graph, "labels", place);
  if (names.size() != nodes) {
    refuse(place, "labels", std::to_string(names.size()), std::to_string(nodes) + ", one per node");
  }
  std::vector<std::uint32_t> numbers;
  for (const json& name : names) {
    if (!name.is_string() && !name.is_null()) {
      refuse(place, "label " + std::to_string(numbers.size()), excerpt(name.dump()),
             "a string or null");
    }
    numbers.push_back(name.is_null() ? nn::kNoLabel
                                     : labels.number(name.get<std::string>(), place, "label"));
  }
  return numbers;
}

nn::Dag read_dag(const json& graph, const std::string& place, WordIndex& kinds,
                 LabelIndex* labels) {
  const std::vector<std::string> names = read_kinds(list(graph, "nodes", place), place);
  const auto count = static_cast<std::uint32_t>(names.size());
  const std::vector<Edge> edges = read_edges(list(graph, "edges", place), count, place);
  const TopologicalOrder order = topological_order(count, edges);
  if (!order.cycle.empty()) {
    refuse(place, "graph", "the cycle " + to_string(order.cycle), "no cycle");
  }
  std::vector<std::uint32_t> index(count);  // in topological order, by node of the file
  for (std::uint32_t i = 0; i < count; ++i) index[order.order[i]] = i;

  nn::Dag dag;
  dag.begin.assign(count + std::size_t{1}, 0);
  for (const Edge& edge : edges) ++dag.begin[index[edge.second] + std::size_t{1}];
  for (std::size_t i = 1; i < dag.begin.size(); ++i) dag.begin[i] += dag.begin[i - 1];
  dag.predecessors.resize(edges.size());
  std::vector<std::uint32_t> next(dag.begin.begin(), dag.begin.end() - 1);
  for (const Edge& edge : edges) dag.predecessors[next[index[edge.second]]++] = index[edge.first];
  for (const std::uint32_t node : order.order) dag.kinds.push_back(kinds.row(names[node]));
  if (labels == nullptr) return dag;
  const auto numbers = read_labels(graph, count, place, *labels);
  if (numbers.empty()) return dag;
  for (const std::uint32_t node : order.order) dag.labels.push_back(numbers[node]);
  return dag;
}

}  // namespace

std::vector<nn::Instance> read_dags(std::string_view text, const std::string& path,
                                    WordIndex& kinds, LabelIndex* labels) {
  require_utf8(text, path);
  std::vector<nn::Instance> dags;
  LineReader lines(text, path);
  std::string_view line;
  while (lines.next(line)) {
    if (trim(line).empty()) continue;
    const auto [graph, problem] = base::parse_json(line);
    if (!problem.empty()) refuse(lines.place(), "graph", problem, "JSON");
    if (!graph.is_object()) {
      refuse(lines.place(), "graph", excerpt(line), "an object with 'nodes' and 'edges'");
    }
    dags.emplace_back(read_dag(graph, lines.place(), kinds, labels));
  }
  return dags;
}

}  // namespace sheaf::io
