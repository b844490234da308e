// SPDX-License-Identifier: Apache-2.0
#include "sheaf/runtime/backend.h"

#include "sheaf/base/error.h"

namespace sheaf::runtime {

namespace {

[[noreturn]] void refuse_gradients(const Backend& backend) {
  throw base::UnsupportedError({.place = "backend " + std::string(backend.name()),
                                .what = "weight gradients",
                                .got = "none",
                                .expected = "a backend that trains"});
}

}  // namespace

void Backend::add(const OuterProducts& /*products*/) { refuse_gradients(*this); }
void Backend::add(const ConvolutionGradients& /*gradients*/) { refuse_gradients(*this); }

}  // namespace sheaf::runtime
