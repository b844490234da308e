// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sheaf::test {

// Calls of operator new by this thread so far: the test executable replaces it by one that counts.
[[nodiscard]] std::uint64_t allocations() noexcept;

}  // namespace sheaf::test
