// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sheaf/sim/crossbar/flow.h"

namespace sheaf::report {

// A product through a crossbar: the digits that drive each row, what every cell holds, what every
// converter returns at every read (red: less than the column's sum), and what it all adds up to.
// Meant for a dozen rows and some dozens of columns; a picture of its own size.
[[nodiscard]] std::string product_to_svg(const sim::crossbar::ProductFlow& flow);

// The same for terminals, in two tables: cells, and readings.
[[nodiscard]] std::string product_to_text(const sim::crossbar::ProductFlow& flow);

}  // namespace sheaf::report
