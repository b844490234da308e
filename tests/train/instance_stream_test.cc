// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/instance_stream.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/base/error.h"
#include "sheaf/engine/vocabulary_builder.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"

namespace sheaf::train {
namespace {

using Words = std::vector<std::uint32_t>;

class InstanceStreamTest : public testing::Test {
 protected:
  // Sentence i is the word "wi": row i + 1.
  [[nodiscard]] engine::WorkloadOptions sentences(std::uint32_t count) const {
    std::string text;
    for (std::uint32_t i = 0; i < count; ++i) {
      text += "w";
      text += std::to_string(i);
      text += "|X\n";
    }
    return known({.model = "bilstm_tagger", .data = folder_.write("data", text)});
  }
  [[nodiscard]] static engine::WorkloadOptions known(engine::WorkloadOptions options) {
    options.vocabularies = engine::build_vocabularies(options);
    return options;
  }
  [[nodiscard]] static Words window(InstanceStream& stream, std::uint64_t epoch, std::size_t w) {
    Words words;
    for (const nn::Instance& instance : stream.read(epoch, w)) {
      words.push_back(std::get<nn::Sentence>(instance).ids.at(0));
    }
    return words;
  }
  [[nodiscard]] static Words epoch(InstanceStream& stream, std::uint64_t epoch) {
    Words words;
    for (std::size_t w = 0; w < stream.windows(); ++w) {
      for (const std::uint32_t word : window(stream, epoch, w)) words.push_back(word);
    }
    return words;
  }
  [[nodiscard]] static Words counting(std::uint32_t count) {
    Words words;
    for (std::uint32_t i = 1; i <= count; ++i) words.push_back(i);
    return words;
  }
  [[nodiscard]] static Words sorted(Words words) {
    std::sort(words.begin(), words.end());
    return words;
  }

  const test::TempFolder folder_;
};

TEST_F(InstanceStreamTest, WithoutASeedComesInTheOrderOfTheData) {
  InstanceStream stream(sentences(100), {.block_bytes = 40, .window_blocks = 3});
  EXPECT_GT(stream.windows(), 3U);
  EXPECT_EQ(epoch(stream, 0), counting(100));
  EXPECT_EQ(epoch(stream, 1), counting(100));
}

TEST_F(InstanceStreamTest, EveryEpochHasEveryInstanceOnce) {
  InstanceStream stream(sentences(100), {.shuffle_seed = 3, .block_bytes = 40, .window_blocks = 3});
  for (const std::uint64_t e : {0, 1, 2}) EXPECT_EQ(sorted(epoch(stream, e)), counting(100));
}

TEST_F(InstanceStreamTest, EpochsAndSeedsDiffer) {
  const auto options = sentences(100);
  InstanceStream stream(options, {.shuffle_seed = 3, .block_bytes = 40, .window_blocks = 3});
  InstanceStream other(options, {.shuffle_seed = 4, .block_bytes = 40, .window_blocks = 3});
  EXPECT_NE(epoch(stream, 0), counting(100));
  EXPECT_NE(epoch(stream, 0), epoch(stream, 1));
  EXPECT_NE(epoch(stream, 0), epoch(other, 0));
}

TEST_F(InstanceStreamTest, AWindowIsTheSameWhateverWasReadBefore) {
  const auto options = sentences(100);
  const StreamOptions how{.shuffle_seed = 3, .block_bytes = 40, .window_blocks = 3};
  InstanceStream stream(options, how);
  const Words whole = epoch(stream, 2);
  InstanceStream resumed(options, how);
  const Words second = window(resumed, 2, 1);
  const std::size_t before = window(resumed, 2, 0).size();
  EXPECT_EQ(second, Words(whole.begin() + static_cast<std::ptrdiff_t>(before),
                          whole.begin() + static_cast<std::ptrdiff_t>(before + second.size())));
}

TEST_F(InstanceStreamTest, AWindowMixesBlocksFromAnywhere) {
  InstanceStream stream(sentences(1000),
                        {.shuffle_seed = 1, .block_bytes = 60, .window_blocks = 8});
  const Words words = sorted(window(stream, 0, 0));
  EXPECT_LT(words.size(), 100U);
  EXPECT_GT(words.back() - words.front(), 300U);
}

TEST_F(InstanceStreamTest, GivesWhatIsReadAtOnce) {
  engine::WorkloadOptions options = {.model = "lattice_lstm",
                                     .data = folder_.write("ner", "北 B-L\n京 E-L\n\n人 O\n\n"),
                                     .lexicon = folder_.write("lexicon", "北京\n")};
  options = known(options);
  InstanceStream stream(options, {.block_bytes = 1, .window_blocks = 1});
  ASSERT_EQ(stream.windows(), 2U);
  const auto first = std::get<nn::Lattice>(stream.read(0, 0).at(0));
  const auto whole = std::get<nn::Lattice>(engine::read_instances(options).at(0));
  EXPECT_EQ(first.labels, whole.labels);
  ASSERT_EQ(first.arcs.size(), whole.arcs.size());
  for (std::size_t a = 0; a < whole.arcs.size(); ++a) EXPECT_EQ(first.arcs[a].id, whole.arcs[a].id);
}

TEST_F(InstanceStreamTest, NumbersAreThoseOfTheInstancesInTheData) {
  InstanceStream stream(sentences(100), {.shuffle_seed = 3, .block_bytes = 40, .window_blocks = 3});
  EXPECT_EQ(stream.instances(), 100U);
  for (std::size_t w = 0; w < stream.windows(); ++w) {
    Words rows = stream.numbers(1, w);
    for (std::uint32_t& number : rows) ++number;
    EXPECT_EQ(rows, window(stream, 1, w));
    EXPECT_EQ(rows.size(), stream.window_size(1, w));
  }
}

TEST_F(InstanceStreamTest, SampleIsTheBeginningOfTheData) {
  InstanceStream stream(sentences(100), {.shuffle_seed = 3, .block_bytes = 40, .window_blocks = 3});
  Words words;
  for (const nn::Instance& instance : stream.sample()) {
    words.push_back(std::get<nn::Sentence>(instance).ids.at(0));
  }
  ASSERT_FALSE(words.empty());
  EXPECT_EQ(words, counting(static_cast<std::uint32_t>(words.size())));
}

TEST_F(InstanceStreamTest, PairsStayTogether) {
  engine::WorkloadOptions options = {.model = "lstm_nmt",
                                     .data = folder_.write("source", "a\nb\nc\nd\n"),
                                     .target = folder_.write("target", "A\nB\nC\nD\n")};
  options = known(options);
  InstanceStream stream(options, {.shuffle_seed = 5, .block_bytes = 1, .window_blocks = 2});
  std::size_t pairs = 0;
  for (std::size_t w = 0; w < stream.windows(); ++w) {
    for (const nn::Instance& instance : stream.read(0, w)) {
      const auto& pair = std::get<nn::SentencePair>(instance);
      const std::string source = options.vocabularies->words.at(pair.source.at(0));
      const std::string target = options.vocabularies->target.at(pair.target.at(0));
      EXPECT_EQ(target[0], source[0] - 'a' + 'A');
      ++pairs;
    }
  }
  EXPECT_EQ(pairs, 4U);
}

TEST_F(InstanceStreamTest, WhatCannotBeCutIsOneWindow) {
  const auto lattices = known(
      {.model = "lattice_lstm", .data = folder_.write("l", "2\n2\n0 1\n0\n1 0 7\n1\n0\n0\n")});
  InstanceStream stream(lattices, {.shuffle_seed = 1, .block_bytes = 1, .window_blocks = 1});
  EXPECT_EQ(stream.windows(), 1U);
  EXPECT_EQ(stream.read(0, 0).size(), 2U);
  InstanceStream random(known({.model = "tree_lstm", .data = "random:trees,n=5"}), {});
  EXPECT_EQ(random.windows(), 1U);
  EXPECT_EQ(random.read(0, 0).size(), 5U);
}

TEST_F(InstanceStreamTest, FoldedTargetsAreRefused) {
  engine::WorkloadOptions options = {.model = "lstm_nmt",
                                     .data = folder_.write("source", "a\n"),
                                     .target = folder_.write("target", "A\n"),
                                     .target_rows = 4};
  options = known(options);
  EXPECT_EQ(test::message_of<base::UsageError>([&] { InstanceStream(options, {}); }),
            "[--target-rows] data that are read in blocks: got 4, expected the full vocabulary; "
            "folded words are numbered over the whole file");
}

}  // namespace
}  // namespace sheaf::train
