// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/batching/dependencies.h"

namespace sheaf::batching {

// The types of a segment, grouped so that two types share a component when nodes of each come
// after nodes of the other (the strongly connected components of the graph of types). What leaves
// a component never returns, so that components can be scheduled one after the other, in this
// order, without a batch more than the best schedule of the whole: any schedule stays valid, and
// keeps its batches, when they are sorted by component.
class TypeComponents {
 public:
  // O(types^2 x types / 64).
  explicit TypeComponents(const Dependencies& dependencies);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(begin_.size()) - 1; }
  [[nodiscard]] std::uint32_t of(graph::TypeId type) const { return component_[type]; }
  [[nodiscard]] std::span<const graph::TypeId> types(std::uint32_t component) const {
    return {types_.data() + begin_[component], begin_[component + 1] - begin_[component]};
  }

 private:
  std::vector<std::uint32_t> component_;  // by type
  std::vector<graph::TypeId> types_;      // by component, in topological order
  std::vector<std::uint32_t> begin_ = {0};
};

}  // namespace sheaf::batching
