// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sheaf/report/scatter_chart.h"
#include "sheaf/study/explore_file.h"

namespace sheaf::study {

// Designs of each model that no other design of the same model is better than.
struct Front {
  std::string model;
  std::vector<std::size_t> members;  // indices of results, by the first objective
};

struct Exploration {
  Results results;             // sorted by design
  std::uint64_t possible = 0;  // that can be
  // Why others cannot, and how many; the most frequent first.
  std::vector<std::pair<std::string, std::uint64_t>> reasons;
  std::vector<Front> fronts;
};

[[nodiscard]] Exploration explored(Results results);

// Counts, reasons, and up to `most` designs of each front.
[[nodiscard]] std::string exploration_text(const Exploration& exploration, std::size_t most = 12);
[[nodiscard]] nlohmann::ordered_json exploration_json(const Exploration& exploration);
// A row per design of a front: its number, a column per axis, a column per figure.
[[nodiscard]] std::string front_csv(const Exploration& exploration);
// All designs by the first two objectives, those of fronts marked. Throws UsageError where there is
// but one.
[[nodiscard]] report::ScatterChart front_chart(const Exploration& exploration);

}  // namespace sheaf::study
