// SPDX-License-Identifier: Apache-2.0
//
// What stands behind `sheaf simulate --html`.
#pragma once

#include <string>

#include "sheaf/study/chip_run.h"
#include "sheaf/study/simulate.h"

namespace sheaf::study {

// One page in one file: what the network takes on the chip, why, and where the numbers are from;
// beside another chip, or the same one in another way, where `other` is given; with the batches and
// values of a run over data, where that is given.
[[nodiscard]] std::string chip_page(const ChipStudy& study, const ChipStudy* other = nullptr,
                                    const ChipRun* run = nullptr);

}  // namespace sheaf::study
