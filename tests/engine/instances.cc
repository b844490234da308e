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

nn::Sentence random_sentence(std::uint32_t characters, base::Rng& rng) {
  nn::Sentence sentence;
  for (std::uint32_t i = 0; i < characters; ++i) sentence.ids.push_back(rng.below(kVocabulary));
  return sentence;
}

}  // namespace

std::unique_ptr<nn::Model> seeded_model(const std::string& name, std::uint32_t hidden,
                                        std::uint64_t seed) {
  auto model = nn::make_model(name, {.hidden = hidden, .vocabulary = kVocabulary});
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
    const std::uint32_t size = 1 + rng.below(most);
    if (model == "tree_lstm") {
      instances.emplace_back(random_tree(size, rng));
    } else if (model == "lattice_lstm") {
      instances.emplace_back(random_lattice(size, rng));
    } else {
      instances.emplace_back(random_sentence(size, rng));
    }
  }
  return instances;
}

}  // namespace sheaf::test
