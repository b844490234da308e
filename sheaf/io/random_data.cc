// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/random_data.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/io/random_spec.h"
#include "sheaf/io/vocabulary.h"

namespace sheaf::io {
namespace {

constexpr std::string_view kPrefix = "random:";
constexpr std::uint32_t kTreeLabels = 5;

using Make = std::function<nn::Instance(base::Rng&)>;

bool chance(double share, base::Rng& rng) {
  constexpr std::uint32_t kSteps = 1U << 20U;
  return rng.below(kSteps) < share * kSteps;
}

std::vector<std::uint32_t> draw_rows(std::uint32_t count, std::uint32_t rows, base::Rng& rng) {
  std::vector<std::uint32_t> drawn(count);
  for (std::uint32_t& row : drawn) row = rng.below(rows);
  return drawn;
}

// A tree of `leaves`; `split` says how many leaves of a subtree's go to its left child. The stack
// is explicit: a tree may be deeper than the machine's.
template <typename Split>
nn::Tree make_tree(std::uint32_t leaves, std::uint32_t rows, const Split& split, base::Rng& rng) {
  struct Frame {
    std::uint32_t leaves;
    std::uint32_t left_leaves = 0;  // 0: not visited yet
    std::uint32_t left = nn::Tree::kLeaf;
  };
  nn::Tree tree;
  std::vector<Frame> open = {{leaves}};
  while (!open.empty()) {
    Frame& frame = open.back();
    const auto last = static_cast<std::uint32_t>(tree.nodes.size()) - 1;
    if (frame.leaves > 1 && frame.left_leaves == 0) {
      frame.left_leaves = split(frame.leaves);
      open.push_back({frame.left_leaves});
    } else if (frame.leaves > 1 && frame.left == nn::Tree::kLeaf) {
      frame.left = last;
      open.push_back({frame.leaves - frame.left_leaves});
    } else {
      nn::Tree::Node node{.label = rng.below(kTreeLabels)};
      if (frame.leaves == 1) {
        node.word = rng.below(rows);
      } else {
        node.left = frame.left;
        node.right = last;
      }
      tree.nodes.push_back(node);
      open.pop_back();
    }
  }
  return tree;
}

Make tree_maker(const RandomSpec& spec) {
  static const std::array<std::string, 4> kShapes = {"random", "balanced", "left", "right"};
  const SizeRange leaves = spec.range("leaves");
  const std::uint32_t rows = spec.count("vocabulary");
  const std::string shape = spec.choice("shape", kShapes);
  return [=](base::Rng& rng) -> nn::Instance {
    const auto split = [&](std::uint32_t size) -> std::uint32_t {
      if (shape == "left") return size - 1;
      if (shape == "right") return 1;
      return shape == "balanced" ? (size + 1) / 2 : 1 + rng.below(size - 1);
    };
    return make_tree(leaves.draw(rng), rows, split, rng);
  };
}

Make lattice_maker(const RandomSpec& spec) {
  const SizeRange positions = spec.range("positions");
  const SizeRange span = spec.range("span", 2);
  const double words = spec.share("words");
  const std::uint32_t rows = spec.count("vocabulary");
  return [=](base::Rng& rng) -> nn::Instance {
    nn::Lattice lattice;
    const std::uint32_t count = positions.draw(rng);
    lattice.arc_begin.push_back(0);
    for (std::uint32_t p = 1; p < count; ++p) {
      lattice.arcs.push_back({p - 1, rng.below(rows)});
      const std::uint32_t length = std::max(span.draw(rng), 2U);
      if (chance(words, rng) && length <= p) lattice.arcs.push_back({p - length, rng.below(rows)});
      lattice.arc_begin.push_back(static_cast<std::uint32_t>(lattice.arcs.size()));
    }
    return lattice;
  };
}

Make sentence_maker(const RandomSpec& spec) {
  constexpr SizeRange kLetters = {3, 10};
  const SizeRange length = spec.range("length");
  const std::uint32_t rows = spec.count("vocabulary");
  const std::uint32_t tags = spec.count("tags");
  const double spelt = spec.share("spelt");
  const std::uint32_t characters = spec.count("characters");
  return [=](base::Rng& rng) -> nn::Instance {
    nn::Sentence sentence;
    const std::uint32_t words = length.draw(rng);
    sentence.ids = draw_rows(words, rows, rng);
    sentence.labels = draw_rows(words, tags, rng);
    if (spelt == 0) return sentence;
    sentence.spelling_begin.push_back(0);
    for (std::uint32_t& id : sentence.ids) {
      if (chance(spelt, rng)) {
        id = 0;
        const auto letters = draw_rows(kLetters.draw(rng), characters, rng);
        sentence.spelling.insert(sentence.spelling.end(), letters.begin(), letters.end());
      }
      sentence.spelling_begin.push_back(static_cast<std::uint32_t>(sentence.spelling.size()));
    }
    if (sentence.spelling.empty()) sentence.spelling_begin.clear();
    return sentence;
  };
}

Make pair_maker(const RandomSpec& spec) {
  const SizeRange length = spec.range("length");
  const std::uint32_t rows = spec.count("vocabulary");
  const std::uint32_t target = spec.count("target");
  return [=](base::Rng& rng) -> nn::Instance {
    nn::SentencePair pair;
    pair.source = draw_rows(length.draw(rng), rows, rng);
    pair.target = draw_rows(length.draw(rng), target, rng);
    return pair;
  };
}

// random: the words join the tree in random order, each below one that is in it already.
nn::DependencyTree make_dependencies(std::uint32_t length, const std::string& shape,
                                     base::Rng& rng) {
  nn::DependencyTree tree;
  tree.heads.assign(length, nn::DependencyTree::kRoot);
  std::vector<std::uint32_t> order(length);
  for (std::uint32_t i = 0; i < length; ++i) {
    order[i] = i;
    if (shape == "random") std::swap(order[i], order[rng.below(i + 1)]);
  }
  for (std::uint32_t i = 1; i < length; ++i) {
    const std::uint32_t above = shape == "chain" ? i - 1 : shape == "flat" ? 0 : rng.below(i);
    tree.heads[order[i]] = order[above];
  }
  return tree;
}

Make dependency_maker(const RandomSpec& spec) {
  static const std::array<std::string, 3> kShapes = {"random", "chain", "flat"};
  const SizeRange length = spec.range("length");
  const std::uint32_t rows = spec.count("vocabulary");
  const std::uint32_t relations = spec.count("relations");
  const std::string shape = spec.choice("shape", kShapes);
  return [=](base::Rng& rng) -> nn::Instance {
    const std::uint32_t words = length.draw(rng);
    nn::DependencyTree tree = make_dependencies(words, shape, rng);
    tree.words = draw_rows(words, rows, rng);
    tree.labels = draw_rows(words, relations, rng);
    return tree;
  };
}

Make dag_maker(const RandomSpec& spec) {
  const SizeRange nodes = spec.range("nodes");
  const SizeRange degree = spec.range("degree", 0);
  const std::uint32_t window = spec.count("window");
  const std::uint32_t rows = spec.count("vocabulary");
  return [=](base::Rng& rng) -> nn::Instance {
    nn::Dag dag;
    dag.kinds = draw_rows(nodes.draw(rng), rows, rng);
    for (std::uint32_t v = 0; v < dag.kinds.size(); ++v) {
      const std::uint32_t near = std::min(v, window);
      // Floyd's sample of distinct numbers below `near`: how far back the predecessors lie.
      std::vector<std::uint32_t> back;
      for (std::uint32_t j = near - std::min(degree.draw(rng), near); j < near; ++j) {
        const std::uint32_t drawn = rng.below(j + 1);
        const bool taken = std::find(back.begin(), back.end(), drawn) != back.end();
        back.push_back(taken ? j : drawn);
      }
      std::sort(back.begin(), back.end(), std::greater<>());
      for (const std::uint32_t distance : back) dag.predecessors.push_back(v - 1 - distance);
      dag.begin.push_back(static_cast<std::uint32_t>(dag.predecessors.size()));
    }
    return dag;
  };
}

nn::Vocabulary numbered(const std::string& prefix, std::uint32_t count) {
  nn::Vocabulary names;
  for (std::uint32_t i = 0; i < count; ++i) names.push_back(prefix + std::to_string(i));
  return names;
}

}  // namespace

bool is_random_data(std::string_view data) { return data.starts_with(kPrefix); }

RandomData random_data(std::string_view data) {
  const RandomSpec spec(data.substr(kPrefix.size()));
  RandomData result{.kind = spec.kind(), .instances = {}, .vocabularies = {}};
  nn::Vocabularies& names = result.vocabularies;
  names.words = numbered("", spec.count("vocabulary"));
  Make make;
  if (spec.kind() == "trees") {
    make = tree_maker(spec);
  } else if (spec.kind() == "lattices") {
    make = lattice_maker(spec);
  } else if (spec.kind() == "sentences") {
    make = sentence_maker(spec);
    names.characters = numbered("", spec.count("characters"));
    names.labels = numbered("label", spec.count("tags"));
  } else if (spec.kind() == "pairs") {
    make = pair_maker(spec);
    names.target = numbered("", spec.count("target"));
  } else if (spec.kind() == "dependencies") {
    make = dependency_maker(spec);
    names.labels = numbered("label", spec.count("relations"));
  } else {
    make = dag_maker(spec);
  }
  const std::uint32_t count = spec.count("n");
  for (std::uint32_t i = 0; i < count; ++i) {
    base::Rng rng(spec.seed(), spec.kind() + "/" + std::to_string(i));
    result.instances.push_back(make(rng));
  }
  return result;
}

}  // namespace sheaf::io
