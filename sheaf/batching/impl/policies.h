// SPDX-License-Identifier: Apache-2.0
//
// The policies that make_policy() can make.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "sheaf/batching/policy.h"
#include "sheaf/batching/type_components.h"

namespace sheaf::batching {

// One node at a time, in the order in which the graph was built: no batching at all.
class SinglePolicy final : public Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return "single"; }
  using Policy::plan;
  void plan(const Dependencies& dependencies, Workspace& workspace,
            Schedule& schedule) const override;
};

// Nodes of one type and one depth form a batch (TensorFlow Fold; Looks et al., ICLR 2017).
class DepthPolicy final : public Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return "depth"; }
  using Policy::plan;
  void plan(const Dependencies& dependencies, Workspace& workspace,
            Schedule& schedule) const override;
};

// Takes the ready type whose nodes that have still to run have the smallest mean depth (DyNet;
// Neubig, Goldberg and Dyer, NeurIPS 2017).
class AgendaPolicy final : public Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return "agenda"; }
  using Policy::plan;
  void plan(const Dependencies& dependencies, Workspace& workspace,
            Schedule& schedule) const override;
};

// Takes the ready type with the highest FrontierRatio (ED-Batch's sufficient condition, made
// greedy).
class SufficientPolicy final : public Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return "sufficient"; }
  using Policy::plan;
  void plan(const Dependencies& dependencies, Workspace& workspace,
            Schedule& schedule) const override;
};

// Takes the ready type that leaves the fewest critical nodes behind (critical_heights.h).
class CriticalPolicy final : public Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return "critical"; }
  using Policy::plan;
  void plan(const Dependencies& dependencies, Workspace& workspace,
            Schedule& schedule) const override;
};

// Looks the choice up in a learned table (ED-Batch, section 2.2); where the table does not know the
// state, chooses as CriticalPolicy does and counts a fall-back step.
class FsmPolicy final : public Policy {
 public:
  explicit FsmPolicy(std::shared_ptr<const FsmTable> table) : table_(std::move(table)) {}
  [[nodiscard]] std::string_view name() const override { return "fsm"; }
  using Policy::plan;
  void plan(const Dependencies& dependencies, Workspace& workspace,
            Schedule& schedule) const override;

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
  using Policy::plan;
  void plan(const Dependencies& dependencies, Workspace& workspace,
            Schedule& schedule) const override;

 private:
  SearchLimits limits_;
};

// Looks for a shortest schedule, beginning with what BeamPolicy finds, until one is proven to be
// (proven_bound equals the number of batches) or a limit is reached.
class OptimalPolicy final : public Policy {
 public:
  explicit OptimalPolicy(SearchLimits limits) : limits_(std::move(limits)) {}
  [[nodiscard]] std::string_view name() const override { return "optimal"; }
  using Policy::plan;
  void plan(const Dependencies& dependencies, Workspace& workspace,
            Schedule& schedule) const override;

 private:
  SearchLimits limits_;
};

// Minimises the time that a measured table predicts, its own included (impl/cost.cc).
class CostPolicy final : public Policy {
 public:
  explicit CostPolicy(const CostTable& costs);
  [[nodiscard]] std::string_view name() const override { return "cost"; }
  using Policy::plan;
  void plan(const Dependencies& dependencies, Workspace& workspace,
            Schedule& schedule) const override;

 private:
  // Costs of a type, by number of rows, so that a price is one look-up.
  struct Prices {
    std::vector<double> ns;  // of 1, 2, ... rows
    double row_ns;           // of each row more
    double switch_ns;
    std::uint32_t most_rows;
  };

  [[nodiscard]] double price(std::span<const Batch> batches) const;
  [[nodiscard]] double likely_saving(std::span<const Batch> batches, double price,
                                     std::uint32_t levels) const;
  void improve(const Dependencies& dependencies, const TypeComponents& components,
               std::uint32_t component, std::uint32_t levels, Schedule& schedule) const;
  void cut_large(Schedule& schedule) const;

  std::vector<Prices> prices_;  // by type
  double greedy_node_ns_;
};

}  // namespace sheaf::batching
