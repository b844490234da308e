// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sheaf::report {

// A step between the ticks of an axis that is `length` long, above 0: 1, 2 or 5 times a power of
// ten, and such that there are at most `most` steps.
[[nodiscard]] double tick_step(double length, int most = 8);

// So many digits without an exponent where that takes no more than seven: 4,739 and not 4.74e+03.
[[nodiscard]] std::string plain_number(double value, int digits = 4);

}  // namespace sheaf::report
