// SPDX-License-Identifier: Apache-2.0
//
// Gold labels that readers find, and what they do where there are none.
#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/io/brackets.h"
#include "sheaf/io/dags.h"
#include "sheaf/io/lattices.h"
#include "sheaf/io/tagged_text.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

using Labels = std::vector<std::uint32_t>;
using nn::kNoLabel;
using test::message_of;

const nn::Lattice& lattice(const std::vector<nn::Instance>& instances) {
  return std::get<nn::Lattice>(instances.at(0));
}

Labels labels_of_tree(std::string_view text, std::uint32_t classes = 0) {
  WordIndex words;
  Labels labels;
  for (const nn::Instance& instance : read_brackets(text, "t.txt", words, classes)) {
    for (const auto& node : std::get<nn::Tree>(instance).nodes) labels.push_back(node.label);
  }
  return labels;
}

TEST(TreeLabels, AnUnderscoreIsNone) {
  EXPECT_EQ(labels_of_tree("(7 (_ a) (0 b))\n"), (Labels{kNoLabel, 0, 7}));
}

TEST(TreeLabels, AreBelowTheNumberOfClasses) {
  EXPECT_EQ(labels_of_tree("(4 a)\n", 5), (Labels{4}));
  EXPECT_EQ(message_of<base::DataError>([] { static_cast<void>(labels_of_tree("(5 a)\n", 5)); }),
            "[t.txt:1:2] label: got '5', expected 0 to 4");
}

TEST(TreeLabels, TheNumberThatStandsForNoneIsNoLabel) {
  EXPECT_EQ(
      message_of<base::DataError>([] { static_cast<void>(labels_of_tree("(4294967295 a)\n")); }),
      "[t.txt:1:2] label: got '4294967295', expected an integer from 0 on");
}

TEST(LatticeLabels, AreTheTagsButForPosition0) {
  std::uint32_t rows = 0;
  const auto instances = read_lattices("1\n3\n0 4 3\n0\n1 0 7\n1 1 5\n", "l.txt", rows);
  EXPECT_EQ(lattice(instances).labels, (Labels{kNoLabel, 4, 3}));
}

TEST(LatticeLabels, IdsAndTagsMayBeNames) {
  WordIndex words;
  LabelIndex tags;
  const auto instances =
      read_lattices("1\n3\n0 4 3\n0\n1 0 70\n2 1 5 0 70\n", "l.txt", words, tags);
  EXPECT_EQ(words.vocabulary(), (nn::Vocabulary{"<unk>", "70", "5"}));
  EXPECT_EQ(tags.names(), (nn::Vocabulary{"4", "3"}));
  EXPECT_EQ(lattice(instances).labels, (Labels{kNoLabel, 0, 1}));
  EXPECT_EQ(lattice(instances).arcs[1].id, 2U);
  EXPECT_EQ(lattice(instances).arcs[2].id, 1U);
}

TEST(LatticeLabels, AnIdThatTheVocabularyLacksIsTheUnknownWord) {
  WordIndex words(nn::Vocabulary{"<unk>", "5"});
  LabelIndex tags;
  const auto instances = read_lattices("1\n2\n0 0\n0\n2 0 9 0 5\n", "l.txt", words, tags);
  EXPECT_EQ(lattice(instances).arcs[0].id, 0U);
  EXPECT_EQ(lattice(instances).arcs[1].id, 1U);
}

TEST(LatticeLabels, ATagThatAClosedIndexLacksIsRefused) {
  WordIndex words;
  LabelIndex tags(nn::Vocabulary{"3", "4"});
  EXPECT_EQ(message_of<base::DataError>([&] {
              static_cast<void>(read_lattices("1\n2\n0 8\n0\n1 0 1\n", "l.txt", words, tags));
            }),
            "[l.txt:3] tag: got '8', expected one of the 2 that the weights have; known are '3' "
            "'4'");
}

TEST(LatticeLabels, OfTextAreThoseOfItsLines) {
  const Lexicon lexicon("北京 1\n", "dict");
  WordIndex words;
  LabelIndex tags;
  const auto instances =
      read_bmes_lattices("北 B-L\n京 E-L\nab O\n\n人 O\n", "n.txt", lexicon, words, tags);
  ASSERT_EQ(instances.size(), 2U);
  EXPECT_EQ(tags.names(), (nn::Vocabulary{"B-L", "E-L", "O"}));
  EXPECT_EQ(lattice(instances).positions(), 5U);
  EXPECT_EQ(lattice(instances).labels, (Labels{kNoLabel, 0, 1, kNoLabel, 2}));
  EXPECT_EQ(words.vocabulary(), (nn::Vocabulary{"<unk>", "北", "京", "北京", "a", "b", "人"}));
}

TEST(DagLabels, FollowTheirNodesIntoTopologicalOrder) {
  WordIndex kinds;
  LabelIndex labels;
  const auto dags =
      read_dags(R"({"nodes": ["b", "a", "c"], "edges": [[1, 0]], "labels": ["B", "A", null]})", "d",
                kinds, &labels);
  const nn::Dag& dag = std::get<nn::Dag>(dags.at(0));
  EXPECT_EQ(labels.names(), (nn::Vocabulary{"B", "A"}));
  EXPECT_EQ(kinds.vocabulary(), (nn::Vocabulary{"<unk>", "a", "b", "c"}));
  EXPECT_EQ(dag.kinds, (Labels{1, 2, 3}));
  EXPECT_EQ(dag.labels, (Labels{1, 0, kNoLabel}));
}

TEST(DagLabels, AreSkippedWhereNobodyAsks) {
  WordIndex kinds;
  const auto dags = read_dags(R"({"nodes": ["a"], "edges": [], "labels": 3})", "d", kinds);
  EXPECT_TRUE(std::get<nn::Dag>(dags.at(0)).labels.empty());
}

TEST(DagLabels, AreOnePerNode) {
  const auto refusal = [](const char* text) {
    return message_of<base::DataError>([&] {
      WordIndex kinds;
      LabelIndex labels;
      static_cast<void>(read_dags(text, "d", kinds, &labels));
    });
  };
  EXPECT_EQ(refusal(R"({"nodes": ["a"], "edges": [], "labels": []})"),
            "[d:1] labels: got 0, expected 1, one per node");
  EXPECT_EQ(refusal(R"({"nodes": ["a"], "edges": [], "labels": [3]})"),
            "[d:1] label 0: got '3', expected a string or null");
  EXPECT_EQ(refusal(R"({"nodes": ["a"], "edges": [], "labels": 3})"),
            "[d:1] key 'labels': got '3', expected a list");
}

TEST(LabelIndex, ALenientOneTakesUnknownNamesForNoLabel) {
  LabelIndex labels(nn::Vocabulary{"a", "b"}, LabelIndex::Unknown::no_label);
  EXPECT_EQ(labels.number("b", "f:1", "tag"), 1U);
  EXPECT_EQ(labels.number("c", "f:1", "tag"), kNoLabel);
  EXPECT_EQ(labels.names().size(), 2U);
}

TEST(TaggedText, APartOfAFileIsReadAsTheWholeWouldBe) {
  LabelIndex labels;
  const auto two = read_tagged_text("a|b|X\n", "f", labels, false);
  EXPECT_EQ(two.at(0).words.at(0), "a|b");
  const auto three = read_tagged_text("a|b|X c|Y\n", "f", labels, true);
  EXPECT_EQ(three.at(0).words.at(0), "a");
  EXPECT_TRUE(has_three_fields("a|b|X\n\nc|d|Y\n"));
  EXPECT_FALSE(has_three_fields("a|b|X\nc|Y\n"));
  EXPECT_FALSE(has_three_fields("\n"));
}

}  // namespace
}  // namespace sheaf::io
