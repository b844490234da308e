// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/batching/search/path_classes.h"

namespace sheaf::batching {

// The step that made a state: the type that ran, and the state of the layer before.
struct Step {
  std::uint32_t parent;
  graph::TypeId type;
};

// Distinct states that as many steps reach, in the order in which they were found.
class StateLayer {
 public:
  explicit StateLayer(std::size_t words) : words_(words) {}

  void clear();
  [[nodiscard]] std::size_t size() const { return steps_.size(); }
  [[nodiscard]] ClassSet operator[](std::size_t i) const {
    return {states_.data() + i * words_, words_};
  }
  [[nodiscard]] Step step(std::size_t i) const { return steps_[i]; }
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }

  // False, and nothing changes, when the state is there already.
  bool add(ClassSet state, Step step);

 private:
  static constexpr std::uint32_t kFree = ~0U;
  [[nodiscard]] std::size_t slot_of(ClassSet state, std::uint64_t hash) const;
  void grow();

  std::size_t words_;
  std::vector<SetWord> states_;
  std::vector<Step> steps_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint32_t> slots_;  // open addressing; a power of two of them
};

// The types that lead to state `last` of the layer behind `layers`, whose step is given.
[[nodiscard]] std::vector<graph::TypeId> trace(const std::vector<std::vector<Step>>& layers,
                                               Step last);

}  // namespace sheaf::batching
