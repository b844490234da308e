// SPDX-License-Identifier: Apache-2.0
//
// The policies that make_policy() can make.
#pragma once

#include <memory>
#include <utility>

#include "sheaf/batching/policy.h"

namespace sheaf::batching {

// One node at a time, in the order in which the graph was built: no batching at all.
class SinglePolicy final : public Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return "single"; }
  void plan(const Dependencies& dependencies, Schedule& schedule) const override;
};

// Nodes of one type and one depth form a batch (TensorFlow Fold; Looks et al., ICLR 2017).
class DepthPolicy final : public Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return "depth"; }
  void plan(const Dependencies& dependencies, Schedule& schedule) const override;
};

// Takes the ready type whose nodes that have still to run have the smallest mean depth (DyNet;
// Neubig, Goldberg and Dyer, NeurIPS 2017).
class AgendaPolicy final : public Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return "agenda"; }
  void plan(const Dependencies& dependencies, Schedule& schedule) const override;
};

// Takes the ready type with the highest FrontierRatio (ED-Batch's sufficient condition, made
// greedy).
class SufficientPolicy final : public Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return "sufficient"; }
  void plan(const Dependencies& dependencies, Schedule& schedule) const override;
};

// Takes the ready type that leaves the fewest critical nodes behind (critical_heights.h).
class CriticalPolicy final : public Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return "critical"; }
  void plan(const Dependencies& dependencies, Schedule& schedule) const override;
};

// Looks the choice up in a learned table (ED-Batch, section 2.2); where the table does not know the
// state, chooses as CriticalPolicy does and counts a fall-back step.
class FsmPolicy final : public Policy {
 public:
  explicit FsmPolicy(std::shared_ptr<const FsmTable> table) : table_(std::move(table)) {}
  [[nodiscard]] std::string_view name() const override { return "fsm"; }
  void plan(const Dependencies& dependencies, Schedule& schedule) const override;

 private:
  std::shared_ptr<const FsmTable> table_;
};

// Looks several steps ahead for a short schedule (beam search over sequences of types, by the bound
// of what is left; see search/). Never longer than those of CriticalPolicy and
// SufficientPolicy, the shorter of which it is where nothing can be shorter, and where the graph
// has too many PathClasses. Sets proven_bound.
class BeamPolicy final : public Policy {
 public:
  explicit BeamPolicy(SearchLimits limits) : limits_(std::move(limits)) {}
  [[nodiscard]] std::string_view name() const override { return "beam"; }
  void plan(const Dependencies& dependencies, Schedule& schedule) const override;

 private:
  SearchLimits limits_;
};

// Looks for a shortest schedule, beginning with what BeamPolicy finds, until one is proven to be
// (proven_bound equals the number of batches) or a limit is reached.
class OptimalPolicy final : public Policy {
 public:
  explicit OptimalPolicy(SearchLimits limits) : limits_(std::move(limits)) {}
  [[nodiscard]] std::string_view name() const override { return "optimal"; }
  void plan(const Dependencies& dependencies, Schedule& schedule) const override;

 private:
  SearchLimits limits_;
};

}  // namespace sheaf::batching
