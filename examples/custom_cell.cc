// SPDX-License-Identifier: Apache-2.0
//
// A cell of your own: a minimal gated unit (Zhou et al., 2016) over sentences of different length,
// batched without a word about batching.
#include <cstdio>
#include <memory>
#include <vector>

#include "sheaf/engine/compile.h"
#include "sheaf/nn/model.h"

int main() {
  using namespace sheaf;
  constexpr std::uint32_t kHidden = 64;

  graph::CellBuilder cell("minimal_gated_unit");
  const auto x = cell.lookup("embedding", kHidden);
  const auto h = cell.repeated_input("h", kHidden);  // no operand: 0
  const auto f = sigmoid(cell.affine(kHidden, {{"W_f", x}, {"U_f", h}}, "b_f"));
  const auto c = tanh(cell.affine(kHidden, {{"W_c", x}, {"U_c", f * h}}, "b_c"));
  cell.output(one_minus(f) * h + f * c);

  graph::Network network;
  const nn::Vocabulary words = {"a", "bird", "sings", "in", "the", "rain"};
  network.parameters().declare("embedding", {static_cast<std::uint32_t>(words.size()), kHidden});
  const auto step = network.add_type("step", std::make_shared<graph::Cell>(cell.build()),
                                     {{"embedding", "embedding"}});
  nn::initialise(network.parameters(), 1, words);

  graph::Graph graph(network);
  const std::vector<std::vector<std::uint32_t>> sentences = {{0, 1, 2}, {0, 1, 2, 3, 4, 5}, {4, 5}};
  for (std::uint32_t s = 0; s < sentences.size(); ++s) {
    graph.begin_instance(s);
    graph::Operand state = {graph.add(step, {}, sentences[s][0])};
    for (std::size_t i = 1; i < sentences[s].size(); ++i) {
      state = {graph.add(step, {state}, sentences[s][i])};
    }
    graph.mark_output(state);
  }

  const auto session = engine::compile(network);
  const auto report = session->step(graph);
  std::printf("%u calls in %u batches\n", report.nodes, report.batches);
  for (const auto output : graph.outputs()) std::printf("%.6f\n", session->read(output)[0]);
}
