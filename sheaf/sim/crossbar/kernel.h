// SPDX-License-Identifier: Apache-2.0
//
// The inner loop of the exact product, one per instruction set.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sheaf/sim/crossbar/packed.h"

namespace sheaf::sim::crossbar {

// A cycle as the kernel takes it. Converted sums are gathered in 16 bits over cycles of one sign,
// each shifted by how far it lies above the first, until one says `flush`.
struct KernelCycle {
  std::uint32_t shift = 0;       // within what is gathered
  std::uint32_t base_shift = 0;  // of what is gathered
  bool negative = false;
  bool flush = false;
};

// Where a bit of the inputs goes: to the sum of a cycle, shifted.
struct KernelBit {
  std::uint32_t cycle = 0;
  std::uint32_t shift = 0;
};

inline constexpr std::size_t kMaxCycles = 16;

struct KernelArgs {
  const Line* weights = nullptr;  // of a block and a group: unit, plane, eight rows
  std::span<const Unit> units;
  std::uint32_t chunks = 0;               // of eight rows
  const std::uint32_t* inputs = nullptr;  // of a vector and the group: chunk, bit
  std::span<const KernelBit> bits;        // of the inputs, at most 16
  std::span<const KernelCycle> cycles;    // at most kMaxCycles
  std::int32_t least = 0;                 // that a converter returns
  std::int32_t most = 0;
  bool wide = false;                    // a group's sum needs 64 bits
  const std::int32_t* signs = nullptr;  // [64] by output, or none
  const std::int32_t* flips = nullptr;  // [units][64], -1: the output counts negative; or none
  std::int64_t* sums = nullptr;         // [64] by output, added to
};

// Returns how many conversions were saturated.
using Kernel = std::uint64_t (*)(const KernelArgs& args) noexcept;

struct KernelTable {
  std::string_view name;
  Kernel product = nullptr;         // converters without a sign
  Kernel signed_product = nullptr;  // `sign_magnitude`
};

// Null where the processor has no such instructions.
[[nodiscard]] const KernelTable* avx512_kernels();
[[nodiscard]] const KernelTable* avx2_kernels();
[[nodiscard]] const KernelTable* portable_kernels();

// "auto" (the best there is), "avx512", "avx2" or "scalar". Throws UsageError for other names, and
// UnsupportedError where the processor lacks it.
[[nodiscard]] const KernelTable& select_kernels(std::string_view isa);

// As select_kernels(), but what the processor lacks gives the next lower that it has: `avx512` here
// asks for more (BITALG) than elsewhere in the engine. "reference", the engine's, is "scalar".
[[nodiscard]] const KernelTable& best_kernels(std::string_view isa);

}  // namespace sheaf::sim::crossbar
