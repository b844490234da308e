// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sheaf/target/chip.h"

namespace sheaf::target {

// The chip as YAML, every key written out; read_chip() of it gives the same chip.
[[nodiscard]] std::string to_yaml(const Chip& chip);

// A key that a chip may have.
struct KeyHelp {
  std::string path;   // "tile.buffers.NAME.size"
  std::string value;  // "B, KB, MB, GB", "a number", "one of sram, edram, registers", ...
  std::string help;
};

// All of them, in the order in which to_yaml() writes them.
[[nodiscard]] std::vector<KeyHelp> key_list();

}  // namespace sheaf::target
