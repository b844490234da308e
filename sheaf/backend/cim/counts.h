// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/base/ceil_div.h"

namespace sheaf::backend::cim {

using base::ceil_div;

}  // namespace sheaf::backend::cim
