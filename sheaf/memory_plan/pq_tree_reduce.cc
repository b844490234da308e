// SPDX-License-Identifier: Apache-2.0
//
// The reduce of a PQ tree, as Booth and Lueker describe it (1976, section 4): bubble() marks the
// pruned pertinent subtree from the leaves up, match() then replaces each of its nodes by one of
// the templates L1, P1 to P6, Q1 to Q3. What is ours: a journal of the nodes that were written,
// from which a reduce that fails restores the tree.
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/memory_plan/pq_tree.h"

namespace sheaf::memory_plan {

class PqTree::Reduction {
 public:
  Reduction(PqTree& tree, std::span<const std::uint32_t> set)
      : tree_(tree), set_(set), pseudo_(tree.leaves_ + 1), root_before_(tree.root_) {
    ++tree_.reduces_;
  }

  // The leaves of the set, one after the other. False when one was named before.
  bool name(NodeId leaf) { return std::exchange(scratch(leaf).mark, Mark::queued) == Mark::none; }

  bool run() {
    const bool possible = bubble() && match_all();
    if (possible) {
      give_back(dead_);
    } else {
      for (const auto& [id, node] : journal_) tree_.nodes_[id] = node;
      tree_.root_ = root_before_;
      give_back(born_);
    }
    return possible;
  }

 private:
  // ---- access

  [[nodiscard]] const Node& node(NodeId id) const { return tree_.nodes_[id]; }

  Scratch& scratch(NodeId id) {
    Scratch& scratch = tree_.scratch_[id];
    if (scratch.reduce != tree_.reduces_) scratch = {.reduce = tree_.reduces_};
    return scratch;
  }
  [[nodiscard]] Mark mark(NodeId id) { return scratch(id).mark; }
  [[nodiscard]] Label label(NodeId id) { return scratch(id).label; }

  // A node that is about to be written.
  Node& edit(NodeId id) {
    ++tree_.operations_;
    Scratch& known = scratch(id);
    if (!known.saved) journal_.emplace_back(id, tree_.nodes_[id]);
    known.saved = true;
    return tree_.nodes_[id];
  }

  NodeId make(Kind kind) {
    NodeId id;
    if (tree_.free_.empty()) {
      id = static_cast<NodeId>(tree_.nodes_.size());
      tree_.nodes_.emplace_back();
      tree_.scratch_.emplace_back();
    } else {
      id = tree_.free_.back();
      tree_.free_.pop_back();
    }
    tree_.nodes_[id] = {.kind = kind};
    tree_.scratch_[id] = {.reduce = tree_.reduces_, .saved = true};
    born_.push_back(id);
    return id;
  }

  void give_back(const std::vector<NodeId>& nodes) {
    tree_.free_.insert(tree_.free_.end(), nodes.begin(), nodes.end());
  }

  // ---- the pertinent subtree

  [[nodiscard]] bool is_inner(NodeId id) const {
    const Node& self = node(id);
    return self.in_q && self.sibling[0] != kNone && self.sibling[1] != kNone;
  }

  // Gives every node that is on the way from the set to the pertinent root its parent and its
  // number of pertinent children. An inner child of a Q-node is blocked until a neighbour knows the
  // parent. False when blocked runs remain that are separate: the set cannot be consecutive. When
  // exactly one remains, its Q-node is the pertinent root; it is not named, and `pseudo_` stands
  // for it.
  bool bubble() {
    queue_.assign(set_.begin(), set_.end());
    std::size_t head = 0;
    while (queue_.size() - head + blocks_ + (off_the_top_ ? 1 : 0) > 1) {
      if (head == queue_.size()) return false;
      visit(queue_[head++]);
    }
    if (blocks_ == 0) return true;
    for (const NodeId id : blocked_) {
      if (mark(id) != Mark::blocked) continue;
      tree_.nodes_[id].parent = pseudo_;
      ++scratch(pseudo_).pertinent_children;
    }
    return true;
  }

  void visit(NodeId id) {
    ++tree_.operations_;
    bool knows_parent = !is_inner(id);
    NodeId parent = node(id).parent;
    std::size_t blocked_neighbours = 0;
    if (node(id).in_q) {
      for (const NodeId sibling : node(id).sibling) {
        if (sibling == kNone) continue;
        if (mark(sibling) == Mark::blocked) ++blocked_neighbours;
        if (mark(sibling) == Mark::unblocked && !knows_parent) {
          parent = node(sibling).parent;
          knows_parent = true;
        }
      }
    }
    if (!knows_parent) {
      scratch(id).mark = Mark::blocked;
      blocked_.push_back(id);
      blocks_ = blocks_ + 1 - blocked_neighbours;
      return;
    }
    unblock(id, parent);
    blocks_ -= blocked_neighbours;
    for (const NodeId sibling : node(id).sibling) {
      NodeId before = id;
      for (NodeId z = sibling; node(id).in_q && z != kNone && mark(z) == Mark::blocked;) {
        unblock(z, parent);
        before = std::exchange(z, tree_.beyond(z, before));
      }
    }
    if (parent == kNone) {
      off_the_top_ = true;
    } else if (mark(parent) == Mark::none) {
      scratch(parent).mark = Mark::queued;
      queue_.push_back(parent);
    }
  }

  void unblock(NodeId id, NodeId parent) {
    ++tree_.operations_;
    scratch(id).mark = Mark::unblocked;
    tree_.nodes_[id].parent = parent;  // not in the journal: what was there was the same, or stale
    if (parent != kNone) ++scratch(parent).pertinent_children;
  }

  // ---- templates

  bool match_all() {
    queue_.assign(set_.begin(), set_.end());
    for (const std::uint32_t leaf : set_) scratch(leaf).pertinent_leaves = 1;
    for (std::size_t head = 0; head < queue_.size(); ++head) {
      const NodeId id = queue_[head];
      const std::uint32_t leaves = scratch(id).pertinent_leaves;
      const bool is_root = leaves == set_.size();
      const NodeId parent = node(id).parent;
      const NodeId matched = match(id, is_root);
      if (matched == kNone) return false;
      if (is_root) return true;
      if (!report(matched, parent)) return false;
      Scratch& above = scratch(parent);
      above.pertinent_leaves += leaves;
      if (--above.pertinent_children == 0) queue_.push_back(parent);
    }
    throw base::InternalError({.place = "PQ tree", .what = "a reduce found no pertinent root"});
  }

  // A parent learns that a child is full or partial. No template takes more than two partial ones.
  bool report(NodeId child, NodeId parent) {
    Scratch& above = scratch(parent);
    if (label(child) == Label::full) {
      scratch(child).next_full = std::exchange(above.first_full, child);
      ++above.full_count;
      return true;
    }
    if (above.partial_count == 2) return false;
    above.partial[above.partial_count++] = child;
    return true;
  }

  // The node that stands in the place of `id` afterwards, or none when no template fits. A partial
  // node is a Q-node with its full children at one end.
  NodeId match(NodeId id, bool is_root) {
    ++tree_.operations_;
    if (id != pseudo_ && node(id).kind == Kind::leaf) {
      scratch(id).label = Label::full;  // L1
      return id;
    }
    if (id == pseudo_ || node(id).kind == Kind::q) return match_q(id, is_root);
    if (scratch(id).full_count == node(id).children) {
      scratch(id).label = Label::full;  // P1
      return id;
    }
    if (scratch(id).partial_count > (is_root ? 2U : 1U)) return kNone;
    return is_root ? match_p_root(id) : match_p(id);
  }

  // P2, P4, P6: the full children come together, between the full ends of the partial ones.
  NodeId match_p_root(NodeId id) {
    const Scratch known = scratch(id);
    const NodeId full = take_full(id);
    if (known.partial_count == 0) {
      append(id, full);  // P2
      return id;
    }
    const NodeId first = known.partial[0];
    if (full != kNone) attach(first, full);
    if (known.partial_count == 2) {
      const NodeId second = known.partial[1];
      take(id, second);
      join(first, second);
    }
    if (node(id).children > 1) return id;
    take(id, first);
    replace(id, first);
    dead_.push_back(id);
    return first;
  }

  // P3, P5: a Q-node with the empty children at one end and the full ones at the other.
  NodeId match_p(NodeId id) {
    const bool has_partial = scratch(id).partial_count == 1;
    const NodeId full = take_full(id);
    NodeId q;
    if (has_partial) {
      q = scratch(id).partial[0];
      take(id, q);
    } else {
      q = make(Kind::q);
    }
    replace(id, q);
    const NodeId empty = rest_of(id);
    if (!has_partial) {
      Node& self = edit(q);
      self.ends = {empty, full};
      place_in_q(empty, q, {kNone, full});
      place_in_q(full, q, {empty, kNone});
    } else {
      if (full != kNone) attach(q, full);
      if (empty != kNone) attach(q, empty);
    }
    scratch(q).label = Label::partial;
    return q;
  }

  // Q1, Q2, Q3: the pertinent children must form one run with partial ones at its ends only; below
  // the root, a run with a full child, or the full end of a partial one, at an end of the chain.
  NodeId match_q(NodeId id, bool is_root) {
    const Scratch known = scratch(id);
    const NodeId start = known.first_full != kNone ? known.first_full : known.partial[0];
    std::array<NodeId, 2> tip = {start, start};
    std::array<NodeId, 2> outside{};
    std::uint32_t count = 1;
    for (std::size_t side = 0; side < 2; ++side) {
      NodeId before = start;
      NodeId at = node(start).sibling[side];
      for (; at != kNone && label(at) != Label::empty; ++count, ++tree_.operations_) {
        tip[side] = at;
        before = std::exchange(at, tree_.beyond(at, before));
      }
      outside[side] = at;
    }
    if (count != known.full_count + known.partial_count) return kNone;
    for (std::uint32_t i = 0; i < known.partial_count; ++i) {
      if (known.partial[i] != tip[0] && known.partial[i] != tip[1]) return kNone;
    }
    if (known.partial_count == 0 && outside[0] == kNone && outside[1] == kNone) {
      scratch(id).label = Label::full;  // Q1
      return id;
    }
    if (is_root) {
      for (std::size_t side = 0; side < 2; ++side) {
        if (label(tip[side]) == Label::partial) dissolve(id, tip[side], outside[side]);
      }
      return id;
    }
    return match_q_below_root(id, tip, outside, count);
  }

  NodeId match_q_below_root(NodeId id, const std::array<NodeId, 2>& tip,
                            const std::array<NodeId, 2>& outside, std::uint32_t count) {
    if (scratch(id).partial_count > 1) return kNone;
    const auto fits = [&](std::size_t side) {
      return outside[side] == kNone && (count == 1 || label(tip[side]) == Label::full);
    };
    if (!fits(0) && !fits(1)) return kNone;
    const std::size_t inward = fits(0) ? 1 : 0;
    if (label(tip[inward]) == Label::partial) dissolve(id, tip[inward], outside[inward]);
    scratch(id).label = Label::partial;
    return id;
  }

  // ---- chains

  void relink(NodeId id, NodeId from, NodeId to) {
    auto& sibling = edit(id).sibling;
    (sibling[0] == from ? sibling[0] : sibling[1]) = to;
  }

  void place_in_q(NodeId id, NodeId parent, std::array<NodeId, 2> sibling) {
    Node& self = edit(id);
    self.in_q = true;
    self.parent = parent;
    self.sibling = sibling;
  }

  // The end of a partial node's chain that is full, or the one that is not: 0 or 1.
  std::size_t end_of(NodeId partial, bool full) {
    return (label(node(partial).ends[0]) == Label::full) == full ? 0 : 1;
  }

  // Puts a full node after the full end of a partial one, an empty node before the empty end.
  void attach(NodeId partial, NodeId id) {
    const std::size_t side = end_of(partial, label(id) == Label::full);
    const NodeId end = std::exchange(edit(partial).ends[side], id);
    relink(end, kNone, id);
    place_in_q(id, partial, {end, kNone});
  }

  // The full ends of two partial nodes meet; the second is gone.
  void join(NodeId first, NodeId second) {
    const std::size_t first_side = end_of(first, true);
    const std::size_t second_side = end_of(second, true);
    const NodeId a = node(first).ends[first_side];
    const NodeId b = node(second).ends[second_side];
    const NodeId far = node(second).ends[1 - second_side];
    relink(a, kNone, b);
    relink(b, kNone, a);
    edit(far).parent = first;
    edit(first).ends[first_side] = far;
    dead_.push_back(second);
  }

  // Puts the children of a partial child into the chain in its place, its empty end towards
  // `outside`, which is one of its neighbours, or none.
  void dissolve(NodeId id, NodeId partial, NodeId outside) {
    const NodeId inside = tree_.beyond(partial, outside);
    const NodeId empty = node(partial).ends[end_of(partial, false)];
    const NodeId full = node(partial).ends[end_of(partial, true)];
    for (const auto& [end, neighbour] : {std::pair{empty, outside}, std::pair{full, inside}}) {
      if (neighbour == kNone) {
        auto& ends = edit(id).ends;
        (ends[0] == partial ? ends[0] : ends[1]) = end;
        edit(end).parent = id;
      } else {
        relink(neighbour, partial, end);
        relink(end, kNone, neighbour);
      }
    }
    dead_.push_back(partial);
  }

  // Takes a child out of a P-node.
  void take(NodeId parent, NodeId child) {
    const auto sibling = node(child).sibling;
    Node& above = edit(parent);
    for (std::size_t side = 0; side < 2; ++side) {
      const NodeId other = sibling[1 - side];
      if (sibling[side] != kNone) relink(sibling[side], child, other);
    }
    for (NodeId& end : above.ends) {
      if (end == child) end = sibling[0] != kNone ? sibling[0] : sibling[1];
    }
    --above.children;
    Node& self = edit(child);
    self.parent = kNone;
    self.sibling = {kNone, kNone};
  }

  // Puts a child, which is nowhere, at the end of a P-node.
  void append(NodeId parent, NodeId child) {
    const NodeId last = node(parent).ends[1];
    if (last != kNone) relink(last, kNone, child);
    Node& self = edit(child);
    self.in_q = false;
    self.parent = parent;
    self.sibling = {last, kNone};
    Node& above = edit(parent);
    above.ends[1] = child;
    if (last == kNone) above.ends[0] = child;
    ++above.children;
  }

  // All full children of a P-node, taken out of it: one of them by itself, several below a new
  // P-node, or none.
  NodeId take_full(NodeId id) {
    const std::uint32_t count = scratch(id).full_count;
    NodeId child = scratch(id).first_full;
    if (count == 0) return kNone;
    if (count == 1) {
      take(id, child);
      return child;
    }
    const NodeId group = make(Kind::p);
    scratch(group).label = Label::full;
    while (child != kNone) {
      take(id, child);
      append(group, child);
      child = scratch(child).next_full;
    }
    return group;
  }

  // What is left of a P-node that stands nowhere: itself, its only child, or none.
  NodeId rest_of(NodeId id) {
    if (node(id).children > 1) return id;
    dead_.push_back(id);
    if (node(id).children == 0) return kNone;
    const NodeId child = node(id).ends[0];
    take(id, child);
    return child;
  }

  // `by`, which is nowhere, takes the place of `id`, which is nowhere afterwards.
  void replace(NodeId id, NodeId by) {
    const Node old = node(id);
    Node& self = edit(by);
    self.in_q = old.in_q;
    self.parent = old.parent;
    self.sibling = old.sibling;
    for (const NodeId sibling : old.sibling) {
      if (sibling != kNone) relink(sibling, id, by);
    }
    if (tree_.root_ == id) {
      tree_.root_ = by;
    } else if (!is_inner(by)) {
      for (NodeId& end : edit(old.parent).ends) {
        if (end == id) end = by;
      }
    }
    Node& gone = edit(id);
    gone.parent = kNone;
    gone.sibling = {kNone, kNone};
  }

  PqTree& tree_;
  std::span<const std::uint32_t> set_;
  NodeId pseudo_;
  NodeId root_before_;
  std::vector<NodeId> queue_;
  std::vector<NodeId> blocked_;  // every node that was blocked at some time
  std::size_t blocks_ = 0;       // runs of neighbours that are blocked
  bool off_the_top_ = false;
  std::vector<std::pair<NodeId, Node>> journal_;
  std::vector<NodeId> born_, dead_;
};

bool PqTree::reduce(std::span<const std::uint32_t> set) {
  static constexpr const char* kPlace = "PqTree::reduce";
  require_leaves(set, kPlace);
  Reduction reduction(*this, set);
  for (const std::uint32_t leaf : set) {
    if (!reduction.name(leaf)) refuse_twice(leaf, kPlace);
  }
  return set.size() == 1 || set.size() == leaves_ || reduction.run();
}

}  // namespace sheaf::memory_plan
