// SPDX-License-Identifier: Apache-2.0
//
// PQ trees against brute force over all orders, and against a dynamic programme.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "sheaf/base/rng.h"
#include "sheaf/memory_plan/pq_tree.h"
#include "tests/memory_plan/order_oracle.h"

namespace sheaf::memory_plan {
namespace {

using Order = std::vector<std::uint32_t>;

// Every frontier of the tree below `node`.
std::vector<Order> all_frontiers(const PqTree& tree, PqTree::NodeId node) {
  if (tree.kind(node) == PqTree::Kind::leaf) return {{node}};
  std::vector<PqTree::NodeId> children = tree.children(node);
  std::vector<std::vector<PqTree::NodeId>> arrangements;
  if (tree.kind(node) == PqTree::Kind::q) {
    arrangements = {children, {children.rbegin(), children.rend()}};
  } else {
    std::sort(children.begin(), children.end());
    do {
      arrangements.push_back(children);
    } while (std::next_permutation(children.begin(), children.end()));
  }
  std::vector<Order> result;
  for (const auto& arrangement : arrangements) {
    std::vector<Order> prefixes = {{}};
    for (const PqTree::NodeId child : arrangement) {
      std::vector<Order> longer;
      for (const Order& tail : all_frontiers(tree, child)) {
        for (Order prefix : prefixes) {
          prefix.insert(prefix.end(), tail.begin(), tail.end());
          longer.push_back(std::move(prefix));
        }
      }
      prefixes = std::move(longer);
    }
    result.insert(result.end(), prefixes.begin(), prefixes.end());
  }
  return result;
}

// All orders of n leaves, and for each set which of them keep it together.
class BruteForce {
 public:
  explicit BruteForce(std::uint32_t leaves) : permitted_(std::size_t{1} << leaves) {
    Order order(leaves);
    std::iota(order.begin(), order.end(), 0U);
    do {
      orders_.push_back(order);
    } while (std::next_permutation(order.begin(), order.end()));
    for (std::uint32_t set = 1; set < permitted_.size(); ++set) {
      permitted_[set].reserve(orders_.size());
      for (const Order& o : orders_) permitted_[set].push_back(test::is_consecutive(o, set));
    }
  }
  [[nodiscard]] const std::vector<Order>& orders() const { return orders_; }
  // Indices of those of `from` that keep `set` together.
  [[nodiscard]] std::vector<std::uint32_t> keep(const std::vector<std::uint32_t>& from,
                                                std::uint32_t set) const {
    std::vector<std::uint32_t> kept;
    for (const std::uint32_t i : from) {
      if (permitted_[set][i]) kept.push_back(i);
    }
    return kept;
  }

 private:
  std::vector<Order> orders_;
  std::vector<std::vector<bool>> permitted_;
};

// Mostly neighbours in a hidden order, so that many sets fit together; some of any leaves.
std::uint32_t random_set(base::Rng& rng, const Order& hidden) {
  const auto leaves = static_cast<std::uint32_t>(hidden.size());
  std::uint32_t set = 0;
  if (rng.below(2) == 0) {
    while (set == 0) set = rng.below(1U << leaves);
    return set;
  }
  const auto first = rng.below(leaves);
  const auto count = 1 + rng.below(leaves - first);
  for (std::uint32_t i = first; i < first + count; ++i) set |= 1U << hidden[i];
  return set;
}

void shuffle(base::Rng& rng, Order& order) {
  for (auto i = static_cast<std::uint32_t>(order.size()); i > 1; --i) {
    std::swap(order[i - 1], order[rng.below(i)]);
  }
}

Order shuffled(base::Rng& rng, std::uint32_t leaves) {
  Order order(leaves);
  std::iota(order.begin(), order.end(), 0U);
  shuffle(rng, order);
  return order;
}

// The leaves of a set in random order.
Order as_leaves(base::Rng& rng, std::uint32_t set) {
  Order leaves = test::leaves_of(set);
  shuffle(rng, leaves);
  return leaves;
}

TEST(PqTreeRandom, AgreesWithEveryOrderOnAHundredThousandSets) {
  base::Rng rng(1);
  std::map<std::uint32_t, BruteForce> forces;
  for (std::uint32_t n = 2; n <= 7; ++n) forces.emplace(n, n);
  std::size_t sets = 0;
  std::size_t refused = 0;
  std::size_t compared = 0;
  while (sets < 100000) {
    const auto n = 2 + rng.below(6);
    const BruteForce& force = forces.at(n);
    const Order hidden = shuffled(rng, n);
    PqTree tree(n);
    std::vector<std::uint32_t> left(force.orders().size());
    std::iota(left.begin(), left.end(), 0U);
    for (int round = 0; round < 8; ++round, ++sets) {
      const std::uint32_t set = random_set(rng, hidden);
      const std::vector<std::uint32_t> kept = force.keep(left, set);
      const std::string before = tree.to_string();
      ASSERT_EQ(tree.reduce(as_leaves(rng, set)), !kept.empty()) << before << " set " << set;
      tree.verify();
      if (kept.empty()) {
        ++refused;
        ASSERT_EQ(tree.to_string(), before);
        continue;
      }
      left = kept;
      ASSERT_EQ(tree.order_count(), left.size()) << before << " set " << set;
      if (left.size() > 200 && rng.below(20) != 0) continue;
      ++compared;
      const std::vector<Order> frontiers = all_frontiers(tree, tree.root());
      std::set<Order> wanted;
      for (const std::uint32_t i : left) wanted.insert(force.orders()[i]);
      ASSERT_EQ(std::set<Order>(frontiers.begin(), frontiers.end()), wanted);
    }
  }
  // The sample is worth something: sets of both kinds, and most trees compared order by order.
  EXPECT_GT(refused, 10000U);
  EXPECT_GT(compared, 50000U);
}

TEST(PqTreeRandom, CountsAsManyOrdersAsTheDynamicProgramme) {
  base::Rng rng(2);
  std::size_t refused = 0;
  for (int sequence = 0; sequence < 300; ++sequence) {
    const auto n = 8 + rng.below(5);
    const Order hidden = shuffled(rng, n);
    PqTree tree(n);
    std::vector<std::uint32_t> accepted;
    for (int round = 0; round < 10; ++round) {
      accepted.push_back(random_set(rng, hidden));
      const std::uint64_t orders = test::count_orders(n, accepted);
      const std::string before = tree.to_string();
      ASSERT_EQ(tree.reduce(as_leaves(rng, accepted.back())), orders > 0) << before;
      tree.verify();
      if (orders == 0) {
        ++refused;
        accepted.pop_back();
        ASSERT_EQ(tree.to_string(), before);
      } else {
        ASSERT_EQ(tree.order_count(), orders) << before;
        for (const std::uint32_t set : accepted) {
          ASSERT_TRUE(test::is_consecutive(tree.frontier(), set));
        }
      }
    }
  }
  EXPECT_GT(refused, 300U);
}

// A wide tree with many levels: intervals of a hidden order always fit, and cost in all what the
// bound says.
TEST(PqTreeRandom, IntervalsOfAHiddenOrderCostInProportion) {
  base::Rng rng(3);
  static constexpr std::uint32_t kLeaves = 20000;
  const Order hidden = shuffled(rng, kLeaves);
  PqTree tree(kLeaves);
  std::uint64_t total = kLeaves;
  for (int round = 0; round < 30000; ++round) {
    const auto size = 2 + rng.below(round % 100 == 0 ? 500 : 12);
    const std::uint64_t first = rng.below(kLeaves - size);
    total += size;
    const std::span<const std::uint32_t> set(hidden.data() + first, size);
    ASSERT_TRUE(tree.reduce(set));
  }
  tree.verify();
  EXPECT_LT(tree.operations(), 20 * total);
}

}  // namespace
}  // namespace sheaf::memory_plan
