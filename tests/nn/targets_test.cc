// SPDX-License-Identifier: Apache-2.0
//
// One label per output that append() marks, in that order.
#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/nn/lac.h"
#include "sheaf/nn/model.h"
#include "tests/message_of.h"

namespace sheaf::nn {
namespace {

using Labels = std::vector<std::uint32_t>;

constexpr ModelOptions kOptions{.hidden = 8, .vocabulary = 9, .characters = 3, .classes = 7};

Labels targets_of(const std::string& model, const Instance& instance) {
  Labels labels;
  make_model(model, kOptions)->targets(instance, labels);
  return labels;
}

std::size_t outputs_of(const std::string& model, const Instance& instance) {
  const auto made = make_model(model, kOptions);
  graph::Graph graph(made->network());
  made->append(instance, 0, graph);
  return graph.outputs().size();
}

Tree small_tree() {
  return {.nodes = {{.word = 1, .label = 3}, {.word = 2, .label = kNoLabel}, {0, 1, 0, 4}}};
}
Lattice small_lattice() {
  return {.arc_begin = {0, 0, 1, 3}, .arcs = {{0, 1}, {1, 2}, {0, 3}}, .labels = {kNoLabel, 5, 6}};
}

TEST(Targets, OfTreesAreTheLabelsOfTheNodesInPostOrder) {
  for (const char* model :
       {"tree_lstm", "tree_lstm_nary", "tree_lstm_2type", "tree_gru", "mv_rnn"}) {
    EXPECT_EQ(targets_of(model, small_tree()), (Labels{3, kNoLabel, 4})) << model;
  }
}

TEST(Targets, OfLatticesAreTheTagsOfThePositions) {
  EXPECT_EQ(targets_of("lattice_lstm", small_lattice()), (Labels{kNoLabel, 5, 6}));
  EXPECT_EQ(targets_of("lattice_gru", small_lattice()), (Labels{kNoLabel, 5, 6}));
  EXPECT_EQ(targets_of("lattice_lstm_bi", small_lattice()), (Labels{kNoLabel, 5, 6}));
}

TEST(Targets, OfTaggersAreTheTagsOfTheWords) {
  const Sentence sentence{.ids = {1, 2}, .labels = {6, 0}};
  for (const char* model : {"bilstm_tagger", "bilstm_tagger_char", "lac"}) {
    EXPECT_EQ(targets_of(model, sentence), (Labels{6, 0})) << model;
  }
}

TEST(Targets, OfTranslationsAreTheWordsOfTheTarget) {
  EXPECT_EQ(targets_of("lstm_nmt", SentencePair{.source = {1}, .target = {5, 6, 2}}),
            (Labels{5, 6, 2}));
}

TEST(Targets, OfDependencyTreesAreTheRelations) {
  const DependencyTree tree{.heads = {1, DependencyTree::kRoot}, .words = {1, 2}, .labels = {4, 0}};
  EXPECT_EQ(targets_of("child_sum_tree_lstm", tree), (Labels{4, 0}));
}

TEST(Targets, OfDirectedGraphsAreTheLabelsOfTheNodes) {
  const Dag dag{.kinds = {1, 2}, .begin = {0, 0, 1}, .predecessors = {0}, .labels = {kNoLabel, 2}};
  EXPECT_EQ(targets_of("dag_gru", dag), (Labels{kNoLabel, 2}));
}

TEST(Targets, WithoutGoldLabelsThereIsOneThatIsNoLabelForEveryOutput) {
  Lattice lattice = small_lattice();
  lattice.labels.clear();
  EXPECT_EQ(targets_of("lattice_lstm", lattice), Labels(3, kNoLabel));
  EXPECT_EQ(targets_of("bilstm_tagger", Sentence{.ids = {1, 2}}), Labels(2, kNoLabel));
  EXPECT_EQ(targets_of("dag_gru", Dag{.kinds = {1}, .begin = {0, 0}}), Labels(1, kNoLabel));
}

TEST(Targets, AreAppended) {
  Labels labels = {9};
  make_model("lstm_nmt", kOptions)->targets(SentencePair{.source = {1}, .target = {2}}, labels);
  EXPECT_EQ(labels, (Labels{9, 2}));
}

TEST(Targets, AreAsManyAsOutputs) {
  const std::vector<std::pair<std::string, Instance>> cases = {
      {"tree_lstm", small_tree()},
      {"lattice_gru", small_lattice()},
      {"lattice_lstm_bi", small_lattice()},
      {"bilstm_tagger_char", Sentence{.ids = {1, 2, 3}}},
      {"lstm_nmt", SentencePair{.source = {1}, .target = {2, 3}}},
      {"dag_gru", Dag{.kinds = {1}, .begin = {0, 0}}},
      {"lac", Sentence{.ids = {1, 2}}},
  };
  for (const auto& [model, instance] : cases) {
    EXPECT_EQ(targets_of(model, instance).size(), outputs_of(model, instance)) << model;
  }
}

TEST(Targets, OfAnotherKindOfInstanceAreRefused) {
  EXPECT_EQ(test::message_of<base::UsageError>(
                [] { static_cast<void>(targets_of("tree_lstm", Sentence{})); }),
            "[model tree_lstm] instance: got a sentence, expected a tree");
}

TEST(Targets, OneLabelTooFewIsABug) {
  EXPECT_EQ(
      test::message_of<base::InternalError>([] {
        static_cast<void>(targets_of("bilstm_tagger", Sentence{.ids = {1, 2}, .labels = {0}}));
      }),
      "[targets] an instance has not a label per output");
}

TEST(Targets, OfAModelWithoutClassesAreRefused) {
  class Stateless final : public Model {
    [[nodiscard]] std::string_view name() const override { return "stateless"; }
    void append(const Instance&, std::uint32_t, graph::Graph&) const override {}
  };
  EXPECT_EQ(test::message_of<base::UsageError>([] {
              Labels labels;
              const Stateless model;
              static_cast<const Model&>(model).targets(Tree{}, labels);
            }),
            "[model stateless] targets: got a model without classes, expected one that overrides "
            "targets()");
}

std::uint32_t head_width(const std::string& model, std::uint32_t classes) {
  const auto made = make_model(model, {.hidden = 8, .vocabulary = 9, .classes = classes});
  const graph::Network& network = made->network();
  for (graph::TypeId type = 0; type < network.type_count(); ++type) {
    if (network.type(type).name == "head") return network.type(type).cell->output_width(0);
  }
  return 0;
}

TEST(Classes, AreThoseOfTheBenchmarkWhereNothingIsSaid) {
  EXPECT_EQ(head_width("tree_lstm", 0), 5U);
  EXPECT_EQ(head_width("mv_rnn", 0), 5U);
  EXPECT_EQ(head_width("dag_gru", 0), 5U);
  EXPECT_EQ(head_width("lattice_lstm", 0), 18U);
  EXPECT_EQ(head_width("lattice_lstm_bi", 0), 18U);
  EXPECT_EQ(head_width("bilstm_tagger", 0), 1U);
}

TEST(Classes, AreAsManyAsAskedFor) {
  for (const char* model : {"tree_gru", "mv_rnn", "dag_gru", "lattice_gru", "bilstm_tagger",
                            "lattice_lstm_bi", "lstm_nmt", "child_sum_tree_lstm"}) {
    EXPECT_EQ(head_width(model, 7), 7U) << model;
  }
}

}  // namespace
}  // namespace sheaf::nn
