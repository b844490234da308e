// SPDX-License-Identifier: Apache-2.0
#include "examples/arc_standard.h"

namespace sheaf::examples {

bool ArcStandard::may(Action action) const {
  if (action == Action::shift) return next_ < words_;
  if (stack_.size() < 2) return false;
  // The root has one child, which comes last, and no head.
  const bool below_is_root = stack_.size() == 2;
  return !below_is_root || (action == Action::right && next_ == words_);
}

std::optional<Action> ArcStandard::forced() const {
  std::optional<Action> found;
  for (const Action action : {Action::shift, Action::left, Action::right}) {
    if (!may(action)) continue;
    if (found) return std::nullopt;
    found = action;
  }
  return found;
}

void ArcStandard::apply(Action action) {
  if (action == Action::shift) {
    stack_.push_back(next_++);
    return;
  }
  const std::uint32_t top = stack_.back();
  stack_.pop_back();
  if (action == Action::left) {
    heads_[stack_.back()] = top;
    stack_.back() = top;
  } else {
    heads_[top] = stack_.back();
  }
}

std::optional<std::uint32_t> ArcStandard::stack(std::size_t depth) const {
  if (depth >= stack_.size()) return std::nullopt;
  return stack_[stack_.size() - 1 - depth];
}

std::optional<std::uint32_t> ArcStandard::buffer() const {
  if (next_ == words_) return std::nullopt;
  return next_;
}

std::optional<std::vector<Action>> oracle(const nn::DependencyTree& tree) {
  ArcStandard state(static_cast<std::uint32_t>(tree.heads.size()));
  std::vector<std::uint32_t> missing(tree.heads.size(), 0);  // children without a head
  for (const std::uint32_t head : tree.heads) {
    if (head != ArcStandard::kRoot) ++missing[head];
  }
  const auto is_ready = [&](std::optional<std::uint32_t> child, std::optional<std::uint32_t> head) {
    return child && head && *child != ArcStandard::kRoot && tree.heads[*child] == *head &&
           missing[*child] == 0;
  };
  std::vector<Action> actions;
  while (!state.done()) {
    const auto top = state.stack(0);
    const auto below = state.stack(1);
    Action action = Action::shift;
    if (is_ready(below, top)) {
      action = Action::left;
    } else if (is_ready(top, below)) {
      action = Action::right;
    }
    if (!state.may(action)) return std::nullopt;
    if (action == Action::left) --missing[*top];
    if (action == Action::right && *below != ArcStandard::kRoot) --missing[*below];
    state.apply(action);
    actions.push_back(action);
  }
  return actions;
}

}  // namespace sheaf::examples
