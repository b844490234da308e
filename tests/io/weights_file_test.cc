// SPDX-License-Identifier: Apache-2.0
//
// Weights that are written and read back. What is refused: weights_errors_test.cc.
#include "sheaf/io/weights_file.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "sheaf/base/rng.h"
#include "tests/io/temp_folder.h"

namespace sheaf::io {
namespace {

graph::ParameterStore declared() {
  graph::ParameterStore parameters;
  parameters.declare("embedding", {3, 4});
  parameters.declare("W", {2, 3});
  parameters.declare("b", {1, 5});
  return parameters;
}

graph::ParameterStore random_parameters() {
  graph::ParameterStore parameters = declared();
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    base::Rng rng(7, parameters[id].name);
    tensor::Tensor value(parameters[id].shape);
    for (float& v : value.values()) v = rng.uniform(-1, 1);
    parameters.assign(id, std::move(value));
  }
  return parameters;
}

bool same_bits(const tensor::Tensor& a, const tensor::Tensor& b) {
  return a.shape() == b.shape() &&
         std::memcmp(a.values().data(), b.values().data(), a.values().size_bytes()) == 0;
}

// The JSON of a weight file, and where its data begin.
std::pair<nlohmann::json, std::size_t> header_of(const std::string& bytes) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  return {nlohmann::json::parse(bytes.substr(8, length)), 8 + length};
}

TEST(WeightsFile, KeepsStringsUnderOtherKeys) {
  const test::TempFolder folder;
  save_weights(folder.path("w"), random_parameters(), "tree_lstm", {.words = {"<unk>", "a", "b"}},
               {{"description", "{\"x\": 1}"}, {"by", "hand"}});
  const WeightsFile read = read_weights(folder.path("w"));
  EXPECT_EQ(read.model, "tree_lstm");
  EXPECT_EQ(read.vocabularies.words.size(), 3U);
  ASSERT_EQ(read.metadata.size(), 2U);
  EXPECT_EQ(read.metadata.at("description"), "{\"x\": 1}");
  EXPECT_EQ(read.metadata.at("by"), "hand");
}

TEST(WeightsFile, ComesBackBitForBit) {
  const test::TempFolder folder;
  graph::ParameterStore saved = random_parameters();
  tensor::Tensor odd({1, 5});
  using Limits = std::numeric_limits<float>;
  const float values[] = {-0.0F, Limits::denorm_min(), Limits::max(), -Limits::max(), 0.1F};
  std::memcpy(odd.values().data(), values, sizeof(values));
  saved.assign(saved.find("b"), std::move(odd));

  save_weights(folder.path("w"), saved, "tree_lstm", {.words = {"<unk>", "a", "b"}});
  graph::ParameterStore read = declared();
  assign_weights(read_weights(folder.path("w")), read);
  ASSERT_EQ(read.size(), saved.size());
  for (graph::ParameterId id = 0; id < saved.size(); ++id) {
    EXPECT_TRUE(same_bits(read[id].value, saved[id].value)) << saved[id].name;
  }
}

TEST(WeightsFile, HoldsEncodedParametersAsTheyAreStored) {
  const test::TempFolder folder;
  graph::ParameterStore saved;
  saved.declare("W", {8, 12});
  saved.declare("b", {1, 8});
  saved.encode(0, tensor::block_circulant(4));
  for (graph::ParameterId id = 0; id < 2; ++id) {
    base::Rng rng(7, saved[id].name);
    tensor::Tensor value(saved[id].stored_shape());
    for (float& v : value.values()) v = rng.uniform(-1, 1);
    saved.assign(id, std::move(value));
  }
  save_weights(folder.path("w"), saved, "m", {});
  const nlohmann::json header = header_of(test::bytes_of(folder.path("w"))).first;
  EXPECT_EQ(header.at("W").at("shape"), (std::vector<int>{2, 3, 4}));
  EXPECT_EQ(header.at("__metadata__").at("encodings"), R"({"W":"block_circulant:k=4"})");

  graph::ParameterStore read;
  read.declare("W", {8, 12});
  read.declare("b", {1, 8});
  assign_weights(read_weights(folder.path("w")), read);
  EXPECT_EQ(read[0].encoding, tensor::block_circulant(4));
  EXPECT_EQ(read[1].encoding, tensor::kDense);
  EXPECT_TRUE(same_bits(read[0].value, saved[0].value));
  EXPECT_TRUE(same_bits(read[1].value, saved[1].value));
}

// Weights of a file say how they are stored, whatever the parameter was before.
TEST(WeightsFile, MakesAnEncodedParameterDenseAgain) {
  const test::TempFolder folder;
  tensor::Tensor value({4, 4});
  for (float& v : value.values()) v = 0.5F;
  graph::ParameterStore saved;
  saved.assign(saved.declare("W", {4, 4}), std::move(value));
  save_weights(folder.path("w"), saved, "m", {});
  graph::ParameterStore read;
  read.declare("W", {4, 4});
  read.encode(0, tensor::block_circulant(2));
  assign_weights(read_weights(folder.path("w")), read);
  EXPECT_EQ(read[0].encoding, tensor::kDense);
  EXPECT_TRUE(same_bits(read[0].value, saved[0].value));
}

TEST(WeightsFile, HoldsModelAndVocabulary) {
  const test::TempFolder folder;
  const nn::Vocabulary words = {"<unk>", "\"q\\",      std::string("a\0\n\x01", 4),
                                "京",    "\U0001F333", ""};
  save_weights(folder.path("w"), random_parameters(), "lattice_lstm", {.words = words});
  const WeightsFile file = read_weights(folder.path("w"));
  EXPECT_EQ(file.path, folder.path("w"));
  EXPECT_EQ(file.model, "lattice_lstm");
  EXPECT_EQ(file.vocabularies.words, words);
  EXPECT_EQ(file.tensors.size(), 3U);
}

TEST(WeightsFile, HoldsEveryVocabularyUnderItsKey) {
  const test::TempFolder folder;
  save_weights(folder.path("w"), random_parameters(), "bilstm_tagger_char",
               {.words = {"<unk>", "a", "b"},
                .characters = {"<unk>", "c"},
                .target = {"<unk>", "d"},
                .labels = {"O", "B-PER"}});
  const WeightsFile file = read_weights(folder.path("w"));
  EXPECT_EQ(file.vocabularies.words, (nn::Vocabulary{"<unk>", "a", "b"}));
  EXPECT_EQ(file.vocabularies.characters, (nn::Vocabulary{"<unk>", "c"}));
  EXPECT_EQ(file.vocabularies.target, (nn::Vocabulary{"<unk>", "d"}));
  EXPECT_EQ(file.vocabularies.labels, (nn::Vocabulary{"O", "B-PER"}));
  const auto header = header_of(test::bytes_of(folder.path("w"))).first;
  EXPECT_EQ(header["__metadata__"]["characters"], R"(["<unk>","c"])");
  EXPECT_EQ(header["__metadata__"]["target_vocabulary"], R"(["<unk>","d"])");
  EXPECT_EQ(header["__metadata__"]["labels"], R"(["O","B-PER"])");
}

TEST(WeightsFile, EveryTableOfOneRowKeepsTwoDimensions) {
  const test::TempFolder folder;
  graph::ParameterStore parameters;
  for (const char* table : {nn::kCharacters, nn::kTargetEmbedding}) {
    parameters.assign(parameters.declare(table, {1, 4}), tensor::Tensor({1, 4}));
  }
  save_weights(folder.path("w"), parameters, "lstm_nmt", {});
  const auto header = header_of(test::bytes_of(folder.path("w"))).first;
  EXPECT_EQ(header[nn::kCharacters]["shape"], (nlohmann::json{1, 4}));
  EXPECT_EQ(header[nn::kTargetEmbedding]["shape"], (nlohmann::json{1, 4}));
}

TEST(WeightsFile, WithoutAVocabularyHasNone) {
  const test::TempFolder folder;
  save_weights(folder.path("w"), random_parameters(), "lattice_lstm", {});
  EXPECT_TRUE(read_weights(folder.path("w")).vocabularies.words.empty());
}

TEST(WeightsFile, IsASafetensorsFile) {
  const test::TempFolder folder;
  const graph::ParameterStore parameters = random_parameters();
  save_weights(folder.path("w"), parameters, "tree_lstm", {.words = {"<unk>", "a", "b"}});
  const std::string bytes = test::bytes_of(folder.path("w"));
  const auto [header, begin] = header_of(bytes);
  EXPECT_EQ(begin % 8, 0U);
  EXPECT_EQ(header["__metadata__"]["vocabulary"], R"(["<unk>","a","b"])");
  EXPECT_EQ(header["embedding"]["shape"], (nlohmann::json{3, 4}));
  EXPECT_EQ(header["W"]["shape"], (nlohmann::json{2, 3}));
  EXPECT_EQ(header["b"]["shape"], nlohmann::json::array({5}));
  std::size_t expected = 0;
  for (const graph::Parameter& parameter : parameters) {
    const auto& entry = header[parameter.name];
    const std::size_t size = parameter.value.values().size_bytes();
    EXPECT_EQ(entry["dtype"], "F32");
    EXPECT_EQ(entry["data_offsets"], (nlohmann::json{expected, expected + size}));
    EXPECT_EQ(std::memcmp(bytes.data() + begin + expected, parameter.value.values().data(), size),
              0);
    expected += size;
  }
  EXPECT_EQ(bytes.size(), begin + expected);
}

TEST(WeightsFile, EmbeddingOfOneRowKeepsTwoDimensions) {
  const test::TempFolder folder;
  graph::ParameterStore parameters;
  parameters.assign(parameters.declare(nn::kEmbedding, {1, 4}), tensor::Tensor({1, 4}));
  save_weights(folder.path("w"), parameters, "lattice_lstm", {});
  const auto header = header_of(test::bytes_of(folder.path("w"))).first;
  EXPECT_EQ(header[nn::kEmbedding]["shape"], (nlohmann::json{1, 4}));
}

TEST(WeightsFile, OrderOfTensorsIsNoMatter) {
  const test::TempFolder folder;
  const float values[] = {1, 2, 3};
  std::string bytes(8, '\0');
  const std::string header = R"({"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]},)"
                             R"("a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}})";
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(values), sizeof(values));
  const WeightsFile file = read_weights(folder.write("w", bytes));
  EXPECT_EQ(file.tensors.at("a").values()[0], 1);
  EXPECT_EQ(file.tensors.at("b").values()[0], 2);
  EXPECT_EQ(file.tensors.at("b").values()[1], 3);
  EXPECT_EQ(file.model, "");
}

TEST(WeightsFile, AssigningRaisesTheVersion) {
  const test::TempFolder folder;
  save_weights(folder.path("w"), random_parameters(), "tree_lstm", {});
  graph::ParameterStore parameters = declared();
  assign_weights(read_weights(folder.path("w")), parameters);
  for (const graph::Parameter& parameter : parameters) EXPECT_EQ(parameter.version, 1U);
}

}  // namespace
}  // namespace sheaf::io
