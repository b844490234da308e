// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sheaf::test {

// Calls of operator new so far, by all threads of a test program that links allocations.cc.
[[nodiscard]] std::uint64_t allocations();

}  // namespace sheaf::test
