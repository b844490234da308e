// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "sheaf/batching/cost_table.h"
#include "sheaf/batching/dependencies.h"
#include "sheaf/batching/fsm_table.h"
#include "sheaf/batching/schedule.h"
#include "sheaf/batching/search/limits.h"
#include "sheaf/batching/workspace.h"

namespace sheaf::batching {

// Decides which nodes run together and in which order. Has no state of its own: may be shared by
// threads.
class Policy {
 public:
  virtual ~Policy() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;

  // Appends the batches of one segment to `schedule`, which is empty. Allocates nothing that it has
  // not allocated for an equal segment in the same workspace before, except where it searches
  // (`cost`, `beam`, `optimal`).
  virtual void plan(const Dependencies& dependencies, Workspace& workspace,
                    Schedule& schedule) const = 0;
  // The same, once.
  void plan(const Dependencies& dependencies, Schedule& schedule) const {
    Workspace workspace;
    plan(dependencies, workspace, schedule);
  }

  // Whether segments may be planned one by one, as a graph grows.
  [[nodiscard]] virtual bool supports_growth() const { return true; }
};

// Names that make_policy() knows: single, depth, agenda, fsm, sufficient, critical, cost, beam,
// optimal.
[[nodiscard]] std::span<const std::string> policy_names();

// The best policy that needs no learning.
inline constexpr std::string_view kDefaultPolicy = "critical";

// What policies are made of beside their name; each takes what it needs.
struct PolicyParts {
  std::shared_ptr<const FsmTable> fsm;     // for `fsm`, which cannot do without
  SearchLimits search;                     // for `beam` and `optimal`
  std::shared_ptr<const CostTable> costs;  // for `cost`, which cannot do without
};

// Throws UsageError for an unknown name, suggesting the nearest, and where a part is missing
// or makes no sense.
[[nodiscard]] std::unique_ptr<Policy> make_policy(std::string_view name,
                                                  const PolicyParts& parts = {});

}  // namespace sheaf::batching
