// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "examples/typed_cells.h"
#include "sheaf/engine/compile.h"
#include "sheaf/nn/lstm_stack.h"
#include "sheaf/nn/model.h"

namespace sheaf {
namespace {

constexpr std::uint32_t kHidden = 40;

// The states of every step of a cell over three sentences, with the parameters that their names
// give.
std::vector<std::vector<float>> states_of(std::shared_ptr<const graph::Cell> cell,
                                          memory_plan::LayoutMode layout) {
  const nn::Vocabulary words = {"a", "bird", "sings", "in", "the", "rain"};
  graph::Network network;
  network.parameters().declare("embedding", {static_cast<std::uint32_t>(words.size()), kHidden});
  const auto ports = static_cast<std::uint32_t>(cell->outputs().size());
  const auto step = network.add_type("step", std::move(cell), {{"embedding", "embedding"}});
  nn::initialise(network.parameters(), 1, words);
  graph::Graph graph(network);
  const std::vector<std::vector<std::uint32_t>> sentences = {{0, 1, 2}, {0, 1, 2, 3, 4, 5}, {4, 5}};
  for (std::uint32_t s = 0; s < sentences.size(); ++s) {
    graph.begin_instance(s);
    std::vector<graph::Operand> state;
    for (const std::uint32_t word : sentences[s]) {
      const graph::NodeId node = graph.add(step, state, word);
      state.clear();
      for (std::uint32_t port = 0; port < ports; ++port) state.push_back({node, port});
    }
  }
  const auto session = engine::compile(network, {.policy = "sufficient",
                                                 .layout = layout,
                                                 .isa = "auto",
                                                 .dump_after = {},
                                                 .dump = {},
                                                 .verify = true});
  session->step(graph);
  std::vector<std::vector<float>> values;
  for (graph::NodeId node = 0; node < graph.size(); ++node) {
    for (std::uint32_t port = 0; port < ports; ++port) {
      const auto value = session->read({node, port});
      values.emplace_back(value.begin(), value.end());
    }
  }
  return values;
}

std::shared_ptr<const graph::Cell> shared(graph::Cell cell) {
  return std::make_shared<const graph::Cell>(std::move(cell));
}

TEST(TypedCells, LstmHasTheBitsOfTheBuiltInOne) {
  const auto typed =
      states_of(shared(examples::typed_lstm(kHidden)), memory_plan::LayoutMode::planned);
  const auto built_in = states_of(nn::lookup_lstm_cell("lstm", "embedding", kHidden),
                                  memory_plan::LayoutMode::planned);
  ASSERT_EQ(typed.size(), 22U);
  EXPECT_EQ(typed, built_in);
}

TEST(TypedCells, HaveTheSameBitsPlannedAndUnplanned) {
  for (const auto& cell : {examples::typed_lstm(kHidden), examples::typed_gru(kHidden),
                           examples::typed_highway(kHidden)}) {
    EXPECT_EQ(states_of(shared(cell), memory_plan::LayoutMode::planned),
              states_of(shared(cell), memory_plan::LayoutMode::unplanned))
        << cell.name();
  }
}

}  // namespace
}  // namespace sheaf
