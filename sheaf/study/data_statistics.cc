// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/data_statistics.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "sheaf/base/stats.h"
#include "sheaf/io/brackets.h"
#include "sheaf/io/conllu.h"
#include "sheaf/io/dags.h"
#include "sheaf/io/lattices.h"
#include "sheaf/io/slf.h"
#include "sheaf/io/tagged_text.h"

namespace sheaf::study {
namespace {

using nlohmann::ordered_json;

class Statistics {
 public:
  explicit Statistics(const nn::Vocabularies& vocabularies) : vocabularies_(vocabularies) {}

  void add(const nn::Tree& tree) {
    std::vector<std::uint32_t> depth(tree.nodes.size(), 0);
    std::size_t leaves = 0;
    for (std::size_t k = 0; k < tree.nodes.size(); ++k) {
      const nn::Tree::Node& node = tree.nodes[k];
      count_label(node.label);
      if (node.is_leaf()) {
        ++leaves;
        count_word(node.word);
      } else {
        depth[k] = 1 + std::max(depth[node.left], depth[node.right]);
      }
    }
    sample("leaves", leaves);
    sample("depth", depth.empty() ? 0 : depth.back());
  }

  void add(const nn::Lattice& lattice) {
    std::size_t word_arcs = 0;
    for (std::uint32_t p = 1; p < lattice.positions(); ++p) {
      const std::uint32_t begin = lattice.arc_begin[p];
      const std::uint32_t end = lattice.arc_begin[p + std::size_t{1}];
      sample("arcs_per_position", end - begin);
      for (std::uint32_t a = begin; a < end; ++a) {
        count_word(lattice.arcs[a].id);
        const std::uint32_t span = p - lattice.arcs[a].source;
        if (span == 1) continue;
        ++word_arcs;
        sample("span", span);
      }
    }
    sample("positions", lattice.positions());
    sample("arcs", lattice.arcs.size());
    sample("word_arcs", word_arcs);
  }

  void add(const nn::Sentence& sentence) {
    sample("words", sentence.ids.size());
    for (const std::uint32_t id : sentence.ids) count_word(id);
    for (const std::uint32_t label : sentence.labels) count_label(label);
  }

  void add(const nn::SentencePair& pair) {
    sample("words", pair.source.size());
    sample("target_words", pair.target.size());
    for (const std::uint32_t word : pair.source) count_word(word);
  }

  void add(const nn::DependencyTree& tree) {
    const std::size_t words = tree.words.size();
    std::vector<std::uint32_t> children(words, 0);
    std::size_t roots = 0;
    for (std::size_t w = 0; w < words; ++w) {
      count_word(tree.words[w]);
      count_label(tree.labels[w]);
      if (tree.heads[w] == nn::DependencyTree::kRoot) {
        ++roots;
      } else {
        ++children[tree.heads[w]];
      }
    }
    sample("words", words);
    sample("depth", depth_of(tree));
    sample("roots", roots);
    for (const std::uint32_t count : children) sample("children", count);
  }

  void add(const nn::Dag& dag) {
    std::vector<std::uint32_t> depth(dag.kinds.size(), 0);
    for (std::size_t v = 0; v < dag.kinds.size(); ++v) {
      count_word(dag.kinds[v]);
      std::vector<std::uint32_t> from(dag.predecessors.begin() + dag.begin[v],
                                      dag.predecessors.begin() + dag.begin[v + 1]);
      sample("predecessors", from.size());
      for (const std::uint32_t u : from) depth[v] = std::max(depth[v], depth[u] + 1);
      std::sort(from.begin(), from.end());
      repeated_edges_ +=
          static_cast<std::size_t>(from.end() - std::unique(from.begin(), from.end()));
    }
    has_dags_ = true;
    sample("nodes", dag.kinds.size());
    sample("edges", dag.predecessors.size());
    sample("depth", depth.empty() ? 0 : *std::max_element(depth.begin(), depth.end()));
  }

  void add(const nn::Picture& picture) { count_label(picture.label); }

  void report(ordered_json& report) const {
    for (const auto& [name, samples] : samples_) {
      const double sum = std::accumulate(samples.begin(), samples.end(), 0.0);
      report[name] = {{"mean", sum / static_cast<double>(samples.size())},
                      {"p50", base::median(samples)},
                      {"max", *std::max_element(samples.begin(), samples.end())}};
    }
    if (has_dags_) report["repeated_edges"] = repeated_edges_;
    const auto seen = [&](const auto& fits) {
      return std::count_if(words_.begin(), words_.end(), fits);
    };
    report["vocabulary"] = {
        {"rows", vocabularies_.words.size()},
        {"words", seen([](std::size_t count) { return count > 0; })},
        {"tokens", std::accumulate(words_.begin(), words_.end(), std::size_t{0})},
        {"seen_once", seen([](std::size_t count) { return count == 1; })}};
    if (!vocabularies_.target.empty()) report["target_rows"] = vocabularies_.target.size();
    report_labels(report);
  }

 private:
  // Follows each chain of heads up to a word whose depth is known.
  static std::size_t depth_of(const nn::DependencyTree& tree) {
    constexpr std::uint32_t kUnknown = ~0U;
    std::vector<std::uint32_t> depth(tree.words.size(), kUnknown);
    std::uint32_t most = 0;
    std::vector<std::uint32_t> chain;
    for (std::uint32_t word = 0; word < depth.size(); ++word) {
      std::uint32_t at = word;
      for (; at != nn::DependencyTree::kRoot && depth[at] == kUnknown; at = tree.heads[at]) {
        chain.push_back(at);
      }
      std::uint32_t next = at == nn::DependencyTree::kRoot ? 0 : depth[at] + 1;
      for (; !chain.empty(); chain.pop_back()) depth[chain.back()] = next++;
      most = std::max(most, depth[word]);
    }
    return most;
  }

  void sample(const char* name, std::size_t value) {
    for (auto& [known, samples] : samples_) {
      if (known == name) {
        samples.push_back(static_cast<double>(value));
        return;
      }
    }
    samples_.push_back({name, {static_cast<double>(value)}});
  }

  static void count(std::uint32_t index, std::vector<std::size_t>& counts) {
    if (index >= counts.size()) counts.resize(index + std::size_t{1}, 0);
    ++counts[index];
  }
  void count_word(std::uint32_t row) { count(row, words_); }
  void count_label(std::uint32_t label) {
    if (label != nn::kNoLabel) ++labels_[label];
  }

  void report_labels(ordered_json& report) const {
    std::vector<std::pair<std::uint32_t, std::size_t>> order(labels_.begin(), labels_.end());
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    ordered_json labels = ordered_json::object();
    for (const auto& [label, count] : order) {
      const nn::Vocabulary& names = vocabularies_.labels;
      labels[label < names.size() ? names[label] : std::to_string(label)] = count;
    }
    report["labels"] = std::move(labels);
  }

  const nn::Vocabularies& vocabularies_;
  std::vector<std::pair<std::string, std::vector<double>>> samples_;  // in the order of appearance
  std::vector<std::size_t> words_;                                    // by row
  std::map<std::uint32_t, std::size_t> labels_;
  std::size_t repeated_edges_ = 0;
  bool has_dags_ = false;
};

}  // namespace

std::vector<nn::Instance> read_instances(std::string_view text, const std::string& path,
                                         io::Format format, nn::Vocabularies& vocabularies) {
  io::WordIndex words;
  io::LabelIndex labels;
  std::vector<nn::Instance> instances;
  switch (format) {
    case io::Format::brackets:
      instances = io::read_brackets(text, path, words);
      break;
    case io::Format::lattices: {
      std::uint32_t rows = 0;
      instances = io::read_lattices(text, path, rows);
      for (std::uint32_t i = 0; i < rows; ++i) vocabularies.words.push_back(std::to_string(i));
      return instances;
    }
    case io::Format::slf:
      instances = io::read_slf(text, path, words);
      break;
    case io::Format::tagged:
      instances = io::sentences_of(io::read_tagged_text(text, path, labels), words);
      break;
    case io::Format::bmes:
      instances = io::sentences_of(io::read_bmes(text, path, labels), words);
      break;
    case io::Format::conllu:
      instances = io::read_conllu(text, path, words, labels);
      break;
    case io::Format::text:
      instances = io::sentences_of(io::read_words(text, path), words);
      break;
    case io::Format::dags:
      instances = io::read_dags(text, path, words);
      break;
  }
  vocabularies.words = words.vocabulary();
  vocabularies.labels = labels.names();
  return instances;
}

void add_statistics(std::span<const nn::Instance> instances, const nn::Vocabularies& vocabularies,
                    std::optional<std::uint32_t> limit, ordered_json& report) {
  if (limit) instances = instances.first(std::min<std::size_t>(*limit, instances.size()));
  report["instances"] = instances.size();
  Statistics statistics(vocabularies);
  for (const nn::Instance& instance : instances) {
    std::visit([&](const auto& kind) { statistics.add(kind); }, instance);
  }
  statistics.report(report);
}

}  // namespace sheaf::study
