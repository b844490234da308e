// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/search/path_classes.h"

#include <algorithm>
#include <numeric>

namespace sheaf::batching {
namespace {

// The nodes of each connected part of a graph, ascending; the largest part first.
std::vector<std::vector<LocalId>> parts_of(const Dependencies& dependencies) {
  std::vector<LocalId> root(dependencies.size());
  std::iota(root.begin(), root.end(), 0U);
  const auto find = [&](LocalId v) {
    while (root[v] != v) v = root[v] = root[root[v]];
    return v;
  };
  for (LocalId v = 0; v < dependencies.size(); ++v) {
    for (const LocalId u : dependencies.producers(v)) {
      const LocalId a = find(u);
      const LocalId b = find(v);
      root[std::max(a, b)] = std::min(a, b);
    }
  }
  std::vector<std::vector<LocalId>> parts;
  std::vector<std::size_t> part(dependencies.size());
  for (LocalId v = 0; v < dependencies.size(); ++v) {
    const LocalId first = find(v);
    if (first == v) {
      part[v] = parts.size();
      parts.emplace_back();
    }
    parts[part[first]].push_back(v);
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& x, const auto& y) { return x.size() > y.size(); });
  return parts;
}

}  // namespace

PathClasses::PathClasses(const Dependencies& dependencies, std::size_t most)
    : type_count_(dependencies.type_count()),
      covered_(set_words(std::min<std::size_t>(dependencies.size(), most) + 1)),
      below_(set_words(std::min<std::size_t>(dependencies.size(), most) + 1)) {
  build(dependencies, most);
  if (!complete_) {
    truncate(0);
    start_.clear();
  }
  start_.resize(words());
}

void PathClasses::build(const Dependencies& dependencies, std::size_t most) {
  start_.assign(set_words(std::min<std::size_t>(dependencies.size(), most) + 1), 0);
  std::vector<ClassId> class_by_node(dependencies.size());
  std::vector<ClassId> successors;
  std::vector<ClassId> sources;
  for (const std::vector<LocalId>& part : parts_of(dependencies)) {
    const std::size_t size_before = size();
    sources.clear();
    for (std::size_t i = part.size(); i-- > 0;) {
      const LocalId v = part[i];
      successors.clear();
      for (const LocalId w : dependencies.consumers(v)) successors.push_back(class_by_node[w]);
      class_by_node[v] = class_of(dependencies.type(v), successors);
      if (dependencies.producers(v).empty()) sources.push_back(class_by_node[v]);
      complete_ = size() <= most;
      if (!complete_) return;
    }
    std::erase_if(sources, [&](ClassId c) {
      bool covered = false;
      for_each_descending(start_, [&](ClassId m) { covered |= contains(covered_[m], c); });
      return covered;
    });
    if (sources.empty()) truncate(size_before);
    for (const ClassId c : sources) put_in(start_, c);
    reduce(start_);
  }
}

// Successors: in any order, with repetitions. They are changed.
ClassId PathClasses::class_of(graph::TypeId type, std::vector<ClassId>& successors) {
  std::sort(successors.begin(), successors.end());
  successors.erase(std::unique(successors.begin(), successors.end()), successors.end());
  const auto v = static_cast<ClassId>(size());
  for (const ClassId s : successors) {
    const bool needed = std::none_of(successors.begin(), successors.end(), [&](ClassId other) {
      return other != s && contains(covered_[other], s);
    });
    if (needed) successors_.push_back(s);
  }
  const std::span<const ClassId> kept(successors_.begin() + static_cast<std::ptrdiff_t>(begin_[v]),
                                      successors_.end());
  const ClassId same = find(type, kept);
  if (same != v) {
    successors_.resize(begin_[v]);
    return same;
  }
  types_.push_back(type);
  begin_.push_back(successors_.size());
  led_by_.emplace_back();
  (kept.empty() ? last_ : led_by_[kept.front()]).push_back(v);
  covered_.resize(size());
  below_.resize(size());
  const ClassId equivalent = cover(v);
  if (equivalent != v) truncate(v);
  return equivalent;
}

// The class of this type with these successors; size() where there is none.
ClassId PathClasses::find(graph::TypeId type, std::span<const ClassId> successors) const {
  for (const ClassId c : successors.empty() ? last_ : led_by_[successors.front()]) {
    if (types_[c] == type && std::ranges::equal(this->successors(c), successors)) return c;
  }
  return static_cast<ClassId>(size());
}

bool PathClasses::all_in(ClassId c, ClassSet set) const {
  const auto list = successors(c);
  return std::all_of(list.begin(), list.end(), [&](ClassId s) { return contains(set, s); });
}

// Fills the rows of v, the newest class, and its column in the rows of the older ones. Returns the
// older class that covers v and is covered by it; v where there is none.
ClassId PathClasses::cover(ClassId v) {
  const std::size_t used = set_words(v + 1);
  const MutableClassSet below = below_[v].first(used);
  const MutableClassSet covered = covered_[v].first(used);
  for (const ClassId s : successors(v)) unite(below, covered_[s]);
  unite(covered, below);
  put_in(covered, v);
  ClassId equivalent = v;
  for (ClassId w = 0; w < v; ++w) {
    const auto list = successors(w);
    const bool in_successor =
        std::any_of(list.begin(), list.end(), [&](ClassId s) { return contains(covered_[s], v); });
    if (in_successor) put_in(below_[w], v);
    const bool same_type = types_[w] == types_[v];
    if (same_type && all_in(w, below)) put_in(covered, w);
    if (!in_successor && !(same_type && all_in(v, below_[w]))) continue;
    put_in(covered_[w], v);
    if (contains(covered, w)) equivalent = w;
  }
  return equivalent;
}

// Forgets the newest classes.
void PathClasses::truncate(std::size_t size) {
  for (ClassId c = static_cast<ClassId>(this->size()); c-- > size;) {
    const auto list = successors(c);
    (list.empty() ? last_ : led_by_[list.front()]).pop_back();
  }
  types_.resize(size);
  begin_.resize(size + 1);
  successors_.resize(begin_.back());
  led_by_.resize(size);
  covered_.resize(size);
  below_.resize(size);
  for (ClassId c = 0; c < size; ++c) {
    keep_below(covered_[c], size);
    keep_below(below_[c], size);
  }
}

void PathClasses::advance(ClassSet state, graph::TypeId type, MutableClassSet next) const {
  std::ranges::copy(state, next.begin());
  for_each_descending(state, [&](ClassId c) {
    if (types_[c] != type) return;
    take_out(next, c);
    for (const ClassId s : successors(c)) put_in(next, s);
  });
  reduce(next);
}

// Takes out the members that others cover.
void PathClasses::reduce(MutableClassSet state) const {
  for_each_descending(state, [&](ClassId c) {
    const ClassSet covered = covered_[c];
    for (std::size_t w = 0; w < state.size(); ++w) state[w] &= ~covered[w];
    put_in(state, c);
  });
}

}  // namespace sheaf::batching
