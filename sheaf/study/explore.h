// SPDX-License-Identifier: Apache-2.0
//
// What stands behind `sheaf explore`: the designs of a space, each by the closed forms
// that sheaf simulate has (simulate.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sheaf/backend/cim/layer_shape.h"
#include "sheaf/base/thread_pool.h"
#include "sheaf/base/yaml.h"
#include "sheaf/study/design_figures.h"
#include "sheaf/study/explore_space.h"

namespace sheaf::study {

// Of the formulas behind the figures: whoever changes one that changes a result counts it up, so
// that a run does not go on with results of the old ones.
inline constexpr std::uint32_t kCostVersion = 2;

struct DesignResult {
  std::uint64_t design = 0;
  std::string reason;  // why it cannot be; empty: it can
  Figures figures{};   // of one that can
};

// A space with its chips and models, read once.
class Explorer {
 public:
  // Throws what read_chip_tree() and listed_layers() throw, ConfigError for a chip that is none
  // before it is changed.
  explicit Explorer(ExploreSpace space);

  [[nodiscard]] const ExploreSpace& space() const { return space_; }
  // Of the axes, of what chips and models hold, and of kCostVersion: results of one digest belong
  // together.
  [[nodiscard]] const std::string& digest() const { return digest_; }

  // Results of `designs`, in their order, whatever the threads. A design that cannot be says why.
  [[nodiscard]] std::vector<DesignResult> evaluate(std::span<const std::uint64_t> designs,
                                                   base::ThreadPool& pool) const;

 private:
  struct LastChip;
  [[nodiscard]] DesignResult evaluate_one(std::uint64_t design, LastChip& last) const;
  void take_chip(std::span<const std::size_t> choices, LastChip& last) const;

  ExploreSpace space_;
  std::string digest_;
  std::size_t chip_axes_ = 1;  // hw and keys of chips: the first axes
  std::vector<base::YamlNode> trees_;
  std::vector<backend::cim::LayerShapes> models_;
};

// Part `index` (from 1) of `of`: designs whose number leaves index - 1 when divided by `of`.
struct Shard {
  std::uint64_t index = 1;
  std::uint64_t of = 1;
};
// "2/8". Throws UsageError.
[[nodiscard]] Shard parse_shard(const std::string& text);

}  // namespace sheaf::study
