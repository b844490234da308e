// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/pq_tree.h"

#include <gtest/gtest.h>

#include <numeric>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::memory_plan {
namespace {

using Set = std::vector<std::uint32_t>;

// The tree after reduces that all succeed.
PqTree tree_of(std::uint32_t leaves, const std::vector<Set>& sets) {
  PqTree tree(leaves);
  for (const Set& set : sets) {
    EXPECT_TRUE(tree.reduce(set));
    tree.verify();
  }
  return tree;
}

TEST(PqTree, BeginsWithEveryOrderPermitted) {
  const PqTree tree(4);
  EXPECT_EQ(tree.to_string(), "(0 1 2 3)");
  EXPECT_EQ(tree.order_count(), 24U);
  EXPECT_EQ(tree.frontier(), (Set{0, 1, 2, 3}));
  tree.verify();
}

TEST(PqTree, OfOneLeafHasOneOrder) {
  PqTree tree(1);
  EXPECT_TRUE(tree.reduce(Set{0}));
  EXPECT_EQ(tree.to_string(), "0");
  EXPECT_EQ(tree.order_count(), 1U);
  tree.verify();
}

TEST(PqTree, SetsOfOneLeafOrAllSayNothing) {
  const PqTree tree = tree_of(4, {{2}, {3, 1, 0, 2}});
  EXPECT_EQ(tree.to_string(), "(0 1 2 3)");
}

TEST(PqTree, GroupsASetBelowAPNode) {  // template P2
  EXPECT_EQ(tree_of(5, {{1, 3}}).to_string(), "(0 2 4 (3 1))");
}

TEST(PqTree, ChainsOverlappingSetsInAQNode) {  // P3, P4
  const PqTree tree = tree_of(4, {{0, 1}, {1, 2}});
  EXPECT_EQ(tree.order_count(), 4U);
  EXPECT_EQ(tree.to_string(), "(3 [0 1 2])");
}

TEST(PqTree, JoinsTwoPartialChildren) {  // P6
  const PqTree tree = tree_of(6, {{0, 1}, {2, 3}, {1, 2}});
  EXPECT_EQ(tree.to_string(), "(4 5 [0 1 2 3])");
}

TEST(PqTree, ExtendsAQNodeInItsMiddle) {  // Q3, the Q-node has no name
  PqTree tree = tree_of(6, {{0, 1}, {1, 2}, {2, 3}, {3, 4}});
  EXPECT_EQ(tree.to_string(), "(5 [0 1 2 3 4])");
  EXPECT_TRUE(tree.reduce(Set{1, 2, 3}));
  EXPECT_EQ(tree.to_string(), "(5 [0 1 2 3 4])");
  tree.verify();
}

TEST(PqTree, KeepsWhatIsFreeInsideAQNode) {
  const PqTree tree = tree_of(6, {{0, 1, 2}, {1, 2, 3, 4}});
  EXPECT_EQ(tree.order_count(), 16U);  // 2 (1 2), 2 (3 4), 2 for the Q-node, 2 with leaf 5
  EXPECT_EQ(tree.to_string(), "(5 [0 (2 1) (4 3)])");
}

TEST(PqTree, StaysAsItWasWhenASetIsImpossible) {
  PqTree tree = tree_of(5, {{0, 1}, {1, 2}, {3, 4}});
  const std::string before = tree.to_string();
  EXPECT_FALSE(tree.reduce(Set{0, 2}));
  EXPECT_FALSE(tree.reduce(Set{1, 3}));
  EXPECT_EQ(tree.to_string(), before);
  tree.verify();
  EXPECT_TRUE(tree.reduce(Set{2, 3}));
  EXPECT_EQ(tree.to_string(), "[0 1 2 3 4]");
}

TEST(PqTree, TellsWhereASetLies) {
  const PqTree tree = tree_of(7, {{0, 1}, {1, 2}, {2, 3}, {4, 5}});
  const PqTree::Subtree middle = tree.subtree(Set{1, 2});
  EXPECT_EQ(tree.kind(middle.node), PqTree::Kind::q);
  EXPECT_EQ(middle.first, 1U);
  EXPECT_EQ(middle.count, 2U);
  const PqTree::Subtree pair = tree.subtree(Set{5, 4});
  EXPECT_EQ(tree.kind(pair.node), PqTree::Kind::p);
  EXPECT_EQ(pair.count, 2U);
  EXPECT_EQ(tree.subtree(Set{0, 6}).node, tree.root());
  EXPECT_EQ(tree.subtree(Set{3}).node, 3U);
  EXPECT_EQ(tree.leaves_below(middle.node), (Set{0, 1, 2, 3}));
}

TEST(PqTree, CountsOrdersUpToTheLargestNumber) {
  EXPECT_EQ(PqTree(20).order_count(), 2432902008176640000U);
  EXPECT_EQ(PqTree(21).order_count(), ~std::uint64_t{0});
}

// A long chain is n reduces of 2 leaves; each must find its Q-node without walking along it.
TEST(PqTree, TakesOperationsInProportionToTheSets) {
  static constexpr std::uint32_t kLeaves = 50000;
  PqTree tree(kLeaves);
  for (std::uint32_t leaf = 0; leaf + 1 < kLeaves; ++leaf) {
    ASSERT_TRUE(tree.reduce(Set{leaf, leaf + 1}));
  }
  EXPECT_EQ(tree.order_count(), 2U);
  EXPECT_LT(tree.operations(), 40U * 3 * kLeaves);
  const std::uint64_t before = tree.operations();
  ASSERT_TRUE(tree.reduce(Set{kLeaves / 2, kLeaves / 2 + 1, kLeaves / 2 - 1}));
  ASSERT_FALSE(tree.reduce(Set{kLeaves / 3, kLeaves / 2}));
  EXPECT_LT(tree.operations() - before, 100U);
}

TEST(PqTree, TakesOperationsInProportionToNestedSets) {
  static constexpr std::uint32_t kLeaves = 400;
  PqTree tree(kLeaves);
  std::uint64_t total = kLeaves;
  Set set(2);
  std::iota(set.begin(), set.end(), 0U);
  while (set.size() < kLeaves) {
    total += set.size();
    ASSERT_TRUE(tree.reduce(set));
    set.push_back(static_cast<std::uint32_t>(set.size()));
  }
  tree.verify();
  EXPECT_LT(tree.operations(), 20 * total);
}

TEST(PqTreeErrors, RefuseNoLeaves) {
  EXPECT_EQ(test::message_of<base::UsageError>([] { const PqTree tree(0); }),
            "[PQ tree] leaves: got 0, expected at least 1");
}

TEST(PqTreeErrors, RefuseAnEmptySet) {
  EXPECT_EQ(test::message_of<base::UsageError>([] { PqTree(3).reduce({}); }),
            "[PqTree::reduce] size of a set: got 0, expected at least one leaf");
}

TEST(PqTreeErrors, RefuseALeafThatDoesNotExist) {
  EXPECT_EQ(test::message_of<base::UsageError>([] {
              PqTree(3).reduce(Set{0, 3});
            }),
            "[PqTree::reduce] leaf: got 3, expected less than 3");
}

TEST(PqTreeErrors, RefuseALeafNamedTwiceAndKeepTheTree) {
  PqTree tree(4);
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              tree.reduce(Set{1, 2, 1});
            }),
            "[PqTree::reduce] leaf of a set: got 1 twice");
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              (void)tree.subtree(Set{2, 2});
            }),
            "[PqTree::subtree] leaf of a set: got 2 twice");
  EXPECT_TRUE(tree.reduce(Set{1, 2}));
  tree.verify();
}

}  // namespace
}  // namespace sheaf::memory_plan
