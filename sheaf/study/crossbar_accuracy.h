// SPDX-License-Identifier: Apache-2.0
//
// What converters of fewer bits, cells that vary and cells that leak do to a classifier of pictures
// on a chip of crossbars.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "sheaf/engine/workload.h"
#include "sheaf/target/chip.h"

namespace sheaf::study {

// One chip to be tried.
struct CrossbarTrial {
  std::string name;  // "8 bits", "sigma 0.1", ...
  target::Chip chip;
  bool compensate_leak = true;
};

// From `chip` as it is: converters down to 4 bits with plain columns, which show what saturates;
// lognormal cells of sigma 0.02 to 0.5; ratios of conductance from 1000 to 5, and what taking off
// the current of cells at level 0 brings back. Throws UnsupportedError for chips without crossbars.
[[nodiscard]] std::vector<CrossbarTrial> crossbar_trials(const target::Chip& chip);

struct CrossbarAccuracy {
  std::string name;
  double accuracy = 0;   // share of pictures whose class is right; mean over the seeds
  double same = 0;       // share whose class is that of the products of integers
  double saturated = 0;  // share of conversions that lost something
};

struct AccuracyOptions {
  std::uint64_t seed = 1;
  std::uint32_t seeds = 1;  // seed, seed + 1, ...: so many sets of cells
  std::uint32_t batch = 64;
  std::uint32_t threads = 1;
  std::string isa = "auto";
};

// The workload is quantised; the first row is the host's products of integers. Throws
// UnsupportedError for data that are no pictures.
[[nodiscard]] std::vector<CrossbarAccuracy> crossbar_accuracy(const engine::Workload& workload,
                                                              std::span<const CrossbarTrial> trials,
                                                              const AccuracyOptions& options);

[[nodiscard]] std::string to_text(std::span<const CrossbarAccuracy> rows);
[[nodiscard]] nlohmann::ordered_json to_json(std::span<const CrossbarAccuracy> rows);

}  // namespace sheaf::study
