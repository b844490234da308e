// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/node_orders.h"

#include <algorithm>
#include <numeric>

namespace sheaf::memory_plan {
namespace {

using Permutation = std::vector<std::uint32_t>;
using PositionMap = std::map<std::uint32_t, std::uint32_t>;

Permutation identity(std::size_t size) {
  Permutation result(size);
  std::iota(result.begin(), result.end(), 0U);
  return result;
}

// First `inner`, then `outer`.
Permutation compose(const Permutation& outer, const Permutation& inner) {
  Permutation result;
  for (const std::uint32_t i : inner) result.push_back(outer[i]);
  return result;
}

Permutation inverse(const Permutation& of) {
  Permutation result(of.size());
  for (std::uint32_t i = 0; i < of.size(); ++i) result[of[i]] = i;
  return result;
}

PositionMap positions_in(std::span<const std::uint32_t> vector) {
  PositionMap result;
  for (std::uint32_t i = 0; i < vector.size(); ++i) result[vector[i]] = i;
  return result;
}

}  // namespace

bool NodeOrders::only_turns(PqTree::NodeId node) const {
  return tree_.kind(node) == PqTree::Kind::q || tree_.children(node).size() == 2;
}

NodeOrders::Part NodeOrders::part_of(PqTree::NodeId node, std::vector<PqTree::NodeId> children,
                                     const PositionMap& position) const {
  Part part{node, only_turns(node), std::move(children), {}};
  for (const PqTree::NodeId child : part.children) {
    Positions positions;
    for (const std::uint32_t leaf : tree_.leaves_below(child)) {
      positions.push_back(position.at(leaf));
    }
    std::sort(positions.begin(), positions.end());
    part.positions.push_back(std::move(positions));
  }
  return part;
}

bool NodeOrders::align(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  const auto top = [&](std::span<const std::uint32_t> vector, const PositionMap& position) {
    const PqTree::Subtree subtree = tree_.subtree(vector);
    std::vector<PqTree::NodeId> children = tree_.children(subtree.node);
    const auto first = children.begin() + subtree.first;
    return part_of(subtree.node, {first, first + subtree.count}, position);
  };
  const PositionMap position_a = positions_in(a);
  const PositionMap position_b = positions_in(b);
  return align(top(a, position_a), top(b, position_b), position_a, position_b);
}

bool NodeOrders::align(const Part& a, const Part& b, const PositionMap& position_a,
                       const PositionMap& position_b) {
  const std::size_t count = a.children.size();
  if (b.children.size() != count || a.only_turns != b.only_turns) return false;
  if (count == 0) return true;
  Permutation a_to_b;
  for (const Positions& positions : a.positions) {
    const auto it = std::find(b.positions.begin(), b.positions.end(), positions);
    if (it == b.positions.end()) return false;
    a_to_b.push_back(static_cast<std::uint32_t>(it - b.positions.begin()));
  }
  Permutation demanded = a_to_b;
  if (a.only_turns) {
    const Permutation same = identity(count);
    const bool turned = a_to_b != same;
    if (turned && !std::equal(a_to_b.begin(), a_to_b.end(), same.rbegin())) return false;
    demanded = turned ? Permutation{1, 0} : Permutation{0, 1};
  }
  if (!unite(a.node, b.node, demanded)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const PqTree::NodeId child_a = a.children[i];
    const PqTree::NodeId child_b = b.children[a_to_b[i]];
    if (!align(part_of(child_a, tree_.children(child_a), position_a),
               part_of(child_b, tree_.children(child_b), position_b), position_a, position_b)) {
      return false;
    }
  }
  return true;
}

NodeOrders::Link NodeOrders::find(PqTree::NodeId node, std::size_t size) const {
  Link result{node, identity(size)};
  for (auto it = links_.find(result.to); it != links_.end(); it = links_.find(result.to)) {
    result = {it->second.to, compose(result.map, it->second.map)};
  }
  return result;
}

bool NodeOrders::unite(PqTree::NodeId a, PqTree::NodeId b, const Permutation& a_to_b) {
  const Link first_a = find(a, a_to_b.size());
  const Link first_b = find(b, a_to_b.size());
  const Permutation through_a = compose(a_to_b, first_a.map);
  if (first_a.to == first_b.to) return through_a == first_b.map;
  links_[first_b.to] = {first_a.to, compose(inverse(first_b.map), through_a)};
  return true;
}

// The order of a node that nothing binds: by the smallest leaf below each child.
NodeOrders::Permutation NodeOrders::natural(PqTree::NodeId node) const {
  std::vector<std::uint32_t> smallest;
  for (const PqTree::NodeId child : tree_.children(node)) {
    const auto leaves = tree_.leaves_below(child);
    smallest.push_back(*std::min_element(leaves.begin(), leaves.end()));
  }
  if (only_turns(node)) {
    return smallest.front() < smallest.back() ? Permutation{0, 1} : Permutation{1, 0};
  }
  Permutation result = identity(smallest.size());
  std::sort(result.begin(), result.end(),
            [&](std::uint32_t x, std::uint32_t y) { return smallest[x] < smallest[y]; });
  return result;
}

std::vector<PqTree::NodeId> NodeOrders::ordered_children(PqTree::NodeId node) const {
  std::vector<PqTree::NodeId> children = tree_.children(node);
  if (children.empty()) return children;
  const bool turns = only_turns(node);
  const Link first = find(node, turns ? 2 : children.size());
  const Permutation order = compose(first.map, natural(first.to));
  if (turns) {
    if (order[0] == 1) std::reverse(children.begin(), children.end());
    return children;
  }
  std::vector<PqTree::NodeId> result;
  for (const std::uint32_t i : order) result.push_back(children[i]);
  return result;
}

std::vector<std::uint32_t> NodeOrders::frontier() const {
  std::vector<std::uint32_t> leaves;
  std::vector<PqTree::NodeId> stack = {tree_.root()};
  while (!stack.empty()) {
    const PqTree::NodeId top = stack.back();
    stack.pop_back();
    if (tree_.kind(top) == PqTree::Kind::leaf) leaves.push_back(top);
    const std::vector<PqTree::NodeId> below = ordered_children(top);
    stack.insert(stack.end(), below.rbegin(), below.rend());
  }
  return leaves;
}

}  // namespace sheaf::memory_plan
