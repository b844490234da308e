// SPDX-License-Identifier: Apache-2.0
//
// A network on a chip in words.
#pragma once

#include <string>
#include <vector>

#include "sheaf/study/simulate.h"

namespace sheaf::study {

// Where each joule went: components from the largest, with what they are the product of, and the
// layers that take most.
[[nodiscard]] std::vector<std::string> energy_words(const ChipStudy& study);
// What bounds the rate, and how much of the chip stands idle.
[[nodiscard]] std::vector<std::string> time_words(const ChipStudy& study);
// "the busiest link 152.5 us, crossbars and their converters 105.6 us": what takes how long at
// least, from the longest. Of layers that take turns, how long layers are bound by each.
[[nodiscard]] std::string bound_words(const ChipStudy& study);
// Where the chip's numbers are from: one line per source, those that are reconstructed first.
[[nodiscard]] std::vector<std::string> source_words(const target::Chip& chip);
// Whether any number of the chip is reconstructed from an abstract; whether its strategy is: how a
// network is mapped is published for ISAAC (dense) and PipeLayer; and whether either is.
[[nodiscard]] bool is_reconstructed(const target::Chip& chip);
[[nodiscard]] bool is_reconstructed(const backend::cim::NetworkCost& cost);
[[nodiscard]] bool is_reconstructed(const ChipStudy& study);

}  // namespace sheaf::study
