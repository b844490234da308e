// SPDX-License-Identifier: Apache-2.0
//
// What stands behind `sheaf study product`: one small product through the crossbars of a chip,
// number by number.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sheaf/sim/crossbar/flow.h"

namespace sheaf::study {

struct ProductOptions {
  std::string hw = "teaching";       // as target::read_chip takes it
  std::vector<std::string> set;      // KEY=VALUE
  std::string weights;               // "3 -2; 1 7": an output's weights to a part; empty: random
  std::vector<std::int32_t> inputs;  // as many as a part has numbers; empty: random
  std::uint32_t rows = 4;            // of random weights, 1..kMostProductRows
  std::uint32_t outputs = 2;         // of random weights
  std::uint64_t seed = 1;
};

inline constexpr std::uint32_t kMostProductRows = 64;
inline constexpr std::uint32_t kMostProductColumns = 128;  // of cells

struct ProductStudy {
  std::string chip;
  sim::crossbar::ProductFlow flow;
};

// Throws UsageError (numbers that are none, out of range, of different lengths, or more than a
// picture holds), and what target::read_chip and backend::cim::format_of throw.
[[nodiscard]] ProductStudy study_product(const ProductOptions& options);

[[nodiscard]] std::string product_text(const ProductStudy& study);
[[nodiscard]] nlohmann::ordered_json product_json(const ProductStudy& study);

}  // namespace sheaf::study
