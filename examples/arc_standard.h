// SPDX-License-Identifier: Apache-2.0
//
// Arc-standard parsing (Nivre, "Incrementality in deterministic dependency parsing", 2004): a stack
// that holds the root, a buffer of words, and actions that build a projective tree with one root.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sheaf/nn/dataset.h"

namespace sheaf::examples {

enum class Action : std::uint32_t {
  shift,  // the next word goes onto the stack
  left,   // the top becomes the head of the one below, which leaves the stack
  right,  // the one below becomes the head of the top, which leaves the stack
};

inline constexpr std::uint32_t kActions = 3;

class ArcStandard {
 public:
  static constexpr std::uint32_t kRoot = nn::DependencyTree::kRoot;

  explicit ArcStandard(std::uint32_t words) : words_(words), heads_(words, kRoot) {}

  [[nodiscard]] bool may(Action action) const;
  // The one action that may be done, if there is no other.
  [[nodiscard]] std::optional<Action> forced() const;
  void apply(Action action);

  // All words have a head: after as many shifts as there are words, and as many arcs.
  [[nodiscard]] bool done() const { return next_ == words_ && stack_.size() == 1; }
  // By word; kRoot until it has another.
  [[nodiscard]] const std::vector<std::uint32_t>& heads() const { return heads_; }

  // A word, kRoot, or nothing: `depth` below the top of the stack; the next of the buffer.
  [[nodiscard]] std::optional<std::uint32_t> stack(std::size_t depth) const;
  [[nodiscard]] std::optional<std::uint32_t> buffer() const;

 private:
  std::uint32_t words_;
  std::uint32_t next_ = 0;
  std::vector<std::uint32_t> stack_ = {kRoot};
  std::vector<std::uint32_t> heads_;
};

// The actions that build a tree, arcs as early as they can be; nothing for a tree that is not
// projective or has several roots.
[[nodiscard]] std::optional<std::vector<Action>> oracle(const nn::DependencyTree& tree);

}  // namespace sheaf::examples
