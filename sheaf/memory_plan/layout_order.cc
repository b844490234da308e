// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/layout_order.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "sheaf/memory_plan/node_orders.h"
#include "sheaf/memory_plan/pq_tree.h"

namespace sheaf::memory_plan {
namespace {

using Positions = std::vector<std::uint32_t>;  // in a vector of a batch, sorted

// The batches that are laid out, and the tree that permits only orders in which they are.
class Planner {
 public:
  Planner(std::uint32_t variables, std::span<const LayoutBatch> batches)
      : batches_(batches), tree_(variables) {}

  bool add(std::size_t batch) {
    PqTree before = tree_;
    active_.push_back(batch);
    if (make_adjacent(batches_[batch]) && broadcast_all() && align_all()) return true;
    active_.pop_back();
    tree_ = std::move(before);
    return false;
  }

  [[nodiscard]] std::vector<std::uint32_t> order() const {
    NodeOrders orders(tree_);
    for (const std::size_t batch : active_) align(batches_[batch], orders);
    return orders.frontier();
  }

 private:
  // Pass 0.
  bool make_adjacent(const LayoutBatch& batch) {
    return std::all_of(batch.vectors.begin(), batch.vectors.end(),
                       [this](const auto& vector) { return tree_.reduce(vector); });
  }

  // BroadcastConstraint, until nothing changes. Ours: cells are small, so every batch is looked at
  // again and not only those whose subtrees have changed.
  bool broadcast_all() {
    for (std::string before; before != tree_.to_string();) {
      before = tree_.to_string();
      for (const std::size_t batch : active_) {
        if (!broadcast(batches_[batch])) return false;
      }
    }
    return true;
  }

  bool broadcast(const LayoutBatch& batch) {
    std::set<Positions> sets;
    for (const auto& vector : batch.vectors) collect(vector, sets);
    for (const Positions& set : sets) {
      for (const auto& vector : batch.vectors) {
        std::vector<std::uint32_t> leaves;
        for (const std::uint32_t position : set) leaves.push_back(vector[position]);
        if (!tree_.reduce(leaves)) return false;
      }
    }
    return true;
  }

  // What must be consecutive within a vector by the tree alone: the leaves below each P-node, and
  // those below each two neighbours of a Q-node.
  void collect(const std::vector<std::uint32_t>& vector, std::set<Positions>& sets) const {
    std::map<std::uint32_t, std::uint32_t> position;
    for (std::uint32_t i = 0; i < vector.size(); ++i) position[vector[i]] = i;
    const auto insert = [&](std::initializer_list<PqTree::NodeId> nodes) {
      Positions set;
      for (const PqTree::NodeId node : nodes) {
        for (const std::uint32_t leaf : tree_.leaves_below(node)) set.push_back(position.at(leaf));
      }
      std::sort(set.begin(), set.end());
      sets.insert(std::move(set));
    };
    const PqTree::Subtree top = tree_.subtree(vector);
    std::vector<PqTree::NodeId> all = tree_.children(top.node);
    std::vector<PqTree::NodeId> run(all.begin() + top.first, all.begin() + top.first + top.count);
    std::vector<std::pair<PqTree::NodeId, std::vector<PqTree::NodeId>>> stack = {{top.node, run}};
    while (!stack.empty()) {
      const auto [node, children] = std::move(stack.back());
      stack.pop_back();
      for (std::size_t i = 0; i < children.size(); ++i) {
        if (tree_.kind(node) == PqTree::Kind::q && i > 0) insert({children[i - 1], children[i]});
        if (tree_.kind(children[i]) == PqTree::Kind::leaf) continue;
        if (tree_.kind(children[i]) == PqTree::Kind::p) insert({children[i]});
        stack.emplace_back(children[i], tree_.children(children[i]));
      }
    }
  }

  // DecideNodesOrder.
  static bool align(const LayoutBatch& batch, NodeOrders& orders) {
    for (std::size_t i = 1; i < batch.vectors.size(); ++i) {
      if (!orders.align(batch.vectors[0], batch.vectors[i])) return false;
    }
    return true;
  }
  [[nodiscard]] bool align_all() const {
    NodeOrders orders(tree_);
    return std::all_of(active_.begin(), active_.end(),
                       [&](std::size_t batch) { return align(batches_[batch], orders); });
  }

  std::span<const LayoutBatch> batches_;
  PqTree tree_;
  std::vector<std::size_t> active_;
};

}  // namespace

LayoutOrder order_variables(std::uint32_t variables, std::span<const LayoutBatch> batches) {
  std::vector<std::size_t> dearest(batches.size());
  std::iota(dearest.begin(), dearest.end(), 0U);
  std::stable_sort(dearest.begin(), dearest.end(), [&](std::size_t a, std::size_t b) {
    return batches[a].copy_bytes > batches[b].copy_bytes;
  });
  Planner planner(variables, batches);
  LayoutOrder result;
  result.kept.assign(batches.size(), false);
  for (const std::size_t batch : dearest) result.kept[batch] = planner.add(batch);
  result.order = planner.order();
  return result;
}

bool is_laid_out(std::span<const std::uint32_t> order, const LayoutBatch& batch) {
  std::map<std::uint32_t, std::uint32_t> place;
  for (std::uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<Positions> shapes;
  for (const auto& vector : batch.vectors) {
    Positions offsets;
    for (const std::uint32_t variable : vector) offsets.push_back(place.at(variable));
    const auto [low, high] = std::minmax_element(offsets.begin(), offsets.end());
    const std::uint32_t first = *low;
    if (*high - first + 1 != vector.size()) return false;
    for (std::uint32_t& offset : offsets) offset -= first;
    shapes.push_back(std::move(offsets));
  }
  return std::adjacent_find(shapes.begin(), shapes.end(), std::not_equal_to<>()) == shapes.end();
}

}  // namespace sheaf::memory_plan
