// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/evaluate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sheaf/base/error.h"
#include "sheaf/engine/workload.h"
#include "tests/message_of.h"

namespace sheaf::train {
namespace {

using engine::InstanceOutputs;
using nn::kNoLabel;
using Labels = std::vector<std::uint32_t>;

// A row of log-probabilities whose largest is `label`'s.
std::vector<float> row(std::uint32_t label, std::uint32_t classes) {
  std::vector<float> values(classes, std::log(0.1F));
  values[label] = std::log(0.5F);
  return values;
}

InstanceOutputs outputs(const Labels& labels, std::uint32_t classes) {
  InstanceOutputs result;
  for (const std::uint32_t label : labels) result.rows.push_back(row(label, classes));
  return result;
}

std::unique_ptr<nn::Model> model(const std::string& name, std::uint32_t classes) {
  return nn::make_model(name, {.hidden = 4, .vocabulary = 9, .characters = 2, .classes = classes});
}

TEST(PredictedLabels, AreTheFirstOfTheLargest) {
  EXPECT_EQ(predicted_labels({.rows = {{1, 3, 3}, {2, 1, 0}}, .labels = {}}), (Labels{1, 0}));
  EXPECT_EQ(predicted_labels({.rows = {{1, 3}}, .labels = {0}}), (Labels{0}));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(predicted_labels({.rows = {{nan, -1, nan, 0}}, .labels = {}}), (Labels{3}));
}

TEST(Evaluator, OfTreesCountsRootsAndNodes) {
  const auto trees = model("tree_lstm", 5);
  const nn::Vocabularies names;
  Evaluator evaluator(*trees, names);
  const nn::Tree tree{.nodes = {{.word = 1, .label = 3}, {.word = 2, .label = 2}, {0, 1, 0, 4}}};
  evaluator.add(tree, outputs({3, 1, 4}, 5));
  evaluator.add(tree, outputs({3, 2, 1}, 5));
  evaluator.add(nn::Tree{.nodes = {{.word = 1, .label = kNoLabel}}}, outputs({0}, 5));
  const Evaluation result = evaluator.result();
  EXPECT_EQ(result.instances, 3U);
  EXPECT_EQ(result.labels, 6U);
  EXPECT_DOUBLE_EQ(result.metrics.at("root_accuracy"), 1.0 / 2);
  EXPECT_DOUBLE_EQ(result.metrics.at("node_accuracy"), 4.0 / 6);
  EXPECT_NEAR(result.metrics.at("loss"), -(4 * std::log(0.5) + 2 * std::log(0.1)) / 6, 1e-6);
  EXPECT_EQ(result.metrics.size(), 3U);
}

TEST(Evaluator, OfTaggersCountsTokensAndSpans) {
  const auto tagger = model("bilstm_tagger", 4);
  const nn::Vocabularies names{.labels = {"O", "B-X", "E-X", "S-X"}};
  Evaluator evaluator(*tagger, names);
  evaluator.add(nn::Sentence{.ids = {1, 2, 3, 4}, .labels = {1, 2, 0, 3}},
                outputs({1, 2, 3, 0}, 4));
  const auto metrics = evaluator.result().metrics;
  EXPECT_DOUBLE_EQ(metrics.at("token_accuracy"), 2.0 / 4);
  EXPECT_DOUBLE_EQ(metrics.at("span_precision"), 1.0 / 2);
  EXPECT_DOUBLE_EQ(metrics.at("span_recall"), 1.0 / 2);
  EXPECT_DOUBLE_EQ(metrics.at("span_f1"), 1.0 / 2);
}

TEST(Evaluator, DecodesAsItIsTold) {
  const auto tagger = model("bilstm_tagger", 4);
  const nn::Vocabularies names{.labels = {"O", "B-X", "E-X", "S-X"}};
  const nn::Sentence sentence{.ids = {1, 2, 3, 4}, .labels = {1, 2, 0, 0}};
  Evaluator greedy(*tagger, names);
  Evaluator legal(*tagger, names, Decode::legal);
  for (Evaluator* evaluator : {&greedy, &legal}) {
    evaluator->add(sentence, outputs({1, 2, 0, 2}, 4));  // no E-X may follow an O
  }
  EXPECT_DOUBLE_EQ(greedy.result().metrics.at("span_f1"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(legal.result().metrics.at("span_f1"), 1);
  EXPECT_EQ(greedy.result().metrics.at("loss"), legal.result().metrics.at("loss"));
}

TEST(Evaluator, OfACrfHasTheLossOfSequencesByTag) {
  const auto tagger =
      nn::make_model("bilstm_tagger", {.hidden = 4, .vocabulary = 9, .classes = 2, .crf = true});
  nn::initialise(tagger->network().parameters(), 1, nn::Vocabulary{});
  graph::ParameterStore& parameters = tagger->network().parameters();
  const auto set = [&](const char* name, const std::vector<float>& values) {
    const auto to = parameters.change(parameters.find(name));
    std::copy(values.begin(), values.end(), to.begin());
  };
  set("crf.start", {1, 0});
  set("crf.transitions", {0, 0, 2, 0});  // to 1 from 0
  set("crf.stop", {0, 0});
  const nn::Vocabularies names{.labels = {"a", "b"}};
  Evaluator evaluator(*tagger, names);
  evaluator.add(nn::Sentence{.ids = {1, 2}, .labels = {0, 1}}, {.rows = {{0, 0}, {0, 0}}});
  evaluator.add(nn::Sentence{.ids = {1, 2}}, {.rows = {{0, 0}, {0, 0}}});  // no labels
  const double e = std::exp(1.0);
  // Scores of ab, aa, ba and bb.
  EXPECT_NEAR(evaluator.result().metrics.at("loss"), (std::log(e * e * e + e + 1 + 1) - 3) / 2,
              1e-12);
}

TEST(Evaluator, HasNoSpansWhereTagsAreNone) {
  const auto tagger = model("bilstm_tagger", 2);
  const nn::Vocabularies names{.labels = {"NN", "VB"}};
  Evaluator evaluator(*tagger, names);
  evaluator.add(nn::Sentence{.ids = {1}, .labels = {1}}, outputs({1}, 2));
  EXPECT_EQ(evaluator.result().metrics.count("span_f1"), 0U);
  EXPECT_EQ(evaluator.result().metrics.at("token_accuracy"), 1);
}

TEST(Evaluator, OfLatticesSkipsPosition0) {
  const auto lattices = model("lattice_lstm", 2);
  const nn::Vocabularies names{.labels = {"O", "S-X"}};
  Evaluator evaluator(*lattices, names);
  evaluator.add(nn::Lattice{.arc_begin = {0, 0, 1}, .arcs = {{0, 1}}, .labels = {kNoLabel, 1}},
                outputs({0, 1}, 2));
  EXPECT_EQ(evaluator.result().labels, 1U);
  EXPECT_EQ(evaluator.result().metrics.at("token_accuracy"), 1);
  EXPECT_EQ(evaluator.result().metrics.at("span_f1"), 1);
}

TEST(Evaluator, OfTranslationsHasPerplexity) {
  const auto translator = model("lstm_nmt", 3);
  const nn::Vocabularies names;
  Evaluator evaluator(*translator, names);
  evaluator.add(nn::SentencePair{.source = {1}, .target = {1, 2}}, outputs({1, 2}, 3));
  const auto metrics = evaluator.result().metrics;
  EXPECT_NEAR(metrics.at("perplexity"), 2, 1e-6);
  EXPECT_EQ(metrics.at("token_accuracy"), 1);
}

TEST(Evaluator, OfADecoderHasNoLoss) {
  const auto lac = nn::make_model("lac", {.vocabulary = 4});
  const nn::Vocabularies names;
  Evaluator evaluator(*lac, names);
  InstanceOutputs decoded = outputs({1, 2}, 57);
  decoded.labels = {2, 2};
  evaluator.add(nn::Sentence{.ids = {1, 2}, .labels = {2, 1}}, decoded);
  EXPECT_EQ(evaluator.result().metrics.count("loss"), 0U);
  EXPECT_EQ(evaluator.result().metrics.at("token_accuracy"), 0.5);
}

TEST(Evaluator, OfDataWithoutLabelsHasNoMetrics) {
  const auto tagger = model("bilstm_tagger", 2);
  const nn::Vocabularies names{.labels = {"O", "S-X"}};
  Evaluator evaluator(*tagger, names);
  evaluator.add(nn::Sentence{.ids = {1}}, outputs({1}, 2));
  EXPECT_EQ(evaluator.result().instances, 1U);
  EXPECT_TRUE(evaluator.result().metrics.empty());
}

TEST(Evaluator, RefusesALabelBeyondTheClasses) {
  const auto trees = model("tree_lstm", 5);
  const nn::Vocabularies names;
  EXPECT_EQ(
      test::message_of<base::DataError>([&] {
        Evaluator(*trees, names).add(nn::Tree{.nodes = {{.word = 1, .label = 5}}}, outputs({1}, 5));
      }),
      "[model tree_lstm] gold label: got 5, expected below 5");
}

TEST(Evaluate, IsTheSameForEveryBatchAndSession) {
  const engine::Workload workload = engine::open_workload(
      {.model = "bilstm_tagger", .data = "random:sentences,n=9,vocabulary=50", .hidden = 8});
  const auto run = [&](std::uint32_t batch) {
    return evaluate(*workload.model, workload.instances, workload.vocabularies, engine::Options{},
                    {.batch = batch});
  };
  const Evaluation one = run(1);
  EXPECT_EQ(one.instances, 9U);
  EXPECT_GT(one.labels, 9U);
  EXPECT_EQ(one.metrics, run(4).metrics);
  const auto session = engine::compile(workload.model->network(), {});
  std::size_t last = 0;
  const Evaluation shared =
      evaluate(*workload.model, workload.instances, workload.vocabularies, *session,
               {.batch = 4, .progress = [&](std::size_t done) { last = done; }});
  EXPECT_EQ(shared.metrics, one.metrics);
  EXPECT_EQ(last, 9U);
}

}  // namespace
}  // namespace sheaf::train
