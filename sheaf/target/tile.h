// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/target/buffer.h"
#include "sheaf/target/digital_unit.h"

namespace sheaf::target {

struct Tile {
  std::uint32_t pes = 1;
  std::vector<Buffer> buffers;
  std::vector<DigitalUnit> units;
};

}  // namespace sheaf::target
