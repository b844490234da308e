// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/policy.h"

#include <array>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/batching/impl/policies.h"

namespace sheaf::batching {
namespace {

void check_limits(std::string_view policy, const SearchLimits& limits) {
  if (limits.beam_width == 0) {
    throw base::UsageError({.place = "policy " + std::string(policy),
                            .what = "beam width",
                            .got = "0",
                            .expected = "at least 1"});
  }
  if (limits.time_limit_ns != 0 && !limits.clock) {
    throw base::UsageError(
        {.place = "policy " + std::string(policy),
         .what = "a time limit without a clock",
         .expected = "both or neither",
         .hint = "limit the states instead to get the same schedule everywhere"});
  }
}

}  // namespace

std::span<const std::string> policy_names() {
  static const std::array<std::string, 9> kNames = {
      "single", "depth", "agenda", "fsm", "sufficient", "critical", "cost", "beam", "optimal"};
  return kNames;
}

std::unique_ptr<Policy> make_policy(std::string_view name, const PolicyParts& parts) {
  if (name == "single") return std::make_unique<SinglePolicy>();
  if (name == "depth") return std::make_unique<DepthPolicy>();
  if (name == "agenda") return std::make_unique<AgendaPolicy>();
  if (name == "sufficient") return std::make_unique<SufficientPolicy>();
  if (name == "critical") return std::make_unique<CriticalPolicy>();
  if (name == "cost") {
    if (!parts.costs) {
      throw base::UsageError({.place = "policy cost",
                              .what = "no table",
                              .expected = "a measured one",
                              .hint = "measure one first (sheaf calibrate), or use 'critical'"});
    }
    return std::make_unique<CostPolicy>(*parts.costs);
  }
  if (name == "fsm") {
    if (!parts.fsm) {
      throw base::UsageError({.place = "policy fsm",
                              .what = "no table",
                              .expected = "a learned one",
                              .hint = "learn one first (sheaf learn), or use 'critical'"});
    }
    return std::make_unique<FsmPolicy>(parts.fsm);
  }
  if (name == "beam" || name == "optimal") {
    check_limits(name, parts.search);
    if (name == "beam") return std::make_unique<BeamPolicy>(parts.search);
    return std::make_unique<OptimalPolicy>(parts.search);
  }
  throw base::UsageError({.place = "--policy",
                          .what = "unknown policy",
                          .got = "'" + std::string(name) + "'",
                          .hint = base::suggest(name, policy_names())});
}

}  // namespace sheaf::batching
