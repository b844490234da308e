// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/backends.h"

#include "sheaf/backend/cpu/cpu_backend.h"
#include "sheaf/base/error.h"

namespace sheaf::engine {

std::unique_ptr<runtime::Backend> make_backend(std::string_view name, std::string_view isa,
                                               base::ThreadPool* pool,
                                               runtime::IntegerProducts* integer_products) {
  if (name == "cpu") {
    return std::make_unique<backend::cpu::CpuBackend>(
        backend::cpu::choose_kernels(isa), pool, backend::cpu::kRowsByWeights, integer_products);
  }
  throw base::UsageError({.place = "backend",
                          .what = "unknown backend",
                          .got = "'" + std::string(name) + "'",
                          .expected = "'cpu'"});
}

}  // namespace sheaf::engine
