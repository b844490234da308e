// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/slf.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

using Numbers = std::vector<std::uint32_t>;

std::vector<nn::Lattice> read(std::string_view text, WordIndex& words) {
  std::vector<nn::Lattice> lattices;
  for (const nn::Instance& instance : read_slf(text, "l.slf", words)) {
    lattices.push_back(std::get<nn::Lattice>(instance));
  }
  return lattices;
}

// "source:word" of the arcs into a position.
std::string arcs(const nn::Lattice& lattice, std::uint32_t position, const WordIndex& words) {
  std::string text;
  for (std::uint32_t a = lattice.arc_begin[position]; a < lattice.arc_begin[position + 1]; ++a) {
    text += (text.empty() ? "" : " ") + std::to_string(lattice.arcs[a].source) + ":" +
            words.vocabulary()[lattice.arcs[a].id];
  }
  return text;
}

std::string refusal(std::string_view text) {
  WordIndex words;
  return test::message_of<base::DataError>(
      [&] { static_cast<void>(read_slf(text, "l.slf", words)); });
}

TEST(Slf, WordsOfNodesAreThoseOfTheArcsThatEndThere) {
  WordIndex words;
  const auto lattices = read(
      "VERSION=1.0\nUTTERANCE=u1\nlmscale=15.0\nN=4 L=4\n"
      "I=0 t=0.00\nI=1 t=0.25 W=cat v=1\nI=2 t=0.50 W=sat\nI=3 t=0.9 W=!NULL\n"
      "J=0 S=0 E=1 a=-12.5 l=-3\nJ=1 S=0 E=2\nJ=2 S=1 E=2\nJ=3 S=2 E=3\n",
      words);
  ASSERT_EQ(lattices.size(), 1U);
  ASSERT_EQ(lattices[0].positions(), 4U);
  EXPECT_EQ(arcs(lattices[0], 0, words), "");
  EXPECT_EQ(arcs(lattices[0], 1, words), "0:cat");
  EXPECT_EQ(arcs(lattices[0], 2, words), "0:sat 1:sat");
  EXPECT_EQ(arcs(lattices[0], 3, words), "2:!NULL");
}

TEST(Slf, WordsOfLinksComeFirst) {
  WordIndex words;
  const auto lattices = read(
      "NODES=3 LINKS=3\nI=1 WORD=node\nJ=0 START=0 END=1 WORD=link\n"
      "J=1 S=0 E=1\nJ=2 S=1 E=2\n",
      words);
  EXPECT_EQ(arcs(lattices.at(0), 1, words), "0:link 0:node");
  EXPECT_EQ(arcs(lattices.at(0), 2, words), "1:!NULL");
}

TEST(Slf, NodesAreSortedTopologically) {
  WordIndex words;
  const auto lattices =
      read("N=3 L=2\nstart=2\nI=0 W=last\nI=1 W=middle\nI=2\nJ=0 S=1 E=0\nJ=1 S=2 E=1\n", words);
  EXPECT_EQ(arcs(lattices.at(0), 1, words), "0:middle");
  EXPECT_EQ(arcs(lattices.at(0), 2, words), "1:last");
}

TEST(Slf, ValuesMayBeInQuotes) {
  WordIndex words;
  const auto lattices = read(
      "N=5 L=4\nJ=0 S=0 E=1 W=\"New York\"\nJ=1 S=1 E=2 W='a\\'b'\n"
      "J=2 S=2 E=3 W='tis\nJ=3 W=a=b S=3 E=4\n",
      words);
  EXPECT_EQ(words.vocabulary(), (nn::Vocabulary{"<unk>", "New York", "a'b", "'tis", "a=b"}));
}

TEST(Slf, FileMayHoldSeveralLattices) {
  WordIndex words;
  const std::string one = "VERSION=1.0\n# a comment\n\nN=2 L=1\nJ=0 S=0 E=1 W=a\n";
  EXPECT_EQ(read(one + one + "VERSION=1.1\nN=1 L=0\n", words).size(), 3U);
  EXPECT_TRUE(read("", words).empty());
  EXPECT_TRUE(read("# none\n", words).empty());
}

TEST(Slf, SeveralEndsAreAllowed) {
  WordIndex words;
  EXPECT_EQ(read("N=3 L=2\nJ=0 S=0 E=1\nJ=1 S=0 E=2\n", words).at(0).positions(), 3U);
}

TEST(SlfErrors, FieldWithoutAnEqualsSign) {
  EXPECT_EQ(refusal("VERSION=1.0 oops N=1\n"), "[l.slf:1] field: got 'oops', expected name=value");
  EXPECT_EQ(refusal("=3\n"), "[l.slf:1] field: got '=3', expected name=value");
}

TEST(SlfErrors, NumberThatIsNone) {
  EXPECT_EQ(refusal("N=many\n"), "[l.slf:1] N: got 'many', expected an integer from 0 on");
  EXPECT_EQ(refusal("N=1 L=0\nI=-1\n"), "[l.slf:2] I: got '-1', expected an integer from 0 on");
}

TEST(SlfErrors, MissingSizes) {
  EXPECT_EQ(refusal("VERSION=1.0\n"),
            "[l.slf:1] number of nodes: got none, expected N of 1 or more");
  EXPECT_EQ(refusal("N=0 L=0\n"), "[l.slf:1] number of nodes: got 0, expected N of 1 or more");
  EXPECT_EQ(refusal("I=0\n"),
            "[l.slf:1] number of nodes: got none, expected N before the first node or link");
  EXPECT_EQ(refusal("N=1\n"), "[l.slf:1] links: got 0, expected L, their number");
}

TEST(SlfErrors, OtherNumberOfLinksThanL) {
  EXPECT_EQ(refusal("N=2 L=2\nJ=0 S=0 E=1\n"), "[l.slf:2] links: got 1, expected 2, the L");
}

TEST(SlfErrors, MoreNodesThanLinksReach) {
  EXPECT_EQ(refusal("N=4000000000 L=1\nJ=0 S=0 E=1\n"),
            "[l.slf:2] nodes: got 4000000000 with 1 links, expected a link into every node but the "
            "first");
}

TEST(SlfErrors, NodeBeyondN) {
  EXPECT_EQ(refusal("N=2 L=1\nJ=0 S=0 E=2\n"), "[l.slf:2] node: got 2, expected below 2, the N");
}

TEST(SlfErrors, LinkWithoutItsNodes) {
  EXPECT_EQ(refusal("N=2 L=1\nJ=0 E=1\n"),
            "[l.slf:2] link: got no S, expected S and E, the nodes that it joins");
  EXPECT_EQ(refusal("N=2 L=1\nJ=0 S=1\n"),
            "[l.slf:2] link: got no E, expected S and E, the nodes that it joins");
}

TEST(SlfErrors, AnotherNAfterTheLinks) {
  EXPECT_EQ(refusal("N=2 L=1\nJ=0 S=1 E=0\nN=1\n"),
            "[l.slf:3] N: got 1, expected 2, stated before");
  EXPECT_EQ(refusal("N=2 N=2 L=1 L=2\n"), "[l.slf:1] L: got 2, expected 1, stated before");
}

TEST(SlfErrors, NodeOrLinkTwice) {
  EXPECT_EQ(refusal("N=2 L=1\nI=0\nI=0\n"),
            "[l.slf:3] node: got 0 a second time, expected every node once");
  EXPECT_EQ(refusal("N=2 L=2\nJ=0 S=0 E=1\nJ=0 S=0 E=1\n"),
            "[l.slf:3] link: got 0 a second time, expected every link once");
}

TEST(SlfErrors, CycleIsNamed) {
  EXPECT_EQ(refusal("N=3 L=3\nJ=0 S=0 E=1\nJ=1 S=1 E=2\nJ=2 S=2 E=1\n"),
            "[l.slf:4] lattice: got the cycle 1 -> 2 -> 1, expected no cycle");
  EXPECT_EQ(refusal("N=1 L=1\nJ=0 S=0 E=0\n"),
            "[l.slf:2] lattice: got the cycle 0 -> 0, expected no cycle");
}

TEST(SlfErrors, SeveralStarts) {
  EXPECT_EQ(refusal("N=3 L=2\nJ=0 S=0 E=2\nJ=1 S=1 E=2\n"),
            "[l.slf:3] start of the lattice: got nodes 0 and 1, expected one node; join them to a "
            "common start");
  EXPECT_EQ(refusal("start=1\nN=2 L=1\nJ=0 S=0 E=1\n"),
            "[l.slf:3] start of the lattice: got nodes 0 and 1, expected one node; join them to a "
            "common start");
}

TEST(SlfErrors, SubLattices) {
  const std::string rest = ", expected none; expand the lattice first";
  EXPECT_EQ(refusal("SUBLAT=digits\n"), "[l.slf:1] sub-lattice: got 'digits'" + rest);
  EXPECT_EQ(refusal("N=2 L=1\nI=0 L=digits\n"), "[l.slf:2] sub-lattice: got 'digits'" + rest);
  EXPECT_EQ(refusal("N=1 L=0\n.\n"), "[l.slf:2] sub-lattice: got '.'" + rest);
}

TEST(SlfErrors, BackwardLattices) {
  EXPECT_EQ(refusal("dir=b\nN=1 L=0\n"),
            "[l.slf:1] direction: got 'b', expected 'f', a forward lattice");
}

TEST(SlfErrors, BytesThatAreNotUtf8) {
  EXPECT_EQ(refusal("N=1 L=0\n\xff"),
            "[l.slf:2] text: got byte 0xff, expected UTF-8; convert the file with iconv");
}

}  // namespace
}  // namespace sheaf::io
