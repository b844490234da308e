// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sheaf::base {

// Number of edits between two words: insert, delete or replace a character, or swap two neighbours.
[[nodiscard]] unsigned edit_distance(std::string_view a, std::string_view b);

// "did you mean 'x'?" for the nearest of `names`, or the whole list when none is near.
[[nodiscard]] std::string suggest(std::string_view word, std::span<const std::string> names);

}  // namespace sheaf::base
