// SPDX-License-Identifier: Apache-2.0
//
// Trains a greedy dependency parser on a treebank and prints, after every epoch, the mean loss per
// action and the unlabelled attachment score on another.
//
//   dependency_parser TRAIN.conllu DEV.conllu [EPOCHS] [HIDDEN] [SEED] [ALIVE]
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "examples/transition_parser.h"
#include "sheaf/base/clock.h"
#include "sheaf/base/error.h"
#include "sheaf/io/conllu.h"
#include "sheaf/io/file.h"
#include "sheaf/train/shuffle.h"

namespace {

using namespace sheaf;

constexpr std::uint32_t kBatch = 16;

std::vector<nn::Instance> read(const std::string& path, io::WordIndex& words) {
  io::LabelIndex relations;
  return io::read_conllu(io::read_file(path), path, words, relations);
}

// The words that a treebank has twice or more often; the others are "<unk>".
nn::Vocabulary frequent_words(const std::string& path) {
  io::WordIndex all;
  const auto trees = read(path, all);
  std::vector<int> counts(all.vocabulary().size(), 0);
  for (const auto& tree : trees) {
    for (const std::uint32_t word : std::get<nn::DependencyTree>(tree).words) ++counts[word];
  }
  nn::Vocabulary words = {io::kUnknownWord};
  for (std::size_t i = 1; i < counts.size(); ++i) {
    if (counts[i] > 1) words.push_back(all.vocabulary()[i]);
  }
  return words;
}

double train_epoch(examples::TransitionParser& parser, const std::vector<nn::Instance>& trees,
                   std::uint64_t seed, std::uint64_t epoch) {
  const auto order = train::shuffled(static_cast<std::uint32_t>(trees.size()), seed, epoch);
  examples::TransitionParser::Loss loss;
  std::vector<nn::Instance> minibatch;
  for (std::size_t i = 0; i < order.size(); ++i) {
    minibatch.push_back(trees[order[i]]);
    if (minibatch.size() < kBatch && i + 1 < order.size()) continue;
    const auto part = parser.train(minibatch);
    loss.sum += part.sum;
    loss.actions += part.actions;
    minibatch.clear();
  }
  return loss.actions == 0 ? 0 : loss.sum / static_cast<double>(loss.actions);
}

int run(const std::vector<std::string>& args) {
  if (args.size() < 2) {
    throw base::UsageError({"dependency_parser", "treebanks", std::to_string(args.size()),
                            "TRAIN.conllu DEV.conllu [EPOCHS] [HIDDEN] [SEED] [ALIVE]"});
  }
  const auto number = [&](std::size_t i, unsigned long otherwise) {
    return i < args.size() ? std::strtoul(args[i].c_str(), nullptr, 10) : otherwise;
  };
  const std::uint64_t seed = number(4, 1);
  io::WordIndex words(frequent_words(args[0]));
  const auto train_trees = read(args[0], words);
  const auto dev_trees = read(args[1], words);
  examples::TransitionParser parser({.hidden = static_cast<std::uint32_t>(number(3, 64)),
                                     .words = static_cast<std::uint32_t>(words.vocabulary().size()),
                                     .seed = seed,
                                     .alive = static_cast<std::uint32_t>(number(5, 64))});
  const base::ThreadCpuClock clock;
  for (std::uint64_t epoch = 0; epoch < number(2, 10); ++epoch) {
    const double loss = train_epoch(parser, train_trees, seed, epoch);
    const std::uint64_t begin = clock.now_ns();
    const auto heads = parser.parse(dev_trees);
    const double seconds = static_cast<double>(clock.now_ns() - begin) * 1e-9;
    std::printf(
        "epoch %2u  loss %.4f  attachment score %.2f %%  parsed %.0f sentences a second of CPU "
        "time\n",
        static_cast<unsigned>(epoch + 1), loss, 100 * examples::attachment_score(dev_trees, heads),
        static_cast<double>(dev_trees.size()) / seconds);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const base::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return error.exit_code();
  }
}
