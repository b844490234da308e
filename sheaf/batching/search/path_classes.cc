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

// Of as many classes as there may be, and one too many.
std::size_t row_words(const Dependencies& dependencies, std::size_t most) {
  return set_words(std::min<std::size_t>(dependencies.size(), most) + 1);
}

}  // namespace

PathClasses::PathClasses(const Dependencies& dependencies, std::size_t most)
    : type_count_(dependencies.type_count()),
      of_type_(row_words(dependencies, most), type_count_),
      covered_(row_words(dependencies, most)),
      below_(row_words(dependencies, most)),
      over_(row_words(dependencies, most)) {
  build(dependencies, most);
  if (!complete_) {
    resize(0);
    start_.clear();
  }
  start_.resize(words());
}

void PathClasses::build(const Dependencies& dependencies, std::size_t most) {
  start_.assign(row_words(dependencies, most), 0);
  std::vector<ClassId> class_by_node(dependencies.size());
  std::vector<std::uint32_t> place(dependencies.size());  // of a node in its part
  std::vector<ClassId> successors;
  std::vector<ClassId> sources;
  for (const std::vector<LocalId>& part : parts_of(dependencies)) {
    if (covers(dependencies, part, place)) continue;
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
  for (ClassSets* sets : {&covered_, &below_, &over_}) sets->resize(size());
  const ClassId equivalent = cover(v);
  if (equivalent != v) resize(v);
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

// `alike` are the classes of some class v's type that cover it by their own first letter. Adds the
// other classes that cover v to `over`: a path leads from each to one that is alike.
void PathClasses::unite_over(ClassSet alike, MutableClassSet over) const {
  for_each_ascending(alike, [&](ClassId w) {
    if (!contains(over, w)) unite(over, over_[w]);  // else what is over w is there already
  });
}

// Whether what starts with each of the part's sources is covered by a member of start_. Adds no
// class: most instances of a large minibatch go no further.
bool PathClasses::covers(const Dependencies& dependencies, std::span<const LocalId> part,
                         std::vector<std::uint32_t>& place) const {
  const std::size_t used = words();
  ClassSets over(used, part.size());
  std::vector<SetWord> alike(used);
  for (std::size_t i = part.size(); i-- > 0;) {
    const LocalId v = part[i];
    place[v] = static_cast<std::uint32_t>(i);
    std::ranges::copy(of_type_[dependencies.type(v)].first(used), alike.begin());
    for (const LocalId w : dependencies.consumers(v)) intersect(alike, over[place[w]]);
    unite_over(alike, over[i]);
    unite(alike, over[i]);
    if (dependencies.producers(v).empty()) intersect(alike, start_);
    if (no_members(alike)) return false;
  }
  return true;
}

// Fills the rows of v, the newest class, and its column in the rows of the older ones. Where an
// older class covers v and is covered by it, returns that one, the older rows being unchanged; v
// otherwise.
ClassId PathClasses::cover(ClassId v) {
  const std::size_t used = set_words(v + 1);
  const MutableClassSet below = below_[v].first(used);
  const MutableClassSet covered = covered_[v].first(used);
  for (const ClassId s : successors(v)) unite(below, covered_[s]);
  unite(covered, below);
  put_in(covered, v);
  const ClassSet same_type = of_type_[types_[v]].first(used);
  for_each_ascending(same_type, [&](ClassId w) {
    if (all_in(w, below)) put_in(covered, w);
  });
  std::vector<SetWord> alike(same_type.begin(), same_type.end());
  for (const ClassId s : successors(v)) intersect(alike, over_[s]);
  ClassId equivalent = v;
  for_each_ascending(alike, [&](ClassId w) {
    if (contains(covered, w)) equivalent = w;
  });
  if (equivalent != v) return equivalent;
  const MutableClassSet over = over_[v].first(used);
  unite_over(alike, over);
  for_each_descending(over, [&](ClassId w) {
    put_in(below_[w], v);
    put_in(covered_[w], v);
  });
  for_each_ascending(alike, [&](ClassId w) { put_in(covered_[w], v); });
  for_each_descending(below, [&](ClassId u) { put_in(over_[u], v); });
  put_in(of_type_[types_[v]], v);
  return v;
}

// Forgets the newest classes, which may still stand in the sets of the others.
void PathClasses::resize(std::size_t size) {
  for (ClassId c = static_cast<ClassId>(this->size()); c-- > size;) {
    const auto list = successors(c);
    (list.empty() ? last_ : led_by_[list.front()]).pop_back();
  }
  types_.resize(size);
  begin_.resize(size + 1);
  successors_.resize(begin_.back());
  led_by_.resize(size);
  for (ClassSets* sets : {&covered_, &below_, &over_}) sets->resize(size);
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
