// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sheaf::study {

// Indices of the points that no other is better than: in no coordinate worse and in one better,
// where less is better in all. Points that are equal are all on the front; one with a coordinate
// that is NaN is not. `points` has `width` numbers each. In order of the first coordinate, then the
// next, then the index.
[[nodiscard]] std::vector<std::size_t> pareto_front(std::span<const double> points,
                                                    std::size_t width);

}  // namespace sheaf::study
