// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/philox.h"

#include "sheaf/base/rng.h"

namespace sheaf::base {

Philox::Philox(std::uint64_t seed, std::string_view name) {
  const std::uint64_t mixed = Rng(seed, name).next();
  key_ = {static_cast<std::uint32_t>(mixed), static_cast<std::uint32_t>(mixed >> 32U)};
}

std::uint32_t Philox::below(std::uint32_t bound, std::uint64_t step,
                            std::uint64_t index) const noexcept {
  const PhiloxBlock words = block(step, index);
  // The upper 32 bits of bound * (64 random bits) / 2^32, without a 96-bit product.
  const std::uint64_t high = std::uint64_t{words[0]} * bound;
  const std::uint64_t low = std::uint64_t{words[1]} * bound;
  return static_cast<std::uint32_t>((high + (low >> 32U)) >> 32U);
}

}  // namespace sheaf::base
