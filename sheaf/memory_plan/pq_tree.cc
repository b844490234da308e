// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/pq_tree.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::memory_plan {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
  return b != 0 && a > kMost / b ? kMost : a * b;
}

}  // namespace

// Node `leaves` is the root of more than one leaf; the one after it stands for a Q-node that a
// reduce cannot name (see Reduction::bubble) and is never in the tree.
PqTree::PqTree(std::uint32_t leaves)
    : leaves_(leaves), root_(leaves), nodes_(std::size_t{leaves} + 2), scratch_(nodes_.size()) {
  if (leaves == 0) {
    throw base::UsageError(
        {.place = "PQ tree", .what = "leaves", .got = "0", .expected = "at least 1"});
  }
  if (leaves == 1) {
    root_ = 0;
    free_.push_back(1);
    return;
  }
  for (NodeId leaf = 0; leaf < leaves; ++leaf) {
    nodes_[leaf].parent = root_;
    nodes_[leaf].sibling = {leaf == 0 ? kNone : leaf - 1, leaf + 1 == leaves ? kNone : leaf + 1};
  }
  nodes_[root_].kind = Kind::p;
  nodes_[root_].ends = {0, leaves - 1};
  nodes_[root_].children = leaves;
}

void PqTree::require_leaves(std::span<const std::uint32_t> set, const char* place) const {
  if (set.empty()) {
    throw base::UsageError(
        {.place = place, .what = "size of a set", .got = "0", .expected = "at least one leaf"});
  }
  for (const std::uint32_t leaf : set) {
    if (leaf < leaves_) continue;
    throw base::UsageError({.place = place,
                            .what = "leaf",
                            .got = std::to_string(leaf),
                            .expected = "less than " + std::to_string(leaves_)});
  }
}

void PqTree::refuse_twice(std::uint32_t leaf, const char* place) {
  throw base::UsageError(
      {.place = place, .what = "leaf of a set", .got = std::to_string(leaf) + " twice"});
}

PqTree::NodeId PqTree::beyond(NodeId node, NodeId before) const {
  const auto& sibling = nodes_[node].sibling;
  return sibling[0] == before ? sibling[1] : sibling[0];
}

std::vector<PqTree::NodeId> PqTree::children(NodeId node) const {
  std::vector<NodeId> result;
  NodeId before = kNone;
  for (NodeId child = nodes_[node].ends[0]; child != kNone;) {
    result.push_back(child);
    const NodeId next = beyond(child, before);
    before = child;
    child = next;
  }
  return result;
}

std::vector<std::uint32_t> PqTree::leaves_below(NodeId node) const {
  std::vector<std::uint32_t> leaves;
  std::vector<NodeId> stack = {node};
  while (!stack.empty()) {
    const NodeId top = stack.back();
    stack.pop_back();
    if (kind(top) == Kind::leaf) leaves.push_back(top);
    const std::vector<NodeId> below = children(top);
    stack.insert(stack.end(), below.rbegin(), below.rend());
  }
  return leaves;
}

std::vector<std::uint32_t> PqTree::frontier() const { return leaves_below(root_); }

std::uint64_t PqTree::order_count() const {
  std::uint64_t count = 1;
  std::vector<NodeId> stack = {root_};
  while (!stack.empty()) {
    const NodeId top = stack.back();
    stack.pop_back();
    const std::vector<NodeId> below = children(top);
    stack.insert(stack.end(), below.begin(), below.end());
    if (kind(top) == Kind::q) count = saturating_product(count, 2);
    if (kind(top) != Kind::p) continue;
    for (std::uint64_t k = 2; k <= below.size(); ++k) count = saturating_product(count, k);
  }
  return count;
}

PqTree::Subtree PqTree::subtree(std::span<const std::uint32_t> set) const {
  static constexpr const char* kPlace = "PqTree::subtree";
  require_leaves(set, kPlace);
  // Nodes before their children, and in reverse the leaves of the set are counted upwards.
  std::vector<NodeId> order = {root_};
  std::vector<NodeId> parent(nodes_.size(), kNone);
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (const NodeId child : children(order[i])) {
      parent[child] = order[i];
      order.push_back(child);
    }
  }
  std::vector<std::size_t> count(nodes_.size(), 0);
  for (const std::uint32_t leaf : set) {
    if (std::exchange(count[leaf], 1) == 1) refuse_twice(leaf, kPlace);
  }
  NodeId node = kNone;
  for (std::size_t i = order.size(); i-- > 0 && node == kNone;) {
    if (count[order[i]] == set.size()) node = order[i];
    if (parent[order[i]] != kNone) count[parent[order[i]]] += count[order[i]];
  }
  const std::vector<NodeId> below = children(node);
  Subtree result{node, 0, static_cast<std::uint32_t>(below.size())};
  if (kind(node) != Kind::q) return result;
  const auto holds = [&](NodeId child) { return count[child] > 0; };
  const auto first = std::find_if(below.begin(), below.end(), holds);
  const auto last = std::find_if(below.rbegin(), below.rend(), holds).base();
  result.first = static_cast<std::uint32_t>(first - below.begin());
  result.count = static_cast<std::uint32_t>(last - first);
  return result;
}

std::string PqTree::to_string() const {
  std::string text;
  struct Item {
    NodeId node;
    char close;  // what closes a node whose children are done, or 0
  };
  std::vector<Item> stack = {{root_, 0}};
  while (!stack.empty()) {
    const Item top = stack.back();
    stack.pop_back();
    if (top.close != 0) {
      text += top.close;
      continue;
    }
    if (!text.empty() && text.back() != '(' && text.back() != '[') text += ' ';
    if (kind(top.node) == Kind::leaf) {
      text += std::to_string(top.node);
      continue;
    }
    const bool is_p = kind(top.node) == Kind::p;
    text += is_p ? '(' : '[';
    stack.push_back({kNone, is_p ? ')' : ']'});
    const std::vector<NodeId> below = children(top.node);
    for (auto it = below.rbegin(); it != below.rend(); ++it) stack.push_back({*it, 0});
  }
  return text;
}

void PqTree::verify_children(NodeId node) const {
  const auto holds = [](bool condition, const char* what) {
    base::check(condition, "PQ tree", what);
  };
  const Node& self = nodes_[node];
  const std::vector<NodeId> below = children(node);
  if (self.kind == Kind::leaf) return holds(below.empty(), "a leaf has children");
  const bool is_q = self.kind == Kind::q;
  holds(below.size() >= (is_q ? 3U : 2U), "a node has too few children");
  holds(is_q || below.size() == self.children, "the count of a P-node's children is wrong");
  holds(below.back() == self.ends[1], "a chain does not end where its node says");
  for (std::size_t i = 0; i < below.size(); ++i) {
    const Node& child = nodes_[below[i]];
    const bool inner = i > 0 && i + 1 < below.size();
    holds(child.in_q == is_q, "a child does not know its parent's kind");
    holds((is_q && inner) || child.parent == node, "a child does not know its parent");
    if (i == 0) continue;
    const auto& back = child.sibling;
    holds(back[0] == below[i - 1] || back[1] == below[i - 1], "a link leads one way only");
  }
}

void PqTree::verify() const {
  std::vector<bool> seen(nodes_.size(), false);
  std::vector<NodeId> stack = {root_};
  std::uint32_t leaves = 0;
  base::check(nodes_[root_].parent == kNone, "PQ tree", "the root has a parent");
  while (!stack.empty()) {
    const NodeId top = stack.back();
    stack.pop_back();
    base::check(!seen[top], "PQ tree", "a node is in the tree twice");
    seen[top] = true;
    if (top < leaves_) ++leaves;
    base::check((top < leaves_) == (kind(top) == Kind::leaf), "PQ tree", "a leaf has a wrong kind");
    verify_children(top);
    const std::vector<NodeId> below = children(top);
    stack.insert(stack.end(), below.begin(), below.end());
  }
  base::check(leaves == leaves_, "PQ tree", "a leaf is missing");
}

}  // namespace sheaf::memory_plan
