// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "sheaf/base/clock.h"

namespace sheaf::backend::cpu {

// One level of the memory, as one core reads it.
struct MemoryLevel {
  std::string_view name;       // L1, L2, L3 or DRAM
  std::size_t bytes = 0;       // that fit in it, as the system says; of DRAM: any number
  double gigabytes_per_s = 0;  // measured
};

// Reads arrays of half a level's size (of L3: 8 MiB at most; of DRAM: 256 MiB) again and again with
// the widest vectors that the processor has, for some milliseconds each, and takes the best sample.
// Levels that the system does not name have the sizes of a small machine: 32 KiB, 1 MiB, 16 MiB; an
// L3 cache is taken for 32 MiB at most. `clock` should be that of the calling thread.
[[nodiscard]] std::array<MemoryLevel, 4> measure_read_bandwidth(const base::Clock& clock);

// The sum of `floats` numbers from a 64-byte boundary on: what the measurement runs.
[[nodiscard]] float sum_of(const float* values, std::size_t floats);

}  // namespace sheaf::backend::cpu
