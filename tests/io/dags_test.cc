// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/dags.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

using Numbers = std::vector<std::uint32_t>;

nn::Dag read_one(std::string_view text, WordIndex& kinds) {
  return std::get<nn::Dag>(read_dags(text, "g.jsonl", kinds).at(0));
}

std::string refusal(std::string_view text) {
  WordIndex kinds;
  return test::message_of<base::DataError>(
      [&] { static_cast<void>(read_dags(text, "g.jsonl", kinds)); });
}

TEST(Dags, KeepAnOrderThatIsTopological) {
  WordIndex kinds;
  const nn::Dag dag =
      read_one(R"({"nodes":["in","in","add","mul"],"edges":[[1,2],[0,2],[2,3],[0,3]]})", kinds);
  EXPECT_EQ(dag.kinds, (Numbers{1, 1, 2, 3}));
  EXPECT_EQ(dag.begin, (Numbers{0, 0, 0, 2, 4}));
  EXPECT_EQ(dag.predecessors, (Numbers{1, 0, 2, 0})) << "in the order of the edges";
  EXPECT_EQ(kinds.vocabulary(), (nn::Vocabulary{"<unk>", "in", "add", "mul"}));
}

TEST(Dags, AreSortedByTheSmallestNodeThatCanComeNext) {
  WordIndex kinds;
  const nn::Dag dag = read_one(R"({"nodes":["a","b","c","d"],"edges":[[3,1],[1,0]]})", kinds);
  // 2, 3, 1, 0.
  EXPECT_EQ(kinds.vocabulary(), (nn::Vocabulary{"<unk>", "c", "d", "b", "a"}));
  EXPECT_EQ(dag.begin, (Numbers{0, 0, 0, 1, 2}));
  EXPECT_EQ(dag.predecessors, (Numbers{1, 2}));
}

TEST(Dags, EdgeThatIsGivenTwiceCountsTwice) {
  WordIndex kinds;
  EXPECT_EQ(read_one(R"({"nodes":["x","add"],"edges":[[0,1],[0,1]]})", kinds).predecessors,
            (Numbers{0, 0}));
}

TEST(Dags, AreOnePerLineAndMayHaveOtherKeys) {
  WordIndex kinds;
  const auto dags = read_dags(
      "{\"nodes\":[\"a\"],\"edges\":[],\"name\":\"first\"}\n\n{\"edges\":[],\"nodes\":[\"a\"]}\n",
      "g", kinds);
  EXPECT_EQ(dags.size(), 2U);
}

TEST(DagsErrors, CycleIsNamed) {
  EXPECT_EQ(refusal("{\"nodes\":[\"a\"],\"edges\":[]}\n"
                    R"({"nodes":["a","b","c","d"],"edges":[[0,1],[1,2],[2,3],[3,1]]})"),
            "[g.jsonl:2] graph: got the cycle 1 -> 2 -> 3 -> 1, expected no cycle");
}

TEST(DagsErrors, LongCycleIsCut) {
  std::string text = R"({"nodes":["a","a","a","a","a","a","a","a","a","a"],"edges":[[9,0])";
  for (int i = 0; i < 9; ++i) {
    text += ",[" + std::to_string(i) + "," + std::to_string(i + 1) + "]";
  }
  EXPECT_EQ(refusal(text + "]}"),
            "[g.jsonl:1] graph: got the cycle 0 -> 1 -> 2 -> 3 -> 4 -> 5 -> 6 -> 7 -> ... -> 9 -> "
            "0, expected no cycle");
}

TEST(DagsErrors, EdgeToItsOwnNode) {
  EXPECT_EQ(refusal(R"({"nodes":["a"],"edges":[[0,0]]})"),
            "[g.jsonl:1] edge 0: got '[0,0]', expected two different nodes");
}

TEST(DagsErrors, EdgeOutOfRange) {
  EXPECT_EQ(refusal(R"({"nodes":["a","b"],"edges":[[0,1],[1,2]]})"),
            "[g.jsonl:1] edge 1: got '2', expected a node, 0 to 1");
  EXPECT_EQ(refusal(R"({"nodes":["a","b"],"edges":[[-1,0]]})"),
            "[g.jsonl:1] edge 0: got '-1', expected a node, 0 to 1");
  EXPECT_EQ(refusal(R"({"nodes":["a","b"],"edges":[[18446744073709551615,0]]})"),
            "[g.jsonl:1] edge 0: got '18446744073709551615', expected a node, 0 to 1");
}

TEST(DagsErrors, EdgeThatIsNoPair) {
  EXPECT_EQ(refusal(R"({"nodes":["a"],"edges":[[0]]})"),
            "[g.jsonl:1] edge 0: got '[0]', expected [from, to]");
  EXPECT_EQ(refusal(R"({"nodes":["a"],"edges":[7]})"),
            "[g.jsonl:1] edge 0: got '7', expected [from, to]");
}

TEST(DagsErrors, GraphWithoutNodes) {
  EXPECT_EQ(refusal(R"({"nodes":[],"edges":[]})"),
            "[g.jsonl:1] nodes: got none, expected 1 or more");
}

TEST(DagsErrors, NodeThatIsNoString) {
  EXPECT_EQ(refusal(R"({"nodes":["a",3],"edges":[]})"),
            "[g.jsonl:1] node 1: got '3', expected a string");
}

TEST(DagsErrors, MissingKey) {
  EXPECT_EQ(refusal(R"({"nodes":["a"]})"), "[g.jsonl:1] key 'edges': got none, expected a list");
  EXPECT_EQ(refusal(R"({"nodes":"a","edges":[]})"),
            R"([g.jsonl:1] key 'nodes': got '"a"', expected a list)");
}

TEST(DagsErrors, LineThatIsNoGraph) {
  EXPECT_EQ(refusal("[1]"),
            "[g.jsonl:1] graph: got '[1]', expected an object with 'nodes' and "
            "'edges'");
  const std::string message = refusal("{\"nodes\":");
  EXPECT_TRUE(message.starts_with("[g.jsonl:1] graph: got parse error at line 1")) << message;
  EXPECT_TRUE(refusal(std::string(100, '['))
                  .ends_with("got JSON nested deeper than 64 levels, expected JSON"));
}

TEST(DagsErrors, BytesThatAreNotUtf8) {
  EXPECT_EQ(refusal("\xff"),
            "[g.jsonl:1] text: got byte 0xff, expected UTF-8; convert the file with iconv");
}

}  // namespace
}  // namespace sheaf::io
