// SPDX-License-Identifier: Apache-2.0
//
// What a cell conducts after it was programmed: target/cell.h turned into numbers. All random
// numbers are functions of a seed and of the cell or read that they belong to.
#pragma once

#include <cstdint>

#include "sheaf/base/philox.h"
#include "sheaf/target/cell.h"

namespace sheaf::sim::crossbar {

// Throws UsageError for fields out of range and conductances that the device model does not cover.
void check_cell(const target::Cell& cell);

// Conductances of the lowest and highest level and of a step between levels, S.
struct Levels {
  double off_s = 0;
  double on_s = 0;
  double step_s = 0;
};
[[nodiscard]] Levels levels_of(const target::Cell& cell);

// A normal number of mean 0 and deviation 1 from two random words.
[[nodiscard]] double normal(std::uint32_t a, std::uint32_t b);

// Standard deviation of programming to `g_us` microsiemens, for the models whose deviation does not
// depend on anything else; of `lognormal`, that of the logarithm.
[[nodiscard]] double programming_sigma(const target::Cell& cell, double g_us);

struct ProgrammedCell {
  double conductance_s = 0;  // when it is read, >= 0
  double read_sigma_s = 0;   // deviation of a read from it
};

// Cell number `index` at `level`, which is programmed, may be stuck, and drifts. A stuck cell is at
// the highest or lowest level exactly.
[[nodiscard]] ProgrammedCell program(const target::Cell& cell, std::uint32_t level,
                                     const base::Philox& random, std::uint64_t index);

}  // namespace sheaf::sim::crossbar
