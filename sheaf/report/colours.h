// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace sheaf::report {

// Colours that neighbours in number can be told apart by: the golden angle around the colour
// circle, light enough to be written on.
[[nodiscard]] std::string colour_of(std::size_t number);

// Colours of lines and points, told apart by readers who do not see all colours: those of Okabe and
// Ito, and then the same again.
[[nodiscard]] const char* line_colour(std::size_t number);

}  // namespace sheaf::report
