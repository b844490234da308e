// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "sheaf/base/thread_pool.h"
#include "sheaf/runtime/backend.h"
#include "sheaf/runtime/integer_products.h"

namespace sheaf::engine {

// The one list of backends: cpu. `isa` as in backend/cpu/kernels.h. `pool`, if any, must outlive
// the backend, and so must what multiplies integers in place of the backend's own kernels. Throws
// UsageError for an unknown name.
[[nodiscard]] std::unique_ptr<runtime::Backend> make_backend(
    std::string_view name, std::string_view isa, base::ThreadPool* pool = nullptr,
    runtime::IntegerProducts* integer_products = nullptr);

}  // namespace sheaf::engine
