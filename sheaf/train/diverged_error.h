// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/base/error.h"

namespace sheaf::train {

// Training left the range of float32: a loss, a gradient or a weight is NaN or infinite. Exit
// code 4.
class DivergedError : public base::Error {
 public:
  explicit DivergedError(const base::Fault& fault) : Error(fault, "DivergedError", 4) {}
};

}  // namespace sheaf::train
