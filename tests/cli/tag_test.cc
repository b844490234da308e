// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/cli/synthetic.h"
#include "tests/cli/tool.h"
#include "tests/io/lac_folder.h"

namespace sheaf::test {
namespace {

// With the trained model of python3-jieba.
class Tag : public Cli {
 protected:
  void SetUp() override {
    if (!has_jieba()) GTEST_SKIP() << kNoJieba;
  }
  [[nodiscard]] std::string tag(const std::string& text, const Arguments& more = {}) const {
    return sheaf_output(Arguments{"tag", folder_.write("text", text)} + more);
  }
};

TEST_F(Tag, FindsTheUniversity) {
  EXPECT_EQ(tag("我来到北京清华大学\n"), "我/r 来到/v 北京清华大学/ORG\n");
}

TEST_F(Tag, TakesTheModelByName) {
  EXPECT_EQ(tag("我来到北京清华大学\n", {"--model", "lac"}), "我/r 来到/v 北京清华大学/ORG\n");
}

TEST_F(Tag, ReadsWeightsThatWereSaved) {
  const std::string text = folder_.write("text", "我来到北京清华大学\n");
  const std::string weights = folder_.path("weights");
  const Arguments run = {"--model", "lac", "--data", text};
  const std::string saved = digest_of_run(run + Arguments{"--save-weights", weights});
  EXPECT_EQ(digest_of_run(run + Arguments{"--weights", weights}), saved);
}

TEST_F(Tag, ReadsStandardInput) {
  EXPECT_EQ(sheaf_output({"tag", "--model", "lac", "-"}, "我来到北京清华大学"),
            "我/r 来到/v 北京清华大学/ORG\n");
}

TEST_F(Tag, KeepsEmptyLines) {
  EXPECT_EQ(tag("\n我来到北京清华大学\n\n \u3000\n我\n\n"),
            "\n我/r 来到/v 北京清华大学/ORG\n\n\n我/r\n\n");
}

TEST_F(Tag, OfOneCharacterIsOneWord) { EXPECT_EQ(tag("我\n"), "我/r\n"); }

TEST_F(Tag, KeepsCharactersThatTheDictionaryLacks) {
  const std::string line = tag("\u9fff\U0001F333\n");
  std::string characters;
  for (std::size_t begin = 0; begin < line.size();) {
    characters += line.substr(begin, line.find('/', begin) - begin);
    begin = line.find_first_of(" \n", line.find('/', begin)) + 1;
  }
  EXPECT_EQ(characters, "\u9fff\U0001F333");
}

TEST_F(Tag, CarriageReturnsAreNoPartOfTheText) {
  EXPECT_EQ(tag("我来到北京清华大学\r\n\r\n我\r\n"), "我/r 来到/v 北京清华大学/ORG\n\n我/r\n");
}

TEST_F(Tag, IsTheSameForEveryPolicyBatchAndOrder) {
  const std::string text = random_text(80, 9) + "我来到北京清华大学\n" + random_text(20, 10);
  const std::string first = tag(text, {"--policy", "single", "--batch", "1"});
  for (const char* policy : {"depth", "agenda", "fsm", "sufficient"}) {
    EXPECT_EQ(tag(text, {"--policy", policy, "--batch", "64", "--shuffle", "3"}), first) << policy;
  }
}

TEST_F(Tag, DigestOfTheModelIsOneForEveryPolicyAndBatch) {
  const Arguments options = {"--model", "lac", "--data", folder_.write("t", random_text(80, 9))};
  const std::string first = digest_of_run(options + Arguments{"--policy", "single"});
  for (const char* policy : {"depth", "agenda", "fsm", "sufficient"}) {
    for (const char* batch : {"1", "7", "64"}) {
      EXPECT_EQ(digest_of_run(options + Arguments{"--policy", policy, "--batch", batch}), first)
          << policy << ", batch " << batch;
    }
  }
}

// With the twin, which always runs. Its weights are random, and so are its words.
class TagWithTwin : public Cli {
 protected:
  TagWithTwin() { write_lac_folder(folder_); }
  [[nodiscard]] Arguments tag(const std::string& text) const {
    return {"tag", "--weights", folder_.path(), folder_.write("text", text)};
  }
};

TEST_F(TagWithTwin, KeepsAllLinesAndCharacters) {
  const std::string text = "\n我北京海\n\n" + random_text(30, 4) + "海\n";
  std::string untagged;
  bool in_tag = false;
  for (const char c : sheaf_output(tag(text))) {
    if (c == '/') in_tag = true;
    if (c == ' ' || c == '\n') in_tag = false;
    if (!in_tag && c != ' ') untagged += c;
  }
  EXPECT_EQ(untagged, text);
}

TEST_F(TagWithTwin, WritesTheSameToAFileAndThenPrintsNothing) {
  const Arguments arguments = tag(random_text(10, 4));
  const std::string printed = sheaf_output(arguments);
  EXPECT_EQ(sheaf_output(arguments + Arguments{"--out", folder_.path("out")}), "");
  EXPECT_EQ(bytes_of(folder_.path("out")), printed);
}

TEST_F(TagWithTwin, OfAnEmptyFileIsEmpty) { EXPECT_EQ(sheaf_output(tag("")), ""); }

TEST_F(TagWithTwin, AnotherModelIsNoTagger) {
  expect_refusal({"tag", "--model", "tree_lstm", folder_.write("t", "(0 a)\n")}, 2,
                 "UsageError: [--model] no tagger: got 'tree_lstm', expected 'lac'");
}

TEST_F(TagWithTwin, TextThatIsNotUtf8NamesFileAndLine) {
  expect_refusal(tag("我\n\xce\xd2\n"), 2,
                 "DataError: [D/text:2] text: got byte 0xce, expected UTF-8; convert the file with "
                 "iconv");
}

}  // namespace
}  // namespace sheaf::test
