// SPDX-License-Identifier: Apache-2.0
//
// What `sheaf noc` says: JSON for machines, a table for people.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sheaf/sim/noc/analytical.h"
#include "sheaf/sim/noc/saturation.h"
#include "sheaf/sim/noc/simulate.h"

namespace sheaf::report {

struct NocSettings {
  target::Mesh mesh;
  std::string pattern;
  std::string routing;
  sim::noc::SimulationOptions options;
  bool analytical = false;
};

struct NocPoint {
  double rate = 0;
  std::optional<sim::noc::Simulation> simulation;
  std::optional<sim::noc::Estimate> estimate;
};

// One line: the settings, and the figures of the point beside them, or a list `points` of several.
// What has no value (the latency of a saturated estimate) is null.
[[nodiscard]] nlohmann::ordered_json noc_json(const NocSettings& settings,
                                              const std::vector<NocPoint>& points);
[[nodiscard]] nlohmann::ordered_json noc_json(const NocSettings& settings,
                                              const sim::noc::Saturation& saturation);

[[nodiscard]] std::string noc_text(const NocSettings& settings,
                                   const std::vector<NocPoint>& points);
[[nodiscard]] std::string noc_text(const NocSettings& settings,
                                   const sim::noc::Saturation& saturation);

}  // namespace sheaf::report
