// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace sheaf::report {

// A state machine as circles and arrows, with what a run of it did.
struct MachinePicture {
  struct State {
    std::string name;    // what is ready
    std::string action;  // what runs
    bool known = true;   // the table has it; otherwise the machine falls back
  };
  struct Step {
    std::size_t from, to;  // states
    std::uint32_t times;   // in the run
  };
  std::string title;
  std::vector<State> states;  // the first is where the run begins
  std::vector<Step> steps;

  [[nodiscard]] std::string to_svg() const;
};

}  // namespace sheaf::report
