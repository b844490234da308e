// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sheaf::target {

struct Stage {
  std::string name;
  std::uint32_t cycles = 1;
  // Runs once per digit of the input; such stages overlap from digit to digit.
  bool per_digit = false;
};

// What one input passes, in this order.
struct Pipeline {
  double cycle_ns = 100;
  std::vector<Stage> stages;
};

}  // namespace sheaf::target
