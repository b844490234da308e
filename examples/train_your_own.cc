// SPDX-License-Identifier: Apache-2.0
//
// Trains a cell of your own on data of your own, in 40 lines: a minimal gated unit (Zhou et al.,
// 2016) that tags the words of a file of `word|tag` lines. Prints the sum of the losses.
//
//   train_your_own FILE
#include <cstdio>

#include "sheaf/io/file.h"
#include "sheaf/io/tagged_text.h"
#include "sheaf/nn/cells.h"
#include "sheaf/train/model_gradients.h"
#include "sheaf/train/shuffle.h"
#include "sheaf/train/updater.h"

using namespace sheaf;

struct Tagger final : nn::Model {
  Tagger(std::uint32_t words, std::uint32_t tags, std::uint32_t n = 32) {
    graph::CellBuilder cell("minimal_gated_unit");
    const auto x = cell.lookup("e", n), h = cell.repeated_input("h", n);  // h of no operand: 0
    const auto f = sigmoid(cell.affine(n, {{"W_f", x}, {"U_f", h}}, "b_f"));
    cell.output(one_minus(f) * h + f * tanh(cell.affine(n, {{"W_c", x}, {"U_c", f * h}}, "b_c")));
    network_.parameters().declare("words", {words, n});
    step = network_.add_type("step", std::make_shared<graph::Cell>(cell.build()), {{"e", "words"}});
    head = network_.add_type("head", nn::classifier("head", n, tags));
    nn::initialise(network_.parameters(), /*seed=*/1, nn::Vocabulary{});
  }
  std::string_view name() const override { return "tagger"; }
  void append(const nn::Instance& instance, std::uint32_t i, graph::Graph& graph) const override {
    graph.begin_instance(i);
    std::vector<graph::Operand> state;
    for (const std::uint32_t word : std::get<nn::Sentence>(instance).ids) {
      state = {{graph.add(step, state, word)}};
      graph.mark_output({graph.add(head, state)});
    }
  }
  void targets(const nn::Instance& instance, std::vector<std::uint32_t>& labels) const override {
    for (const auto tag : std::get<nn::Sentence>(instance).labels) labels.push_back(tag);
  }
  graph::TypeId step, head;
};

int main(int c, char** v) {
  if (c != 2) return std::fputs("usage: train_your_own FILE\n", stderr), 2;
  io::WordIndex words;
  io::LabelIndex tags;
  const auto data = io::sentences_of(io::read_tagged_text(io::read_file(v[1]), v[1], tags), words);
  Tagger model(std::uint32_t(words.vocabulary().size()), std::uint32_t(tags.names().size()));
  train::ModelGradients source(model, data, {}, {});
  train::Updater updater({.optimiser = {.name = "adagrad"}}, model.network().parameters());
  graph::Gradients gradients;
  for (std::uint32_t epoch = 0; epoch < 30; ++epoch) {
    const auto order = train::shuffled(std::uint32_t(data.size()), /*seed=*/1, epoch);
    std::printf("epoch %u: loss %.4f\n", epoch, source.run(order, epoch, gradients).loss);
    updater.apply(gradients, epoch);
  }
}
