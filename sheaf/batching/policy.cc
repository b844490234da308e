// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/policy.h"

#include <array>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/batching/impl/policies.h"

namespace sheaf::batching {

std::span<const std::string> policy_names() {
  static const std::array<std::string, 6> kNames = {"single", "depth",      "agenda",
                                                    "fsm",    "sufficient", "critical"};
  return kNames;
}

std::unique_ptr<Policy> make_policy(std::string_view name, const PolicyParts& parts) {
  if (name == "single") return std::make_unique<SinglePolicy>();
  if (name == "depth") return std::make_unique<DepthPolicy>();
  if (name == "agenda") return std::make_unique<AgendaPolicy>();
  if (name == "sufficient") return std::make_unique<SufficientPolicy>();
  if (name == "critical") return std::make_unique<CriticalPolicy>();
  if (name == "fsm") {
    if (!parts.fsm) {
      throw base::UsageError({.place = "policy fsm",
                              .what = "no table",
                              .expected = "a learned one",
                              .hint = "learn one first (sheaf learn), or use 'critical'"});
    }
    return std::make_unique<FsmPolicy>(parts.fsm);
  }
  throw base::UsageError({.place = "--policy",
                          .what = "unknown policy",
                          .got = "'" + std::string(name) + "'",
                          .hint = base::suggest(name, policy_names())});
}

}  // namespace sheaf::batching
