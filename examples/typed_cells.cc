// SPDX-License-Identifier: Apache-2.0
//
// Three cells typed from primitives, over sentences of different length: what the layout of memory
// found in each, and the first number of each sentence's last state.
#include "examples/typed_cells.h"

#include <cstdio>
#include <memory>
#include <vector>

#include "sheaf/engine/compile.h"
#include "sheaf/nn/model.h"

namespace {

using namespace sheaf;

constexpr std::uint32_t kHidden = 64;

void run(graph::Cell cell) {
  const nn::Vocabulary words = {"a", "bird", "sings", "in", "the", "rain"};
  graph::Network network;
  network.parameters().declare("embedding", {static_cast<std::uint32_t>(words.size()), kHidden});
  const auto states = static_cast<std::uint32_t>(cell.outputs().size());
  const auto step = network.add_type("step", std::make_shared<graph::Cell>(std::move(cell)),
                                     {{"embedding", "embedding"}});
  nn::initialise(network.parameters(), 1, words);

  graph::Graph graph(network);
  const std::vector<std::vector<std::uint32_t>> sentences = {{0, 1, 2}, {0, 1, 2, 3, 4, 5}, {4, 5}};
  for (std::uint32_t s = 0; s < sentences.size(); ++s) {
    graph.begin_instance(s);
    graph::NodeId node = graph.add(step, {}, sentences[s][0]);
    for (std::size_t i = 1; i < sentences[s].size(); ++i) {
      std::vector<graph::Operand> operands;
      for (std::uint32_t port = 0; port < states; ++port) operands.push_back({node, port});
      node = graph.add(step, operands, sentences[s][i]);
    }
    graph.mark_output({node});
  }

  const auto session = engine::compile(network);
  const auto report = session->step(graph);
  const memory_plan::CompiledCell& compiled = *session->compiled().types[step].cell;
  std::printf("%s: %u calls in %u batches; inside, %u of %u batches of ops in place, %u copies\n",
              compiled.name.c_str(), report.nodes, report.batches, compiled.report.batches_in_place,
              compiled.report.batches_found, compiled.report.copy_kernels);
  for (const auto output : graph.outputs()) std::printf("  %.6f\n", session->read(output)[0]);
}

}  // namespace

int main() {
  run(examples::typed_lstm(kHidden));
  run(examples::typed_gru(kHidden));
  run(examples::typed_highway(kHidden));
}
