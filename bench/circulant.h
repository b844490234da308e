// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sheaf::bench {

// Registers circulant/ISA/n:N/k:K/m:ROWS, for every instruction set of this processor.
void register_circulant();

}  // namespace sheaf::bench
