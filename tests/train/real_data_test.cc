// SPDX-License-Identifier: Apache-2.0
//
// Vocabularies of real training data, and development data read with them. The numbers were counted
// by other programs (grep, awk and Python) from the files.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "sheaf/engine/vocabulary_builder.h"
#include "sheaf/train/instance_stream.h"

namespace sheaf::train {
namespace {

// Path of a file of the larger data sets, "" where they are not.
std::string shared_data(const std::string& name) {
  const char* folder = std::getenv("SHEAF_DATA");
  if (folder == nullptr) return "";
  const std::string path = std::string(folder) + "/" + name;
  return std::filesystem::exists(path) ? path : "";
}

// Rows that are looked up, and how many of them are "<unk>".
struct Words {
  std::size_t all = 0;
  std::size_t unknown = 0;
  void add(const std::vector<std::uint32_t>& rows) {
    for (const std::uint32_t row : rows) {
      ++all;
      if (row == 0) ++unknown;
    }
  }
};

class RealData : public testing::Test {
 protected:
  // Skips where the files are not there.
  void open(engine::WorkloadOptions training, const std::string& dev,
            const std::string& dev_target = "", std::optional<std::uint32_t> min_count = {}) {
    names_ = engine::build_vocabularies(training, {.min_count = min_count});
    training.vocabularies = names_;
    training.data = dev;
    training.target = dev_target;
    dev_ = engine::read_instances(training);
  }

  nn::Vocabularies names_;
  std::vector<nn::Instance> dev_;
};

constexpr const char* kNoData = "SHEAF_DATA does not name a folder that has the data";

TEST_F(RealData, SentimentTreebank) {
  const std::string train = shared_data("trees/train.txt");
  if (train.empty()) GTEST_SKIP() << kNoData;
  for (const auto& [least, rows, unknown] :
       std::vector<std::tuple<std::uint32_t, std::size_t, std::size_t>>{{1, 18281, 1231},
                                                                        {2, 8737, 1972}}) {
    open({.model = "tree_lstm", .data = train}, shared_data("trees/dev.txt"), "", least);
    EXPECT_EQ(names_.words.size(), rows);
    EXPECT_EQ(names_.labels.size(), 5U);
    EXPECT_EQ(dev_.size(), 1101U);
    Words words;
    std::size_t nodes = 0;
    for (const nn::Instance& instance : dev_) {
      for (const auto& node : std::get<nn::Tree>(instance).nodes) {
        if (node.is_leaf()) words.add({node.word});
        ++nodes;
      }
    }
    EXPECT_EQ(nodes, 41447U);
    EXPECT_EQ(words.all, 21274U);
    EXPECT_EQ(words.unknown, unknown);
  }
}

TEST_F(RealData, WikiTags) {
  const std::string train = shared_data("tags/train.txt");
  if (train.empty()) GTEST_SKIP() << kNoData;
  open({.model = "bilstm_tagger", .data = train}, shared_data("tags/dev.txt"));
  EXPECT_EQ(names_.words.size(), 25720U);
  EXPECT_EQ(names_.labels.size(), 9U);
  Words words;
  for (const nn::Instance& instance : dev_) words.add(std::get<nn::Sentence>(instance).ids);
  EXPECT_EQ(words.all, 39007U);
  EXPECT_EQ(words.unknown, 4958U);
  open({.model = "bilstm_tagger_char", .data = train}, shared_data("tags/dev.txt"));
  EXPECT_EQ(names_.words.size(), 5516U);
  EXPECT_EQ(names_.characters.size(), 254U);
}

TEST_F(RealData, Translations) {
  const std::string train = shared_data("parallel/train.ja");
  if (train.empty()) GTEST_SKIP() << kNoData;
  open({.model = "lstm_nmt", .data = train, .target = shared_data("parallel/train.en")},
       shared_data("parallel/dev.ja"), shared_data("parallel/dev.en"), 2);
  EXPECT_EQ(names_.words.size(), 3946U);
  EXPECT_EQ(names_.target.size(), 3710U + 1);  // and "</s>"
  Words source;
  Words target;
  for (const nn::Instance& instance : dev_) {
    source.add(std::get<nn::SentencePair>(instance).source);
    target.add(std::get<nn::SentencePair>(instance).target);
  }
  EXPECT_EQ(source.all, 6681U);
  EXPECT_EQ(source.unknown, 337U);
  EXPECT_EQ(target.all, 4557U + 500);  // an end per sentence
  EXPECT_EQ(target.unknown, 293U);
}

TEST_F(RealData, IntegerLattices) {
  const std::string train = shared_data("lattice/train.txt");
  if (train.empty()) GTEST_SKIP() << kNoData;
  open({.model = "lattice_lstm", .data = train}, shared_data("lattice/dev.txt"));
  EXPECT_EQ(names_.words.size(), 10081U + 1);  // and "<unk>"
  EXPECT_EQ(names_.labels.size(), 17U);        // tag 0 is that of position 0 alone
  EXPECT_EQ(dev_.size(), 113U);
}

TEST_F(RealData, ChineseResumes) {
  const std::string train = shared_data("ner/resume.train.bmes");
  const std::string lexicon = "/usr/lib/python3/dist-packages/jieba/dict.txt";
  if (train.empty() || !std::filesystem::exists(lexicon)) GTEST_SKIP() << kNoData;
  open({.model = "lattice_lstm", .data = train, .lexicon = lexicon},
       shared_data("ner/resume.dev.bmes"));
  EXPECT_EQ(names_.labels.size(), 28U);
  EXPECT_EQ(dev_.size(), 463U);
  std::size_t labels = 0;
  for (const nn::Instance& instance : dev_) {
    for (const std::uint32_t label : std::get<nn::Lattice>(instance).labels) {
      if (label != nn::kNoLabel) ++labels;
    }
  }
  EXPECT_EQ(labels, 13890U);  // lines that are not empty
}

TEST_F(RealData, AStreamHasEveryInstance) {
  const std::string train = shared_data("tags/train.txt");
  if (train.empty()) GTEST_SKIP() << kNoData;
  engine::WorkloadOptions options = {.model = "bilstm_tagger", .data = train};
  options.vocabularies = engine::build_vocabularies(options);
  InstanceStream stream(options, {.shuffle_seed = 1, .block_bytes = 1U << 15U, .window_blocks = 8});
  EXPECT_GT(stream.windows(), 5U);
  std::size_t sentences = 0;
  Words words;
  for (std::size_t w = 0; w < stream.windows(); ++w) {
    for (const nn::Instance& instance : stream.read(0, w)) {
      ++sentences;
      words.add(std::get<nn::Sentence>(instance).ids);
    }
  }
  EXPECT_EQ(sentences, 10000U);
  EXPECT_EQ(words.unknown, 0U);
}

}  // namespace
}  // namespace sheaf::train
