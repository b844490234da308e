// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/target/chip.h"

namespace sheaf::sim::cost {

// What one PE does at best, with every crossbar or every multiplier at work.
struct Peak {
  double read_ns = 0;  // of one group of rows and one digit: the array's, or its converters' for
                       // all conversions if that is longer. 0 for a digital array
  double pass_ns = 0;  // of a whole input: all digits, all groups of rows; or one cycle
  double macs = 0;     // products that are summed in a pass
  double gops = 0;     // 2 macs / pass_ns
};

// Crossbars: ceil(input bits / bits of a driver) digits for each of ceil(rows / parallel rows)
// groups; rows x floor(columns / columns of a weight) products in each. Digital arrays: slices x
// lines x macs / cycles of one, every cycle.
[[nodiscard]] Peak peak_of_pe(const target::Chip& chip);

}  // namespace sheaf::sim::cost
