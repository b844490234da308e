// SPDX-License-Identifier: Apache-2.0
//
// The tagger's folder: what is read, and what is refused. Text: lac_text_test.cc.
#include "sheaf/io/lac_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "sheaf/base/error.h"
#include "tests/io/lac_folder.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

constexpr std::uint32_t kHidden = nn::Lac::kHidden;
constexpr std::uint32_t kTags = nn::Lac::kTags;

class LacFolder : public testing::Test {
 protected:
  LacFolder() { test::write_lac_folder(folder_); }

  template <class Error = base::DataError>
  [[nodiscard]] std::string refusal() const {
    return test::message_of<Error>([&] { static_cast<void>(read_lac(folder_.path())); });
  }
  // "[folder/name] text"
  [[nodiscard]] std::string about(const std::string& name, const std::string& text) const {
    return "[" + folder_.path(name) + "] " + text;
  }

  const test::TempFolder folder_;
};

const tensor::Tensor& value_of(const LacFiles& lac, const std::string& name) {
  const graph::ParameterStore& parameters = lac.model->network().parameters();
  return parameters[parameters.find(name)].value;
}

TEST_F(LacFolder, DictionariesAreRead) {
  const LacFiles lac = read_lac(folder_.path());
  EXPECT_EQ(lac.characters.vocabulary(), (nn::Vocabulary{"我", "北", "京", "", "OOV", "a"}));
  EXPECT_EQ(lac.unknown, test::kLacUnknown);
  ASSERT_EQ(lac.labels.size(), kTags);
  EXPECT_EQ(lac.labels.front(), "t0-B");
  EXPECT_EQ(lac.labels[1], "t0-I");
  EXPECT_EQ(lac.labels.back(), "O");
}

TEST_F(LacFolder, EveryParameterHasAValue) {
  const LacFiles lac = read_lac(folder_.path());
  for (const graph::Parameter& parameter : lac.model->network().parameters()) {
    EXPECT_EQ(parameter.value.shape(), parameter.shape) << parameter.name;
    EXPECT_EQ(parameter.version, 1U) << parameter.name;
  }
}

TEST_F(LacFolder, EmbeddingHasARowPerCharacter) {
  const LacFiles lac = read_lac(folder_.path());
  const auto file = test::lac_values("word_emb", std::size_t{test::kLacVocabulary} * kHidden);
  const auto values = value_of(lac, nn::kEmbedding).values();
  EXPECT_EQ(std::vector<float>(values.begin(), values.end()), file);
}

TEST_F(LacFolder, InputWeightsAreTheColumnsOfTheirGate) {
  const LacFiles lac = read_lac(folder_.path());
  const char* layers[] = {"forward1", "backward1", "forward2", "backward2"};
  const char* gates[] = {"u", "r", "c"};
  for (std::uint32_t l = 0; l < 4; ++l) {
    const std::uint32_t in = l < 2 ? kHidden : 2 * kHidden;
    const auto file = test::lac_values("fc_" + std::to_string(l) + ".w_0", in * 3 * kHidden);
    for (std::uint32_t g = 0; g < 3; ++g) {
      const auto& w = value_of(lac, std::string(layers[l]) + ".W_" + gates[g]);
      ASSERT_EQ(w.shape(), (tensor::Shape{kHidden, in}));
      for (std::uint32_t j = 0; j < kHidden; ++j) {
        for (std::uint32_t i = 0; i < in; ++i) {
          ASSERT_EQ(w.row(j)[i], file[i * 3 * kHidden + g * kHidden + j]);
        }
      }
    }
  }
}

TEST_F(LacFolder, RecurrentWeightsAreABlockOfGatesAndABlockOfCandidates) {
  const LacFiles lac = read_lac(folder_.path());
  const char* layers[] = {"forward1", "backward1", "forward2", "backward2"};
  for (std::uint32_t l = 0; l < 4; ++l) {
    const auto file = test::lac_values("gru_" + std::to_string(l) + ".w_0", 3 * kHidden * kHidden);
    const auto& u = value_of(lac, std::string(layers[l]) + ".U_u");
    const auto& r = value_of(lac, std::string(layers[l]) + ".U_r");
    const auto& c = value_of(lac, std::string(layers[l]) + ".U_c");
    for (std::uint32_t j = 0; j < kHidden; ++j) {
      for (std::uint32_t i = 0; i < kHidden; ++i) {
        ASSERT_EQ(u.row(j)[i], file[i * 2 * kHidden + j]);
        ASSERT_EQ(r.row(j)[i], file[i * 2 * kHidden + kHidden + j]);
        ASSERT_EQ(c.row(j)[i], file[2 * kHidden * kHidden + i * kHidden + j]);
      }
    }
  }
}

TEST_F(LacFolder, BiasesAreTheSumsOfInputAndState) {
  const LacFiles lac = read_lac(folder_.path());
  const auto input = test::lac_values("fc_2.b_0", 3 * kHidden);
  const auto state = test::lac_values("gru_2.b_0", 3 * kHidden);
  const char* gates[] = {"u", "r", "c"};
  for (std::uint32_t g = 0; g < 3; ++g) {
    const auto bias = value_of(lac, std::string("forward2.b_") + gates[g]).values();
    for (std::uint32_t j = 0; j < kHidden; ++j) {
      ASSERT_EQ(bias[j], input[g * kHidden + j] + state[g * kHidden + j]);
    }
  }
}

TEST_F(LacFolder, EmissionIsTransposedAndTheCrfIsCutIntoItsRows) {
  const LacFiles lac = read_lac(folder_.path());
  const auto emission = test::lac_values("fc_4.w_0", std::size_t{2} * kHidden * kTags);
  const auto crf = test::lac_values("crfw", std::size_t{kTags + 2} * kTags);
  for (std::uint32_t t = 0; t < kTags; ++t) {
    for (std::uint32_t i = 0; i < 2 * kHidden; ++i) {
      ASSERT_EQ(value_of(lac, "emission.W").row(t)[i], emission[i * kTags + t]);
    }
    ASSERT_EQ(value_of(lac, "emission.b").values()[t], test::lac_values("fc_4.b_0", kTags)[t]);
    ASSERT_EQ(value_of(lac, "crf.start").values()[t], crf[t]);
    ASSERT_EQ(value_of(lac, "crf.stop").values()[t], crf[kTags + t]);
    for (std::uint32_t from = 0; from < kTags; ++from) {
      ASSERT_EQ(value_of(lac, "crf.transitions").row(from)[t], crf[(from + 2) * kTags + t]);
    }
  }
}

TEST(LacErrors, MissingFolderNamesThePackage) {
  EXPECT_EQ(
      test::message_of<base::NotFoundError>([] { static_cast<void>(read_lac("/nonexistent")); }),
      "[/nonexistent] the tagger's weights are not there; install the package python3-jieba "
      "(apt-get install python3-jieba), or name the folder with --weights");
}

TEST_F(LacFolder, MissingVariableIsNamed) {
  std::filesystem::remove(folder_.path("model_baseline/fc_4.w_0"));
  EXPECT_EQ(refusal<base::NotFoundError>(), about("model_baseline/fc_4.w_0", "no such file"));
}

TEST_F(LacFolder, VariableTruncatedWithinItsHeader) {
  folder_.write("model_baseline/crfw", std::string(19, '\0'));
  EXPECT_EQ(refusal(), about("model_baseline/crfw",
                             "truncated weight file: got 19 bytes, expected a header of 20; "
                             "reinstall python3-jieba"));
}

TEST_F(LacFolder, VariableTruncatedWithinItsData) {
  const std::string whole = test::paddle_variable(test::lac_values("fc_4.b_0", kTags));
  folder_.write("model_baseline/fc_4.b_0", whole.substr(0, whole.size() - 1));
  EXPECT_EQ(refusal(), about("model_baseline/fc_4.b_0",
                             "size of the weight file: got 251 bytes, expected 252 (57 values); "
                             "reinstall python3-jieba"));
}

TEST_F(LacFolder, VariableOfAnotherSize) {
  folder_.write("model_baseline/fc_4.b_0",
                test::paddle_variable(test::lac_values("fc_4.b_0", kTags + 1)));
  EXPECT_EQ(refusal(), about("model_baseline/fc_4.b_0",
                             "size of the weight file: got 256 bytes, expected 252 (57 values); "
                             "reinstall python3-jieba"));
}

TEST_F(LacFolder, DescriptionOfANegativeSize) {
  std::string bytes = test::paddle_variable(test::lac_values("fc_4.b_0", kTags));
  bytes.replace(16, 4, "\xff\xff\xff\xff");
  folder_.write("model_baseline/fc_4.b_0", bytes);
  const std::string message = refusal();
  EXPECT_TRUE(message.starts_with(
      about("model_baseline/fc_4.b_0", "size of the weight file: got 252 bytes, expected ")))
      << message;
}

TEST_F(LacFolder, EmbeddingThatDoesNotFitTheDictionary) {
  folder_.write("word.dic", std::string(test::kWordDictionary) + "6\tb\n");
  EXPECT_EQ(refusal(), about("model_baseline/word_emb",
                             "size of the weight file: got 3096 bytes, expected 3608 (896 values); "
                             "reinstall python3-jieba"));
}

TEST_F(LacFolder, NotANumber) {
  auto values = test::lac_values("fc_4.b_0", kTags);
  values[5] = std::numeric_limits<float>::quiet_NaN();
  folder_.write("model_baseline/fc_4.b_0", test::paddle_variable(values));
  EXPECT_EQ(refusal(),
            about("model_baseline/fc_4.b_0",
                  "weight 5: got NaN, expected a finite number; reinstall python3-jieba"));
}

TEST_F(LacFolder, Infinity) {
  auto values = test::lac_values("fc_4.b_0", kTags);
  values[56] = -std::numeric_limits<float>::infinity();
  folder_.write("model_baseline/fc_4.b_0", test::paddle_variable(values));
  EXPECT_EQ(refusal(),
            about("model_baseline/fc_4.b_0",
                  "weight 56: got infinity, expected a finite number; reinstall python3-jieba"));
}

TEST_F(LacFolder, TooFewTags) {
  folder_.write("tag.dic", "0\tn-B\n1\tn-I\n2\tO\n");
  EXPECT_EQ(refusal(), about("tag.dic", "number of tags: got 3, expected 57"));
}

TEST_F(LacFolder, TooManyTags) {
  folder_.write("tag.dic", test::lac_tags() + "57\tx-B\n");
  EXPECT_EQ(refusal(), about("tag.dic", "number of tags: got 58, expected 57"));
}

TEST_F(LacFolder, DictionaryLineWithoutATab) {
  folder_.write("word.dic", "0\t我\n1 北\n");
  EXPECT_EQ(refusal(), about("word.dic:2", "dictionary entry: got '1 北', expected id<TAB>word"));
}

TEST_F(LacFolder, DictionaryLineWhoseIdIsNoNumber) {
  folder_.write("word.dic", "0\t我\n\n1x\t北\n");
  EXPECT_EQ(refusal(), about("word.dic:3", "dictionary entry: got '1x\t北', expected id<TAB>word"));
}

TEST_F(LacFolder, DictionaryIdBeyondAnyTable) {
  folder_.write("word.dic", "16777216\t我\n");
  EXPECT_EQ(refusal(),
            about("word.dic:1", "dictionary entry: got '16777216\t我', expected id<TAB>word"));
}

TEST_F(LacFolder, DictionaryThatIsNotUtf8) {
  folder_.write("word.dic", "0\t我\n1\t\xb1\n");
  EXPECT_EQ(refusal(), about("word.dic:2",
                             "text: got byte 0xb1, expected UTF-8; convert the file "
                             "with iconv"));
}

TEST_F(LacFolder, DictionaryWithoutTheUnknownCharacter) {
  folder_.write("word.dic", "0\t我\n1\t北\n");
  EXPECT_EQ(refusal(), about("word.dic", "entry for unknown characters: got none, expected OOV"));
}

TEST_F(LacFolder, DictionaryThatIsEmpty) {
  folder_.write("word.dic", "");
  EXPECT_EQ(refusal(), about("word.dic", "entry for unknown characters: got none, expected OOV"));
}

}  // namespace
}  // namespace sheaf::io
