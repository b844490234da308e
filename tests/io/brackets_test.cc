// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/brackets.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

constexpr std::uint32_t kLeaf = nn::Tree::kLeaf;

std::vector<nn::Tree> trees_of(std::string_view text, WordIndex& words) {
  std::vector<nn::Tree> trees;
  for (nn::Instance& instance : read_brackets(text, "t.txt", words)) {
    trees.push_back(std::get<nn::Tree>(std::move(instance)));
  }
  return trees;
}

// "left right word label" of every node.
std::string nodes_of(const nn::Tree& tree) {
  std::string text;
  for (const nn::Tree::Node& node : tree.nodes) {
    if (!text.empty()) text += ", ";
    text += node.is_leaf() ? "word " + std::to_string(node.word)
                           : std::to_string(node.left) + " " + std::to_string(node.right);
    text += " label " + std::to_string(node.label);
  }
  return text;
}

std::string refusal(std::string_view text) {
  return test::message_of<base::DataError>([&] {
    WordIndex words;
    static_cast<void>(read_brackets(text, "t.txt", words));
  });
}

TEST(Brackets, NodesComeInPostOrderWithLabelsAndWords) {
  WordIndex words;
  const auto trees = trees_of("(3 (2 Real) (4 (1 is) (0 good)))\n", words);
  ASSERT_EQ(trees.size(), 1U);
  EXPECT_EQ(nodes_of(trees[0]),
            "word 1 label 2, word 2 label 1, word 3 label 0, 1 2 label 4, 0 3 label 3");
  EXPECT_EQ(words.vocabulary(), (nn::Vocabulary{"<unk>", "Real", "is", "good"}));
}

TEST(Brackets, ChildrenOfALeafAreNone) {
  WordIndex words;
  const auto trees = trees_of("(2 a)", words);
  ASSERT_EQ(trees.at(0).nodes.size(), 1U);
  EXPECT_EQ(trees[0].nodes[0].left, kLeaf);
  EXPECT_EQ(trees[0].nodes[0].right, kLeaf);
}

TEST(Brackets, SameWordHasTheSameRowInAllTrees) {
  WordIndex words;
  const auto trees = trees_of("(2 (1 a) (1 b))\n(2 (1 b) (1 a))\n", words);
  ASSERT_EQ(trees.size(), 2U);
  EXPECT_EQ(trees[0].nodes[0].word, trees[1].nodes[1].word);
  EXPECT_EQ(trees[0].nodes[1].word, trees[1].nodes[0].word);
  EXPECT_NE(trees[0].nodes[0].word, trees[0].nodes[1].word);
}

TEST(Brackets, ClosedIndexGivesUnknownWordsRowZero) {
  WordIndex words(nn::Vocabulary{"<unk>", "a"});
  EXPECT_EQ(nodes_of(trees_of("(2 (1 a) (1 new))", words).at(0)),
            "word 1 label 1, word 0 label 1, 0 1 label 2");
  EXPECT_EQ(words.vocabulary().size(), 2U);
}

TEST(Brackets, EmptyLinesAreNoTrees) {
  WordIndex words;
  EXPECT_EQ(trees_of("\n(2 a)\n\n \t\n\u3000\n(2 b)\n\n", words).size(), 2U);
}

TEST(Brackets, EmptyTextHasNoTrees) {
  WordIndex words;
  EXPECT_TRUE(trees_of("", words).empty());
  EXPECT_TRUE(trees_of("\n\n", words).empty());
}

TEST(Brackets, CarriageReturnsAreNoPartOfTheTree) {
  WordIndex words;
  const auto trees = trees_of("(2 (1 a) (1 b))\r\n\r\n(2 c)\r\n", words);
  EXPECT_EQ(trees.size(), 2U);
  EXPECT_EQ(words.vocabulary(), (nn::Vocabulary{"<unk>", "a", "b", "c"}));
}

TEST(Brackets, LastLineNeedsNoNewline) {
  WordIndex words;
  EXPECT_EQ(trees_of("(2 a)\n(2 b)", words).size(), 2U);
}

TEST(Brackets, BlanksBetweenTokensMayBeManyOrNone) {
  WordIndex words;
  const auto trees = trees_of("  (\t3 (2  a\t)(4 b ) )\n", words);
  ASSERT_EQ(trees.size(), 1U);
  EXPECT_EQ(nodes_of(trees[0]), "word 1 label 2, word 2 label 4, 0 1 label 3");
}

TEST(Brackets, BlanksAfterATreeAreNoMatter) {
  WordIndex words;
  EXPECT_EQ(trees_of("(2 a) \n(2 (1 a) (1 b))\t \r\n", words).size(), 2U);
}

TEST(Brackets, WordsAreAnyBytesButBlanksAndBrackets) {
  const std::vector<std::string> odd = {
      "'s",   "-LRB-",      "\\/", "3",    "\"",       "{}",   "é",
      "北京", "\U0001F333", "…",   "\x01", "a\u00a0b", "\x7f", std::string("nul\0nul", 7)};
  for (const std::string& word : odd) {
    WordIndex words;
    EXPECT_EQ(trees_of("(2 " + word + ")", words).at(0).nodes.at(0).word, 1U) << word;
    EXPECT_EQ(words.vocabulary().at(1), word);
  }
}

TEST(Brackets, WordOfTheUnknownRowIsRowZero) {
  WordIndex words;
  EXPECT_EQ(trees_of("(2 <unk>)", words).at(0).nodes.at(0).word, 0U);
}

constexpr std::uint32_t kDeep = 100'000;

TEST(Brackets, LeftTreeMayBeAHundredThousandDeep) {
  std::string text;
  for (std::uint32_t i = 0; i < kDeep; ++i) text += "(3 ";
  text += "(2 a)";
  for (std::uint32_t i = 0; i < kDeep; ++i) text += " (4 b))";
  WordIndex words;
  const auto trees = trees_of(text, words);
  ASSERT_EQ(trees.size(), 1U);
  const auto& nodes = trees[0].nodes;
  ASSERT_EQ(nodes.size(), 2 * kDeep + 1);
  EXPECT_EQ(nodes[0].word, 1U);
  for (std::uint32_t k = 1; k <= kDeep; ++k) {
    ASSERT_EQ(nodes[2 * k - 1].word, 2U);
    ASSERT_EQ(nodes[2 * k].left, 2 * k - 2);
    ASSERT_EQ(nodes[2 * k].right, 2 * k - 1);
  }
}

TEST(Brackets, RightTreeMayBeAHundredThousandDeep) {
  std::string text;
  for (std::uint32_t i = 0; i < kDeep; ++i) text += "(3 (4 b) ";
  text += "(2 a)";
  text.append(kDeep, ')');
  WordIndex words;
  const auto trees = trees_of(text, words);
  ASSERT_EQ(trees.size(), 1U);
  const auto& nodes = trees[0].nodes;
  ASSERT_EQ(nodes.size(), 2 * kDeep + 1);
  for (std::uint32_t k = 0; k < kDeep; ++k) {
    ASSERT_TRUE(nodes[k].is_leaf());
    ASSERT_EQ(nodes[kDeep + 1 + k].left, kDeep - 1 - k);
    ASSERT_EQ(nodes[kDeep + 1 + k].right, kDeep + k);
  }
}

TEST(Brackets, DeepTreeThatIsNeverClosedIsRefused) {
  std::string text;
  for (std::uint32_t i = 0; i < kDeep; ++i) text += "(3 ";
  text += "(2 a)";
  EXPECT_EQ(refusal(text),
            "[t.txt:1:300006] unbalanced brackets: got the end of the line, "
            "expected 100000 more ')'");
}

TEST(Brackets, MissingClosingBracketNamesFileLineAndColumn) {
  EXPECT_EQ(refusal("(2 a)\n\n(3 (2 Real) (4 beauty)\n"),
            "[t.txt:3:23] unbalanced brackets: got the end of the line, expected 1 more ')'");
}

TEST(Brackets, TreeOverTwoLinesIsUnbalanced) {
  EXPECT_EQ(refusal("(3 (2 a)\n(4 b))\n"),
            "[t.txt:1:9] unbalanced brackets: got the end of the line, expected 1 more ')'");
}

TEST(Brackets, ClosingBracketBeforeAnyTreeIsRefused) {
  EXPECT_EQ(refusal(" ) (2 a)"), "[t.txt:1:2] unbalanced brackets: got ')', expected '('");
}

TEST(Brackets, ClosingBracketTooManyIsRefused) {
  EXPECT_EQ(refusal("(2 a))"), "[t.txt:1:6] after the end of the tree: got ')', expected nothing");
}

TEST(Brackets, SecondTreeInALineIsRefused) {
  EXPECT_EQ(refusal("(2 a) (2 b)"),
            "[t.txt:1:7] after the end of the tree: got '(2 b)', expected nothing");
}

TEST(Brackets, PairOfBracketsIsAnEmptyTree) {
  EXPECT_EQ(refusal("()"),
            "[t.txt:1:2] empty tree: got '()', expected a label and a word or two trees");
  EXPECT_EQ(refusal("(3 (2 a) ( ))"),
            "[t.txt:1:12] empty tree: got '()', expected a label and a word or two trees");
}

TEST(Brackets, LabelAloneIsAnEmptyTree) {
  EXPECT_EQ(refusal("(3)"),
            "[t.txt:1:3] empty tree: got a label only, expected a word or two trees");
}

TEST(Brackets, OneChildIsRefused) {
  EXPECT_EQ(refusal("(3 (2 a))"),
            "[t.txt:1:9] tree: got one child, expected one word or two "
            "trees; collapse unary chains first");
}

TEST(Brackets, ThreeChildrenAreRefused) {
  EXPECT_EQ(refusal("(3 (2 a) (2 b) (2 c))"),
            "[t.txt:1:16] tree: got more than two children, expected one word or two trees; "
            "binarise the tree first");
}

TEST(Brackets, TreeAfterAWordIsRefused) {
  EXPECT_EQ(refusal("(3 a (2 b))"),
            "[t.txt:1:6] tree: got a word and a tree, expected one word or two trees");
}

TEST(Brackets, SecondWordIsRefusedWhereItBegins) {
  EXPECT_EQ(refusal("(3 a bcd)"),
            "[t.txt:1:6] tree: got 'bcd' after a word, expected one word or two trees");
}

TEST(Brackets, WordAfterATreeIsRefusedWhereItBegins) {
  EXPECT_EQ(refusal("(3 (2 a) bcd)"),
            "[t.txt:1:10] tree: got 'bcd' after a tree, expected one word or two trees");
}

TEST(Brackets, WordOutsideOfBracketsIsRefusedWhereItBegins) {
  EXPECT_EQ(refusal("Real beauty"), "[t.txt:1:1] tree: got 'Real', expected '('");
}

TEST(Brackets, LabelThatIsNoNumberIsRefusedWhereItBegins) {
  EXPECT_EQ(refusal("(NP (2 a) (2 b))"),
            "[t.txt:1:2] label: got 'NP', expected an integer from 0 on");
}

TEST(Brackets, LabelWithMoreThanANumberIsRefused) {
  EXPECT_EQ(refusal("(3x a)"), "[t.txt:1:2] label: got '3x', expected an integer from 0 on");
}

TEST(Brackets, NegativeLabelIsRefused) {
  EXPECT_EQ(refusal("(-1 a)"), "[t.txt:1:2] label: got '-1', expected an integer from 0 on");
}

TEST(Brackets, LabelBeyond32BitsIsRefused) {
  EXPECT_EQ(refusal("(4294967296 a)"),
            "[t.txt:1:2] label: got '4294967296', expected an integer from 0 on");
}

TEST(Brackets, MissingLabelIsRefused) {
  EXPECT_EQ(refusal("((2 a) (2 b))"), "[t.txt:1:2] label: got '', expected an integer from 0 on");
  EXPECT_EQ(refusal("("), "[t.txt:1:2] label: got '', expected an integer from 0 on");
}

TEST(Brackets, LongWordIsCutInTheMessage) {
  EXPECT_EQ(refusal("abcdefghijklmnopqrstuvwxyz"),
            "[t.txt:1:1] tree: got 'abcdefghijklmnopqrst', expected '('");
}

TEST(Brackets, MessageIsCutBetweenCharactersNotWithinOne) {
  const std::string message = refusal("(汉汉汉汉汉汉汉汉 a)");
  EXPECT_EQ(test::message_of<base::DataError>([&] { require_utf8(message, "message"); }),
            "nothing was thrown")
      << message;
}

TEST(Brackets, BytesThatAreNotUtf8NameFileAndLine) {
  EXPECT_EQ(refusal("(2 a)\n(2 \xff)\n"),
            "[t.txt:2] text: got byte 0xff, expected UTF-8; convert the file with iconv");
}

TEST(Brackets, LinesAreCountedWithEmptyOnesAndCarriageReturns) {
  EXPECT_EQ(refusal("\r\n\r\n(2 a)\r\n\n(3)\r\n"),
            "[t.txt:5:3] empty tree: got a label only, expected a word or two trees");
}

}  // namespace
}  // namespace sheaf::io
