// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/model_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "sheaf/base/error.h"
#include "sheaf/compress/encode.h"
#include "sheaf/engine/compile.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/engine/vocabulary_builder.h"
#include "sheaf/io/digest.h"
#include "sheaf/io/weights_file.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"

namespace sheaf::train {
namespace {

class ModelFolderTest : public testing::Test {
 protected:
  // A tagger with random weights, saved in `dir()`.
  void SetUp() override {
    options_ = {.model = "bilstm_tagger",
                .data = folder_.write("train", "a|X b|Y\nc|X\n"),
                .hidden = 6,
                .seed = 3};
    save(options_, dir());
  }
  [[nodiscard]] std::string dir() const { return folder_.path("model"); }

  engine::Workload save(engine::WorkloadOptions options, const std::string& folder) const {
    options.vocabularies = engine::build_vocabularies(options);
    engine::Workload workload = engine::open_workload(options);
    save_model(folder, workload.model->network().parameters(), description_of(options, workload));
    return workload;
  }
  [[nodiscard]] static ModelDescription description_of(const engine::WorkloadOptions& options,
                                                       const engine::Workload& workload) {
    return {.model = options.model,
            .sizes = engine::model_options(*options.hidden, options.seed, workload.vocabularies),
            .format = options.format,
            .lexicon = options.lexicon,
            .metrics = {{"token_accuracy", 0.25}},
            .vocabularies = workload.vocabularies};
  }
  [[nodiscard]] static std::string digest(const engine::Workload& workload) {
    const auto session = engine::compile(workload.model->network(), {});
    const auto order = engine::make_order(workload.instances.size(), 8, {});
    return engine::digest_of(engine::run_all(*workload.model, workload.instances, order, *session));
  }
  template <typename Act>
  [[nodiscard]] std::string refusal(Act act) const {
    std::string text = test::message_of<base::Error>(act);
    for (std::size_t at = text.find(folder_.path()); at != std::string::npos;
         at = text.find(folder_.path())) {
      text.replace(at, folder_.path().size(), "D");
    }
    return text;
  }
  [[nodiscard]] std::string open_refusal() const {
    return refusal([&] { static_cast<void>(open_model(dir())); });
  }
  [[nodiscard]] nlohmann::json description() const {
    return nlohmann::json::parse(test::bytes_of(dir() + "/model.json"));
  }
  void write_description(const nlohmann::json& json) const {
    folder_.write("model/model.json", json.dump());
  }

  const test::TempFolder folder_;
  engine::WorkloadOptions options_;
};

TEST_F(ModelFolderTest, HoldsTwoFiles) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(dir())) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"model.json", "weights.safetensors"}));
}

TEST_F(ModelFolderTest, SaysWhatTheModelIs) {
  const nlohmann::json json = description();
  EXPECT_EQ(json.at("format"), "sheaf-model-1");
  EXPECT_EQ(json.at("model"), "bilstm_tagger");
  EXPECT_EQ(json.at("sizes").at("hidden"), 6);
  EXPECT_EQ(json.at("sizes").at("classes"), 2);
  EXPECT_EQ(json.at("vocabularies").at("words"),
            (std::vector<std::string>{"<unk>", "a", "b", "c"}));
  EXPECT_EQ(json.at("metrics").at("token_accuracy"), 0.25);
  const TrainedModel trained = open_model(dir());
  EXPECT_EQ(trained.description.model, "bilstm_tagger");
  EXPECT_EQ(trained.description.sizes.hidden, 6U);
  EXPECT_EQ(trained.description.sizes.seed, 3U);
  EXPECT_EQ(trained.description.metrics.at("token_accuracy"), 0.25);
  EXPECT_EQ(trained.description.vocabularies.labels, (nn::Vocabulary{"X", "Y"}));
  EXPECT_FALSE(trained.description.training.has_value());
}

TEST_F(ModelFolderTest, SaysWhenTheWeightsWereSo) {
  TrainedModel trained = open_model(dir());
  trained.description.training =
      TrainingFigures{.epoch = 3, .updates = 12, .loss = 0.5, .metric = "token_accuracy"};
  save_model(dir(), *trained.model, trained.description);
  const nlohmann::json json = description();
  EXPECT_EQ(json.at("training").at("epoch"), 3);
  const auto again = open_model(dir()).description.training;
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->epoch, 3U);
  EXPECT_EQ(again->updates, 12U);
  EXPECT_EQ(again->loss, 0.5);
  EXPECT_EQ(again->metric, "token_accuracy");
}

TEST_F(ModelFolderTest, EveryKindOfModelComesBackBitForBit) {
  const std::string ner = folder_.write("ner", "北 B-L\n京 E-L\n\n人 O\n");
  const std::string lexicon = folder_.write("lexicon", "北京 1\n");
  const std::string text = folder_.write("text", "a b c\nb d\n");
  const std::vector<engine::WorkloadOptions> all = {
      {.model = "tree_lstm_2type", .data = folder_.write("trees", "(7 (_ a) (3 (2 b) (1 c)))\n")},
      {.model = "mv_rnn", .data = folder_.write("trees2", "(1 (2 b) (1 c))\n")},
      {.model = "lattice_lstm", .data = ner, .lexicon = lexicon},
      {.model = "lattice_gru", .data = folder_.write("l", "1\n3\n0 7 1\n0\n1 0 9\n2 1 8 0 9\n")},
      {.model = "bilstm_tagger_char", .data = folder_.write("tags", "ab|X c|Y ab|X\n")},
      {.model = "lstm_nmt", .data = text, .target = folder_.write("target", "x y\nz z y\n")},
      {.model = "child_sum_tree_lstm",
       .data = folder_.write("conllu", "1\ta\t_\t_\t_\t_\t0\troot\t_\t_\n")},
      {.model = "dag_gru",
       .data = folder_.write("dags", "{\"nodes\":[\"a\"],\"edges\":[],\"labels\":[\"L\"]}\n")},
  };
  for (engine::WorkloadOptions options : all) {
    options.hidden = 8;
    options.seed = 11;
    const std::string folder = folder_.path("of_" + options.model);
    const engine::Workload before = save(options, folder);
    const engine::Workload after =
        open_workload(open_model(folder), {.data = options.data, .target = options.target});
    EXPECT_EQ(after.instances.size(), before.instances.size()) << options.model;
    EXPECT_EQ(digest(after), digest(before)) << options.model;
  }
}

TEST_F(ModelFolderTest, BringsItsWordListAlongAndRefusesAnother) {
  const std::string list = folder_.write("lexicon", "北京 1\n");
  engine::WorkloadOptions options = {.model = "lattice_lstm",
                                     .data = folder_.write("ner", "北 B-L\n京 E-L\n\n人 O\n"),
                                     .lexicon = list,
                                     .hidden = 8};
  options.vocabularies = engine::build_vocabularies(options);
  const engine::Workload before = engine::open_workload(options);
  ModelDescription description = description_of(options, before);
  description.lexicon_sha256 = io::digest_of_file(list);
  const std::string folder = folder_.path("lattices");
  save_model(folder, *before.model, description);
  folder_.write("lexicon", "other\n");
  EXPECT_EQ(open_model(folder).description.lexicon, folder + "/lexicon.txt");
  save_model(folder, *before.model, description);  // has its own already
  EXPECT_EQ(digest(open_workload(open_model(folder), {.data = options.data})), digest(before));
  EXPECT_EQ(refusal([&] { save_model(folder_.path("new"), *before.model, description); }),
            "[D/lexicon] word list of the model: got SHA-256 " +
                io::digest_of_file(list).substr(0, 12) + "..., expected " +
                description.lexicon_sha256.substr(0, 12) +
                "...; it has changed since training began");
  const std::string copy = folder_.write("lattices/lexicon.txt", "人人 1\n");
  EXPECT_EQ(refusal([&] {
              static_cast<void>(open_workload(open_model(folder), {.data = options.data}));
            }),
            "[D/lattices/lexicon.txt] word list of the model: got SHA-256 " +
                io::digest_of_file(copy).substr(0, 12) + "..., expected " +
                description.lexicon_sha256.substr(0, 12) +
                "...; it is not what it was in training; --lexicon takes another all the same");
  EXPECT_EQ(
      open_workload(open_model(folder), {.data = options.data, .lexicon = list}).instances.size(),
      2U);
  std::filesystem::remove(copy);
  EXPECT_NE(refusal([&] {
              static_cast<void>(open_workload(open_model(folder), {.data = options.data}));
            }).find("D/lattices/lexicon.txt"),
            std::string::npos);
}

TEST_F(ModelFolderTest, EncodedWeightsComeBackBitForBit) {
  options_.encode = {"*U_*=block_circulant:k=2"};
  const engine::Workload before = save(options_, dir());
  EXPECT_FALSE(description().at("encodings").empty());
  const engine::Workload after = open_workload(open_model(dir()), {.data = options_.data});
  EXPECT_EQ(digest(after), digest(before));
}

TEST_F(ModelFolderTest, OtherDataAreReadWithItsVocabularies) {
  const std::string dev = folder_.write("dev", "new|Y a|X\n");
  const auto workload = open_workload(open_model(dir()), {.data = dev});
  const auto& sentence = std::get<nn::Sentence>(workload.instances.at(0));
  EXPECT_EQ(sentence.ids, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(sentence.labels, (std::vector<std::uint32_t>{1, 0}));
  const std::string text = folder_.write("text", "a b\n");
  EXPECT_EQ(open_workload(open_model(dir()), {.data = text, .format = "text"}).instances.size(),
            1U);
}

TEST_F(ModelFolderTest, ItsWeightsRunWithoutIt) {
  const std::string weights = dir() + "/weights.safetensors";
  const auto trained = open_workload(open_model(dir()), {.data = options_.data});
  const auto run =
      engine::open_workload({.model = "bilstm_tagger", .data = options_.data, .weights = weights});
  EXPECT_EQ(digest(run), digest(trained));
}

TEST_F(ModelFolderTest, AnInterruptedSaveOpensAsTheNewerModel) {
  const std::string old = test::bytes_of(dir() + "/model.json");
  options_.data = folder_.write("more", "a|X b|Y z|Z\n");
  options_.hidden = 4;
  const engine::Workload newer = save(options_, dir());
  folder_.write("model/model.json", old);  // as if the second rename had not come
  const TrainedModel trained = open_model(dir());
  EXPECT_EQ(trained.description.sizes.hidden, 4U);
  EXPECT_EQ(trained.description.vocabularies.labels, (nn::Vocabulary{"X", "Y", "Z"}));
}

TEST_F(ModelFolderTest, WeightsOfAnotherProgramNeedNoDescription) {
  const TrainedModel trained = open_model(dir());
  io::save_weights(dir() + "/weights.safetensors", trained.model->network().parameters(), "", {});
  const TrainedModel again = open_model(dir());
  EXPECT_EQ(again.description.vocabularies.words, trained.description.vocabularies.words);
  EXPECT_EQ(again.description.sizes.hidden, 6U);
}

TEST_F(ModelFolderTest, WeightsThatAreNoNumbersReplaceNothing) {
  TrainedModel trained = open_model(dir());
  graph::ParameterStore& parameters = trained.model->network().parameters();
  const auto id = parameters.find("head.O");
  tensor::Tensor value(parameters[id].shape);
  std::fill(value.values().begin(), value.values().end(), 0.0F);
  value.values()[1] = std::numeric_limits<float>::quiet_NaN();
  parameters.assign(id, std::move(value));
  const std::string before = test::bytes_of(dir() + "/weights.safetensors");
  EXPECT_EQ(refusal([&] { save_model(dir(), parameters, trained.description); }),
            "[head.O] weight 1: got NaN, expected a finite number");
  EXPECT_EQ(test::bytes_of(dir() + "/weights.safetensors"), before);
}

TEST_F(ModelFolderTest, WhatTheModelDoesNotHaveIsLeftOut) {
  TrainedModel trained = open_model(dir());
  graph::ParameterStore& parameters = trained.model->network().parameters();
  parameters.assign(parameters.declare("loss.weights", {1, 2}), tensor::Tensor({1, 2}));
  save_model(dir(), parameters, trained.description);
  const TrainedModel again = open_model(dir());
  EXPECT_EQ(again.model->network().parameters().size() + 1, parameters.size());
}

TEST_F(ModelFolderTest, WeightsOfAnotherModelReplaceNothing) {
  TrainedModel trained = open_model(dir());
  const std::string before = test::bytes_of(dir() + "/weights.safetensors");
  trained.description.sizes.hidden = 8;
  EXPECT_EQ(refusal([&] {
              save_model(dir(), trained.model->network().parameters(), trained.description);
            }),
            "[embedding] shape of the weights: got 4 x 6, expected 4 x 8");
  EXPECT_EQ(test::bytes_of(dir() + "/weights.safetensors"), before);
}

TEST_F(ModelFolderTest, AFolderThatCannotBeMadeIsRefused) {
  const TrainedModel trained = open_model(dir());
  EXPECT_EQ(refusal([&] {
              save_model(folder_.path("train") + "/sub", trained.model->network().parameters(),
                         trained.description);
            }),
            "[D/train/sub] cannot make the folder: got Not a directory");
}

TEST_F(ModelFolderTest, MissingFilesAreNamed) {
  EXPECT_EQ(refusal([&] { static_cast<void>(open_model(folder_.path("none"))); }),
            "[D/none] folder of a model: got none; sheaf train --out DIR makes one");
  std::filesystem::remove(dir() + "/weights.safetensors");
  EXPECT_NE(open_refusal().find("D/model/weights.safetensors"), std::string::npos);
  std::filesystem::remove(dir() + "/model.json");
  EXPECT_NE(open_refusal().find("D/model/model.json"), std::string::npos);
}

TEST_F(ModelFolderTest, ABrokenDescriptionIsRefused) {
  const nlohmann::json good = description();
  nlohmann::json bad = good;
  bad.erase("sizes");
  write_description(bad);
  EXPECT_EQ(open_refusal(), "[D/model/model.json] missing key: got none, expected 'sizes'");
  bad = good;
  bad["hiden"] = 3;
  write_description(bad);
  EXPECT_EQ(open_refusal(),
            "[D/model/model.json] unknown key: got 'hiden'; known are 'format' "
            "'model' 'sizes' 'seed' 'data' 'encodings' 'metrics' 'training' 'decode' "
            "'vocabularies'");
  bad = good;
  bad["format"] = "sheaf-model-9";
  write_description(bad);
  EXPECT_EQ(open_refusal(),
            "[D/model/model.json] format: got \"sheaf-model-9\", expected 'sheaf-model-1'");
  bad = good;
  bad["sizes"]["hidden"] = 0;
  write_description(bad);
  EXPECT_EQ(open_refusal(),
            "[D/model/model.json] sizes: got hidden 0, vocabulary 4, expected hidden 1 to 16384 "
            "and a vocabulary of 1 or more");
  bad = good;
  bad["seed"] = "x";
  write_description(bad);
  EXPECT_NE(open_refusal().find("[D/model/model.json] description of a model: got type must be"),
            std::string::npos)
      << open_refusal();
  folder_.write("model/model.json", "{");
  EXPECT_NE(open_refusal().find("expected JSON"), std::string::npos);
}

TEST_F(ModelFolderTest, ATruncatedWeightsFileIsRefused) {
  const std::string weights = test::bytes_of(dir() + "/weights.safetensors");
  folder_.write("model/weights.safetensors", weights.substr(0, weights.size() - 4));
  EXPECT_NE(open_refusal().find("truncated weight file"), std::string::npos);
}

TEST_F(ModelFolderTest, AModelThatIsNotTrainedIsRefused) {
  const TrainedModel trained = open_model(dir());
  io::save_weights(dir() + "/weights.safetensors", trained.model->network().parameters(), "", {});
  nlohmann::json json = description();
  json["model"] = "bilstm_tager";
  write_description(json);
  EXPECT_EQ(open_refusal(),
            "[D/model/model.json] model that is trained: got 'bilstm_tager'; did "
            "you mean 'bilstm_tagger'?");
}

}  // namespace
}  // namespace sheaf::train
