// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/instances.h"

#include <utility>

#include "sheaf/base/rng.h"

namespace sheaf::test {
namespace {

// Joins two random subtrees until one is left: chains and bushes alike.
nn::Tree random_tree(std::uint32_t leaves, base::Rng& rng) {
  nn::Tree tree;
  std::vector<std::uint32_t> roots;
  for (std::uint32_t i = 0; i < leaves; ++i) {
    roots.push_back(i);
    tree.nodes.push_back({.word = rng.below(kVocabulary)});
  }
  while (roots.size() > 1) {
    const std::uint32_t at = rng.below(static_cast<std::uint32_t>(roots.size() - 1));
    tree.nodes.push_back({.left = roots[at], .right = roots[at + 1]});
    roots[at] = static_cast<std::uint32_t>(tree.nodes.size() - 1);
    roots.erase(roots.begin() + at + 1);
  }
  return tree;
}

// An arc from each position to the next, and one over several positions from every third or so.
nn::Lattice random_lattice(std::uint32_t positions, base::Rng& rng) {
  nn::Lattice lattice;
  lattice.arc_begin.push_back(0);
  for (std::uint32_t p = 1; p < positions; ++p) {
    lattice.arcs.push_back({p - 1, rng.below(kVocabulary)});
    while (p > 1 && rng.below(3) == 0) {
      lattice.arcs.push_back({rng.below(p - 1), rng.below(kVocabulary)});
    }
    lattice.arc_begin.push_back(static_cast<std::uint32_t>(lattice.arcs.size()));
  }
  return lattice;
}

std::vector<std::uint32_t> random_ids(std::uint32_t count, std::uint32_t rows, base::Rng& rng) {
  std::vector<std::uint32_t> ids;
  for (std::uint32_t i = 0; i < count; ++i) ids.push_back(rng.below(rows));
  return ids;
}

// About every third word is spelt.
nn::Sentence random_sentence(std::uint32_t words, base::Rng& rng) {
  nn::Sentence sentence{.ids = random_ids(words, kVocabulary, rng)};
  sentence.spelling_begin.push_back(0);
  for (std::uint32_t w = 0; w < words; ++w) {
    const auto letters = random_ids(rng.below(3) == 0 ? 1 + rng.below(4) : 0, kCharacters, rng);
    sentence.spelling.insert(sentence.spelling.end(), letters.begin(), letters.end());
    sentence.spelling_begin.push_back(static_cast<std::uint32_t>(sentence.spelling.size()));
  }
  return sentence;
}

nn::SentencePair random_pair(std::uint32_t words, base::Rng& rng) {
  return {.source = random_ids(words, kVocabulary, rng),
          .target = random_ids(1 + rng.below(words), kClasses, rng)};
}

// Words in a random order, each the child of one before it.
nn::DependencyTree random_dependencies(std::uint32_t words, base::Rng& rng) {
  nn::DependencyTree tree{.heads = std::vector<std::uint32_t>(words),
                          .words = random_ids(words, kVocabulary, rng),
                          .labels = {}};
  std::vector<std::uint32_t> order;
  for (std::uint32_t w = 0; w < words; ++w) {
    const std::uint32_t at = rng.below(w + 1);
    order.insert(order.begin() + at, w);
  }
  for (std::uint32_t i = 0; i < words; ++i) {
    tree.heads[order[i]] = i == 0 ? nn::DependencyTree::kRoot : order[rng.below(i)];
  }
  return tree;
}

// Up to three predecessors each, perhaps the same one twice.
nn::Dag random_dag(std::uint32_t nodes, base::Rng& rng) {
  nn::Dag dag{.kinds = random_ids(nodes, kVocabulary, rng)};
  for (std::uint32_t v = 0; v < nodes; ++v) {
    for (std::uint32_t left = v == 0 ? 0 : rng.below(4); left > 0; --left) {
      dag.predecessors.push_back(rng.below(v));
    }
    dag.begin.push_back(static_cast<std::uint32_t>(dag.predecessors.size()));
  }
  return dag;
}

nn::Instance random_instance(const std::string& model, std::uint32_t size, base::Rng& rng) {
  if (model == "child_sum_tree_lstm") return random_dependencies(size, rng);
  if (model.starts_with("tree_") || model == "mv_rnn") return random_tree(size, rng);
  if (model.starts_with("lattice_")) return random_lattice(size, rng);
  if (model == "dag_gru") return random_dag(size, rng);
  if (model == "lstm_nmt") return random_pair(size, rng);
  return random_sentence(size, rng);
}

// Models of trees, lattices and directed graphs have the benchmark's number of classes.
bool takes_classes(const std::string& model) {
  return model.starts_with("bilstm_tagger") || model == "lstm_nmt" ||
         model == "child_sum_tree_lstm";
}

}  // namespace

std::unique_ptr<nn::Model> seeded_model(const std::string& name, std::uint32_t hidden,
                                        std::uint64_t seed) {
  auto model = nn::make_model(name, {.hidden = hidden,
                                     .vocabulary = kVocabulary,
                                     .characters = kCharacters,
                                     .classes = takes_classes(name) ? kClasses : 0});
  nn::Vocabulary words;
  for (std::uint32_t i = 0; i < kVocabulary; ++i) words.push_back("word" + std::to_string(i));
  nn::initialise(model->network().parameters(), seed, words);
  return model;
}

std::vector<nn::Instance> random_instances(const std::string& model, std::uint32_t count,
                                           std::uint32_t most, std::uint64_t seed) {
  base::Rng rng(seed, model);
  std::vector<nn::Instance> instances;
  for (std::uint32_t i = 0; i < count; ++i) {
    instances.push_back(random_instance(model, 1 + rng.below(most), rng));
  }
  return instances;
}

std::string model_name(const testing::TestParamInfo<std::string>& info) { return info.param; }

std::shared_ptr<const batching::CostTable> some_costs(const graph::Network& network) {
  batching::CostTable table;
  table.types.assign(network.type_count(), {{{1, 2, 4}, {1000, 1500, 2500}}, 500});
  return std::make_shared<const batching::CostTable>(std::move(table));
}

}  // namespace sheaf::test
