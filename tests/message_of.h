// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sheaf::test {

// The message of the `Error` that `act` throws. Anything else it throws passes through.
template <class Error, class Act>
std::string message_of(Act&& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace sheaf::test
