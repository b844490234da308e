// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/search/state_layer.h"

#include <algorithm>

namespace sheaf::batching {
namespace {

std::uint64_t hash_of(ClassSet state) {
  std::uint64_t hash = 0x9e3779b97f4a7c15ULL;
  for (const SetWord word : state) {
    hash = (hash ^ word) * 0xff51afd7ed558ccdULL;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace

void StateLayer::clear() {
  states_.clear();
  steps_.clear();
  hashes_.clear();
  std::ranges::fill(slots_, kFree);
}

std::size_t StateLayer::slot_of(ClassSet state, std::uint64_t hash) const {
  std::size_t slot = hash & (slots_.size() - 1);
  while (slots_[slot] != kFree) {
    const std::uint32_t i = slots_[slot];
    if (hashes_[i] == hash && std::ranges::equal((*this)[i], state)) return slot;
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return slot;
}

void StateLayer::grow() {
  slots_.assign(std::max<std::size_t>(64, slots_.size() * 2), kFree);
  for (std::uint32_t i = 0; i < steps_.size(); ++i) {
    std::size_t slot = hashes_[i] & (slots_.size() - 1);
    while (slots_[slot] != kFree) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = i;
  }
}

bool StateLayer::add(ClassSet state, Step step) {
  if (steps_.size() * 2 >= slots_.size()) grow();
  const std::uint64_t hash = hash_of(state);
  const std::size_t slot = slot_of(state, hash);
  if (slots_[slot] != kFree) return false;
  slots_[slot] = static_cast<std::uint32_t>(steps_.size());
  states_.insert(states_.end(), state.begin(), state.end());
  hashes_.push_back(hash);
  steps_.push_back(step);
  return true;
}

std::vector<graph::TypeId> trace(const std::vector<std::vector<Step>>& layers, Step last) {
  std::vector<graph::TypeId> types = {last.type};
  for (std::size_t depth = layers.size(); depth-- > 0;) {
    last = layers[depth][last.parent];
    types.push_back(last.type);
  }
  std::ranges::reverse(types);
  return types;
}

}  // namespace sheaf::batching
