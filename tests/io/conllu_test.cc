// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/conllu.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

using Numbers = std::vector<std::uint32_t>;
constexpr std::uint32_t kRoot = nn::DependencyTree::kRoot;

// A line of ten columns.
std::string word(const std::string& id, const std::string& form, const std::string& head,
                 const std::string& relation = "dep") {
  return id + "\t" + form + "\t_\t_\t_\t_\t" + head + "\t" + relation + "\t_\t_\n";
}

std::string refusal(const std::string& text, LabelIndex relations = {}) {
  WordIndex words;
  return test::message_of<base::DataError>(
      [&] { static_cast<void>(read_conllu(text, "d.conllu", words, relations)); });
}

TEST(Conllu, HasHeadsWordsAndRelations) {
  WordIndex words;
  LabelIndex relations;
  const auto trees =
      read_conllu("# text = She was seen .\n" + word("1", "She", "3", "nsubj:pass") +
                      word("2", "was", "3", "aux") + word("3", "seen", "0", "root") +
                      word("4", ".", "3", "punct") + "\n" + word("1", "seen", "0", "root"),
                  "d", words, relations);
  ASSERT_EQ(trees.size(), 2U);
  const auto& tree = std::get<nn::DependencyTree>(trees[0]);
  EXPECT_EQ(tree.heads, (Numbers{2, 2, kRoot, 2}));
  EXPECT_EQ(tree.words, (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(tree.labels, (Numbers{0, 1, 2, 3}));
  EXPECT_EQ(relations.names(), (nn::Vocabulary{"nsubj:pass", "aux", "root", "punct"}));
  const auto& second = std::get<nn::DependencyTree>(trees[1]);
  EXPECT_EQ(second.words, Numbers{3});
  EXPECT_EQ(second.heads, Numbers{kRoot});
  EXPECT_EQ(second.labels, Numbers{2});
}

TEST(Conllu, SkipsMultiwordTokensAndEmptyNodes) {
  WordIndex words;
  LabelIndex relations;
  const auto trees = read_conllu(word("1-2", "don't", "_", "_") + word("1", "do", "0") +
                                     word("1.1", "gone", "_", "_") + word("2", "n't", "1"),
                                 "d", words, relations);
  EXPECT_EQ(std::get<nn::DependencyTree>(trees.at(0)).heads, (Numbers{kRoot, 0}));
  EXPECT_EQ(words.vocabulary(), (nn::Vocabulary{"<unk>", "do", "n't"}));
}

TEST(Conllu, MayHaveSeveralRoots) {
  WordIndex words;
  LabelIndex relations;
  const auto trees = read_conllu(word("1", "a", "0") + word("2", "b", "0"), "d", words, relations);
  EXPECT_EQ(std::get<nn::DependencyTree>(trees.at(0)).heads, (Numbers{kRoot, kRoot}));
}

TEST(Conllu, KeepsHyphensAndNumberSignsThatAreWords) {
  WordIndex words;
  LabelIndex relations;
  static_cast<void>(read_conllu(word("1", "#", "0") + word("2", "-", "1"), "d", words, relations));
  EXPECT_EQ(words.vocabulary(), (nn::Vocabulary{"<unk>", "#", "-"}));
}

TEST(Conllu, OfCommentsOnlyHasNoTrees) {
  WordIndex words;
  LabelIndex relations;
  EXPECT_TRUE(read_conllu("# newdoc\n\n\n# text = a\n", "d", words, relations).empty());
}

TEST(ConlluErrors, CycleNamesTheFirstLineOfTheSentence) {
  EXPECT_EQ(refusal("# text\n" + word("1", "a", "0") + "\n# text\n" + word("1", "a", "2") +
                    word("2", "b", "3") + word("3", "c", "1") + word("4", "d", "0")),
            "[d.conllu:5] heads of the sentence: got the cycle 1 -> 3 -> 2 -> 1, expected a tree");
  EXPECT_EQ(refusal(word("1", "a", "1")),
            "[d.conllu:1] heads of the sentence: got the cycle 1 -> 1, expected a tree");
}

TEST(ConlluErrors, HeadThatIsNoWord) {
  EXPECT_EQ(refusal(word("1", "a", "0") + word("2", "b", "3") + "\n"),
            "[d.conllu:2] HEAD: got 3, expected 0 to 2");
  EXPECT_EQ(refusal(word("1", "a", "_")),
            "[d.conllu:1] HEAD: got '_', expected an integer from 0 on");
  EXPECT_EQ(refusal(word("1", "a", "4294967296")),
            "[d.conllu:1] HEAD: got '4294967296', expected an integer from 0 on");
}

TEST(ConlluErrors, IdsThatDoNotCount) {
  EXPECT_EQ(refusal(word("1", "a", "0") + word("3", "b", "1")),
            "[d.conllu:2] ID: got '3', expected 2");
  EXPECT_EQ(refusal(word("x", "a", "0")), "[d.conllu:1] ID: got 'x', expected 1");
  EXPECT_EQ(refusal(word("-", "a", "0")), "[d.conllu:1] ID: got '-', expected 1");
}

TEST(ConlluErrors, NumberOfColumns) {
  EXPECT_EQ(refusal("1 a 0\n"), "[d.conllu:1] columns: got 1, expected 10 separated by tabs");
  EXPECT_EQ(refusal("1\ta\t_\t_\t_\t_\t0\troot\t_\t_\t_\n"),
            "[d.conllu:1] columns: got 11, expected 10 separated by tabs");
}

TEST(ConlluErrors, EmptyColumns) {
  EXPECT_EQ(refusal(word("1", "", "0")), "[d.conllu:1] FORM: got nothing, expected a word");
  EXPECT_EQ(refusal(word("1", "a", "0", "")),
            "[d.conllu:1] DEPREL: got nothing, expected a relation");
}

TEST(ConlluErrors, RelationThatTheWeightsLack) {
  EXPECT_EQ(refusal(word("1", "a", "0", "rot"), LabelIndex(nn::Vocabulary{"root"})),
            "[d.conllu:1] DEPREL: got 'rot', expected one of the 1 that the weights have; did you "
            "mean 'root'?");
}

TEST(ConlluErrors, BytesThatAreNotUtf8) {
  EXPECT_EQ(refusal("# \xff\n"),
            "[d.conllu:1] text: got byte 0xff, expected UTF-8; convert the file with iconv");
}

}  // namespace
}  // namespace sheaf::io
