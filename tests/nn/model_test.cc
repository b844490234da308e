// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/nn/picture_models.h"
#include "tests/message_of.h"

namespace sheaf::nn {
namespace {

std::vector<float> row_of(const Model& model, std::uint32_t row) {
  const graph::ParameterStore& parameters = model.network().parameters();
  const auto values = parameters[parameters.find(kEmbedding)].value.row(row);
  return {values.begin(), values.end()};
}

std::vector<float> values_of(const Model& model, const std::string& parameter) {
  const graph::ParameterStore& parameters = model.network().parameters();
  const auto values = parameters[parameters.find(parameter)].value.values();
  return {values.begin(), values.end()};
}

std::unique_ptr<Model> seeded_tree_lstm(std::uint64_t seed, const Vocabulary& vocabulary) {
  auto model = make_model(
      "tree_lstm", {.hidden = 16, .vocabulary = static_cast<std::uint32_t>(vocabulary.size())});
  initialise(model->network().parameters(), seed, vocabulary);
  return model;
}

TEST(MakeModel, KnowsEveryListedName) {
  EXPECT_EQ(std::vector<std::string>(model_names().begin(), model_names().end()),
            (std::vector<std::string>{"lac", "tree_lstm", "tree_lstm_nary", "tree_lstm_2type",
                                      "tree_gru", "mv_rnn", "child_sum_tree_lstm", "lattice_lstm",
                                      "lattice_lstm_bi", "lattice_gru", "dag_gru", "bilstm_tagger",
                                      "bilstm_tagger_char", "lstm_nmt"}));
  for (const std::string& name : model_names()) {
    EXPECT_EQ(make_model(name, {.hidden = 8, .vocabulary = 3})->name(), name);
  }
}

TEST(MakeModel, KnowsTheModelsOfPicturesToo) {
  for (const std::string& name : picture_model_names()) {
    const auto model = make_model(name, {.vocabulary = 9, .classes = 4, .height = 16, .width = 20});
    EXPECT_EQ(model->name(), name);
    const graph::ParameterStore& parameters = model->network().parameters();
    EXPECT_EQ(parameters[parameters.find(kPixels)].shape, (tensor::Shape{9, 320})) << name;
    EXPECT_EQ(parameters[parameters.find("head.V")].shape.rows, 4U) << name;
  }
  EXPECT_EQ(test::message_of<base::UsageError>([] { (void)make_model("lenet", {}); }),
            "[--model] unknown model: got 'lenet'; did you mean 'lenet5'?");
}

TEST(MakeModel, MessageSuggestsTheNearestModel) {
  EXPECT_EQ(test::message_of<base::UsageError>([] { (void)make_model("tree_lsmt", {}); }),
            "[--model] unknown model: got 'tree_lsmt'; did you mean 'tree_lstm'?");
}

TEST(MakeModel, MessageListsAllModelsWhenNoneIsNear) {
  std::string known;
  for (const std::string& name : model_names()) known += " '" + name + "'";
  for (const std::string& name : picture_model_names()) known += " '" + name + "'";
  EXPECT_EQ(test::message_of<base::UsageError>([] { (void)make_model("transformer", {}); }),
            "[--model] unknown model: got 'transformer'; known are" + known);
}

TEST(MakeModel, MessageNamesAHiddenSizeOfZero) {
  EXPECT_EQ(
      test::message_of<base::UsageError>([] { (void)make_model("tree_lstm", {.hidden = 0}); }),
      "[cell tree_lstm_leaf] width of lookup: got 0, expected a positive number of columns");
  EXPECT_EQ(
      test::message_of<base::UsageError>([] { (void)make_model("lattice_lstm", {.hidden = 0}); }),
      "[cell lattice_arc] width of lookup: got 0, expected a positive number of columns");
}

TEST(MakeModel, EmbeddingHasARowPerWord) {
  for (const std::string& name : model_names()) {
    const auto model = make_model(name, {.hidden = 128, .vocabulary = 7});
    const graph::ParameterStore& parameters = model->network().parameters();
    EXPECT_EQ(parameters[parameters.find(kEmbedding)].shape, (tensor::Shape{7, 128})) << name;
  }
}

TEST(Initialise, GivesEveryParameterOfEveryModelValuesWithinATenth) {
  for (const std::string& name : model_names()) {
    const auto model = make_model(name, {.hidden = 16, .vocabulary = 2});
    initialise(model->network().parameters(), 1, {"a", "b"});
    for (const graph::Parameter& parameter : model->network().parameters()) {
      const auto values = parameter.value.values();
      ASSERT_EQ(values.size(), parameter.shape.size()) << parameter.name;
      EXPECT_EQ(parameter.version, 1U) << parameter.name;
      const auto [low, high] = std::minmax_element(values.begin(), values.end());
      EXPECT_GE(*low, -0.1F) << parameter.name;
      EXPECT_LT(*high, 0.1F) << parameter.name;
      EXPECT_LT(*low, *high) << parameter.name << " is constant";
    }
  }
}

TEST(Initialise, SameSeedGivesTheSameValues) {
  const auto a = seeded_tree_lstm(3, {"x", "y"});
  const auto b = seeded_tree_lstm(3, {"x", "y"});
  for (const graph::Parameter& parameter : a->network().parameters()) {
    EXPECT_EQ(values_of(*a, parameter.name), values_of(*b, parameter.name)) << parameter.name;
  }
}

TEST(Initialise, AnotherSeedGivesOtherValues) {
  const auto a = seeded_tree_lstm(3, {"x", "y"});
  const auto b = seeded_tree_lstm(4, {"x", "y"});
  for (const graph::Parameter& parameter : a->network().parameters()) {
    EXPECT_NE(values_of(*a, parameter.name), values_of(*b, parameter.name)) << parameter.name;
  }
}

TEST(Initialise, ParametersOfOneShapeDiffer) {
  const auto model = seeded_tree_lstm(3, {"x"});
  EXPECT_NE(values_of(*model, "leaf.W_i"), values_of(*model, "leaf.W_o"));
  EXPECT_NE(values_of(*model, "leaf.b_i"), values_of(*model, "node.b_i"));
}

TEST(Initialise, ARowOfTheEmbeddingDependsOnItsWordAndTheSeedOnly) {
  const auto a = seeded_tree_lstm(3, {"cat", "dog", "fish"});
  const auto b = seeded_tree_lstm(3, {"bird", "fish", "cat", "dog"});
  EXPECT_EQ(row_of(*a, 0), row_of(*b, 2));
  EXPECT_EQ(row_of(*a, 1), row_of(*b, 3));
  EXPECT_EQ(row_of(*a, 2), row_of(*b, 1));
  EXPECT_NE(row_of(*a, 0), row_of(*a, 1));
  EXPECT_NE(row_of(*a, 0), row_of(*seeded_tree_lstm(4, {"cat"}), 0));
}

TEST(Initialise, OtherParametersDoNotDependOnTheVocabulary) {
  const auto a = seeded_tree_lstm(3, {"cat", "dog", "fish"});
  const auto b = seeded_tree_lstm(3, {"bird"});
  EXPECT_EQ(values_of(*a, "node.U_i"), values_of(*b, "node.U_i"));
}

// A table's rows by name, under a seed.
std::vector<float> seeded_row(const char* table, const Vocabularies& vocabularies,
                              std::uint32_t row) {
  graph::ParameterStore parameters;
  const auto names = row_names(vocabularies, table);
  const auto rows = static_cast<std::uint32_t>(names->size());
  const graph::ParameterId id = parameters.declare(table, {rows, 4});
  initialise(parameters, 7, vocabularies);
  const auto values = parameters[id].value.row(row);
  return {values.begin(), values.end()};
}

TEST(Initialise, RowsOfEveryTableDependOnTheirNames) {
  const Vocabularies a{.words = {"x"}, .characters = {"x", "y"}, .target = {"x", "y"}};
  const Vocabularies b{.words = {"x"}, .characters = {"y", "x"}, .target = {"y", "x"}};
  EXPECT_EQ(seeded_row(kCharacters, a, 0), seeded_row(kCharacters, b, 1));
  EXPECT_EQ(seeded_row(kTargetEmbedding, a, 0), seeded_row(kTargetEmbedding, b, 1));
  EXPECT_NE(seeded_row(kTargetEmbedding, a, 0), seeded_row(kTargetEmbedding, a, 1));
  EXPECT_NE(seeded_row(kCharacters, a, 0), seeded_row(kEmbedding, a, 0))
      << "the tables have rows of their own";
}

TEST(Require, GivesTheInstanceOfItsKind) {
  const Instance instance = Sentence{{1, 2}};
  EXPECT_EQ(&require<Sentence>(instance, "lac"), &std::get<Sentence>(instance));
}

}  // namespace
}  // namespace sheaf::nn
