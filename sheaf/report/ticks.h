// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sheaf::report {

// A step between the ticks of an axis that is `length` long, above 0: 1, 2 or 5 times a power of
// ten, and such that there are at most `most` steps.
[[nodiscard]] double tick_step(double length, int most = 8);

}  // namespace sheaf::report
