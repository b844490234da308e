// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace sheaf::report {

// Colours that neighbours in number can be told apart by: the golden angle around the colour
// circle, light enough to be written on.
[[nodiscard]] std::string colour_of(std::size_t number);

}  // namespace sheaf::report
