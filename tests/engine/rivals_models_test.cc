// SPDX-License-Identifier: Apache-2.0
//
// Mistakes of the models in ED-Batch's benchmark, and why its weights, which are all 0.1, could not
// show any mistake. That outputs are those of the equations is the business of tests/nn and
// session_values_test.cc; here it is shown which of their parts an output hears.
#include <algorithm>
#include <set>

#include "sheaf/engine/minibatches.h"
#include "tests/engine/instances.h"
#include "tests/engine/rivals.h"
#include "tests/memory_plan/random_network.h"

namespace sheaf::test {
namespace {

using graph::Graph;
using graph::Operand;

// The rows of each instance, run in one minibatch.
std::vector<engine::InstanceOutputs> run(const nn::Model& model,
                                         const std::vector<nn::Instance>& instances) {
  const auto session = engine::compile(model.network());
  const auto order = engine::make_order(instances.size(), 64, {});
  return engine::run_all(model, instances, order, *session);
}

void set_parameter(graph::ParameterStore& parameters, graph::ParameterId id, float weight) {
  tensor::Tensor value(parameters[id].shape);
  std::fill(value.values().begin(), value.values().end(), weight);
  parameters.assign(id, std::move(value));
}

// The decoder read target[number of the sentence] instead of target[time step].
TEST(EdBatchModelMistake, DecoderReadsTheNumberOfItsSentence) {
  const auto model = seeded_model("lstm_nmt");
  const nn::SentencePair pair{.source = {1, 2, 3}, .target = {4, 5, 6, 7, 8, 9}};
  const auto wanted = run(*model, {pair, pair, pair, pair});
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(wanted[i].rows, wanted[0].rows);
  for (std::size_t t = 0; t < pair.target.size(); ++t) {
    nn::SentencePair other = pair;
    other.target[t] = 0;
    const auto got = run(*model, {pair, pair, other, pair});
    EXPECT_EQ(got[3].rows, wanted[0].rows);
    for (std::size_t row = 0; row < pair.target.size(); ++row) {
      EXPECT_EQ(got[2].rows[row] == wanted[0].rows[row], row <= t) << t << ", row " << row;
    }
  }
}

// The unblocked TreeGRU shadowed the variable of its result: the graph that was run needed 35
// batches whatever its depth.
TEST(EdBatchModelMistake, TreeIsCollapsed) {
  const auto model = seeded_model("tree_gru");
  base::Rng rng(1);
  fill_parameters(model->network().parameters(), rng);  // large enough to be heard at the root
  const auto instances = random_instances("tree_gru", 6, 7);
  const auto wanted = run(*model, instances);
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const auto& tree = std::get<nn::Tree>(instances[i]);
    for (std::size_t node = 0; node < tree.nodes.size(); ++node) {
      if (!tree.nodes[node].is_leaf()) continue;
      auto changed = instances;
      auto& word = std::get<nn::Tree>(changed[i]).nodes[node].word;
      word = (word + 1) % kVocabulary;
      const auto got = run(*model, changed);
      for (std::size_t other = 0; other < instances.size(); ++other) {
        EXPECT_EQ(got[other].rows.back() == wanted[other].rows.back(), other != i)
            << "root of " << other << ", leaf " << node << " of " << i;
      }
    }
  }
}

TEST(EdBatchModelMistake, DeeperTreesNeedMoreBatches) {
  const auto model = seeded_model("tree_gru");
  std::set<std::uint32_t> batches;
  nn::Tree tree;
  tree.nodes.push_back({.word = 1});
  for (std::uint32_t depth = 1; depth <= 50; ++depth) {
    const auto root = static_cast<std::uint32_t>(tree.nodes.size() - 1);
    tree.nodes.push_back({.word = depth % kVocabulary});
    tree.nodes.push_back({.left = root, .right = root + 1});
    Graph graph(model->network());
    model->append(tree, 0, graph);
    batches.insert(engine::compile(model->network())->step(graph).batches);
  }
  EXPECT_EQ(batches.size(), 50U);
}

// One type of the unblocked LatticeGRU read the weights of another.
TEST(EdBatchModelMistake, WeightsOfOneTypeServeAnother) {
  for (const char* name : {"lattice_gru", "lattice_lstm", "tree_lstm_2type", "bilstm_tagger"}) {
    auto model = seeded_model(name);
    const auto instances = random_instances(name, 12, 8);
    graph::ParameterStore& parameters = model->network().parameters();
    std::set<std::string> digests = {engine::digest_of(run(*model, instances))};
    for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
      tensor::Tensor before(parameters[id].shape);
      const auto values = parameters[id].value.values();
      std::copy(values.begin(), values.end(), before.values().begin());
      set_parameter(parameters, id, 0.05F);
      EXPECT_TRUE(digests.insert(engine::digest_of(run(*model, instances))).second)
          << parameters[id].name << " of " << name << " is not read, or by another's name";
      parameters.assign(id, std::move(before));
    }
  }
}

// Why nobody saw it. With equal weights a tree gives the same outputs whatever its words and
// whichever child is the left one, and every class is as likely as any other: the benchmark's loss
// is N ln 5 whatever is computed.
TEST(EdBatchModelMistake, EqualWeightsHideWrongOperands) {
  const nn::Tree right{
      .nodes = {
          {.word = 1}, {.word = 2}, {.left = 0, .right = 1}, {.word = 3}, {.left = 2, .right = 3}}};
  nn::Tree wrong = right;
  std::swap(wrong.nodes[4].left, wrong.nodes[4].right);
  nn::Tree words = right;
  words.nodes[0].word = 9;
  for (const char* name : {"tree_lstm", "tree_gru"}) {
    auto model = seeded_model(name);
    auto rows = run(*model, {right, wrong, words});
    EXPECT_NE(rows[0].rows.back(), rows[1].rows.back()) << "children swapped, " << name;
    EXPECT_NE(rows[0].rows.back(), rows[2].rows.back()) << "a wrong word, " << name;
    graph::ParameterStore& parameters = model->network().parameters();
    for (graph::ParameterId id = 0; id < parameters.size(); ++id)
      set_parameter(parameters, id, 0.1F);
    rows = run(*model, {right, wrong, words});
    EXPECT_EQ(rows[0].rows.back(), rows[1].rows.back()) << name;
    EXPECT_EQ(rows[0].rows.back(), rows[2].rows.back()) << name;
    for (const float x : rows[0].rows.back()) EXPECT_FLOAT_EQ(x, rows[0].rows.back()[0]);
  }
}

// The same of the comparison that these tests make: an operand taken by its position, on purpose,
// is seen with random weights and not with equal ones.
class OperandByPosition : public Rivals {
 protected:
  OperandByPosition()
      : join_(type("join", [](auto& cell) {
          const auto a = cell.input("a", kWidth);
          const auto b = cell.input("b", kWidth);
          cell.output(tanh(cell.affine(kWidth, {{"A", a}, {"B", b}}, "b")));
        })) {}
  // Whether reading (second, first) for (first, second) changes a value.
  [[nodiscard]] bool is_seen() const {
    InstanceValues values[2];
    for (const std::uint32_t wrong : {0U, 1U}) {
      Graph graph = graph_of([&](Graph& g, std::uint32_t i) {
        const Operand operands[] = {word(g, i), word(g, i + 1)};
        g.add(join_, {operands[wrong], operands[1 - wrong]});
      });
      const auto session = session_of(network_, "critical");
      session->step(graph);
      values[wrong] = values_of(*session, graph);
    }
    return values[0] != values[1];
  }
  graph::TypeId join_;
};

TEST_F(OperandByPosition, IsSeenWithRandomWeightsOnly) {
  randomise();
  EXPECT_TRUE(is_seen());
  set_all(0.1F);
  EXPECT_FALSE(is_seen());
}

}  // namespace
}  // namespace sheaf::test
