// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sheaf::target {

struct Technology {
  // Feature size, nm. ISAAC (ISCA 2016): 32.
  double node_nm = 32;
  // Of the digital parts, GHz. ISAAC, section 6: 1.2.
  double clock_ghz = 1.2;
};

}  // namespace sheaf::target
