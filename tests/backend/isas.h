// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/base/error.h"

namespace sheaf::test {

// The names, for choose_kernels() and `--isa`, of every instruction set that this processor can
// run.
inline std::vector<std::string> isas() {
  std::vector<std::string> names;
  for (const std::string& name : backend::cpu::isa_names()) {
    if (name == "auto") continue;
    try {
      static_cast<void>(backend::cpu::choose_kernels(name));
      names.push_back(name);
    } catch (const base::UnsupportedError&) {
    }
  }
  return names;
}

// Names the instances of a test that takes one of them.
inline std::string isa_name(const testing::TestParamInfo<std::string>& info) { return info.param; }

}  // namespace sheaf::test
