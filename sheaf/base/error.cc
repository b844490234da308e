// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/error.h"

namespace sheaf::base {

std::string to_string(const Fault& fault) {
  std::string text;
  if (!fault.place.empty()) text += "[" + fault.place + "] ";
  text += fault.what;
  if (!fault.got.empty()) text += ": got " + fault.got;
  if (!fault.expected.empty()) {
    text += (fault.got.empty() ? ": expected " : ", expected ") + fault.expected;
  }
  if (!fault.hint.empty()) text += "; " + fault.hint;
  return text;
}

Error::Error(const Fault& fault, std::string_view kind, int exit_code)
    : std::runtime_error(to_string(fault)), fault_(fault), kind_(kind), exit_code_(exit_code) {}

}  // namespace sheaf::base
