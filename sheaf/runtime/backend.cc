// SPDX-License-Identifier: Apache-2.0
#include "sheaf/runtime/backend.h"

#include "sheaf/base/error.h"

namespace sheaf::runtime {

void Backend::add(const OuterProducts& /*products*/) {
  throw base::UnsupportedError({.place = "backend " + std::string(name()),
                                .what = "weight gradients",
                                .got = "none",
                                .expected = "a backend that trains"});
}

}  // namespace sheaf::runtime
