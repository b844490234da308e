// SPDX-License-Identifier: Apache-2.0
//
// What the machine sees of a frontier.
#include <gtest/gtest.h>

#include <string>

#include "sheaf/base/error.h"
#include "tests/batching/random_graph.h"
#include "tests/message_of.h"

namespace sheaf::batching {
namespace {

// The state in which `counts[a]` nodes of type a are ready.
StateKey state_of(StateEncoding encoding, const std::vector<int>& counts) {
  const graph::Network network = any_network(static_cast<std::uint32_t>(counts.size()));
  graph::Graph graph(network);
  for (std::size_t a = 0; a < counts.size(); ++a) {
    for (int i = 0; i < counts[a]; ++i) graph.add(static_cast<graph::TypeId>(a), {});
  }
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  StateKey key = u"what was there before";
  encode_state(encoding, Frontier(dependencies), key);
  return key;
}

TEST(EncodeState, BaseIsTheSetOfReadyTypes) {
  EXPECT_EQ(state_of(StateEncoding::base, {2, 0, 5, 1}), (StateKey{0, 2, 3}));
  EXPECT_EQ(state_of(StateEncoding::base, {9, 0, 1, 4}), (StateKey{0, 2, 3}));
}

TEST(EncodeState, MaxAddsTheTypeWithTheMostReadyNodes) {
  EXPECT_EQ(state_of(StateEncoding::max, {2, 0, 5, 1}), (StateKey{0, 2, 3, 2}));
  EXPECT_EQ(state_of(StateEncoding::max, {9, 0, 1, 4}), (StateKey{0, 2, 3, 0}));
}

TEST(EncodeState, MaxTakesTheFirstOfEqualTypes) {
  EXPECT_EQ(state_of(StateEncoding::max, {0, 3, 1, 3}), (StateKey{1, 2, 3, 1}));
}

TEST(EncodeState, SortOrdersReadyTypesByTheirNodes) {
  EXPECT_EQ(state_of(StateEncoding::sort, {2, 0, 5, 1}), (StateKey{2, 0, 3}));
  EXPECT_EQ(state_of(StateEncoding::sort, {9, 0, 1, 4}), (StateKey{0, 3, 2}));
}

TEST(EncodeState, SortKeepsEqualTypesInTheirOrder) {
  // So many that a sort which is not stable would move them.
  std::vector<int> counts(60, 1);
  StateKey expected;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    expected.push_back(static_cast<char16_t>(i < 30 ? 2 * i + 1 : 2 * (i - 30)));
  }
  for (std::size_t a = 1; a < counts.size(); a += 2) counts[a] = 2;
  EXPECT_EQ(state_of(StateEncoding::sort, counts), expected);
  EXPECT_EQ(state_of(StateEncoding::sort, {1, 3, 1, 3}), (StateKey{1, 3, 0, 2}));
}

TEST(EncodeState, OneReadyTypeIsOneTypeInEveryEncoding) {
  EXPECT_EQ(state_of(StateEncoding::base, {0, 4}), (StateKey{1}));
  EXPECT_EQ(state_of(StateEncoding::sort, {0, 4}), (StateKey{1}));
  EXPECT_EQ(state_of(StateEncoding::max, {0, 4}), (StateKey{1, 1}));
}

TEST(Encoding, NamesAreReadAsTheyAreWritten) {
  for (const auto encoding : {StateEncoding::base, StateEncoding::max, StateEncoding::sort}) {
    EXPECT_EQ(parse_encoding(name(encoding)), encoding);
  }
  EXPECT_EQ(name(StateEncoding::base), "base");
  EXPECT_EQ(name(StateEncoding::max), "max");
  EXPECT_EQ(name(StateEncoding::sort), "sort");
}

TEST(Encoding, MessageSuggestsTheNearestName) {
  EXPECT_EQ(test::message_of<base::UsageError>([] { (void)parse_encoding("srt"); }),
            "[--encoding] unknown state encoding: got 'srt'; did you mean 'sort'?");
}

TEST(Encoding, MessageListsAllNamesWhenNoneIsNear) {
  EXPECT_EQ(test::message_of<base::UsageError>([] { (void)parse_encoding("frequency"); }),
            "[--encoding] unknown state encoding: got 'frequency'; known are 'base' 'max' 'sort' "
            "'phase'");
}

}  // namespace
}  // namespace sheaf::batching
