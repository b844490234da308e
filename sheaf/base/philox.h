// SPDX-License-Identifier: Apache-2.0
//
// Random numbers that are a function of where they are used, not of what was drawn before: a run
// that is resumed, or shared among threads, repeats them. Philox4x32-10 (Salmon, Moraes, Dror and
// Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 4.3). Not for cryptography.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sheaf::base {

using PhiloxBlock = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

// Four independent words for each of the 2^128 counters, another sequence for each key.
[[nodiscard]] constexpr PhiloxBlock philox4x32(PhiloxBlock counter, PhiloxKey key) noexcept {
  constexpr std::uint64_t kFirstMultiplier = 0xD2511F53;
  constexpr std::uint64_t kSecondMultiplier = 0xCD9E8D57;
  constexpr PhiloxKey kWeyl = {0x9E3779B9, 0xBB67AE85};
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t a = kFirstMultiplier * counter[0];
    const std::uint64_t b = kSecondMultiplier * counter[2];
    counter = {
        static_cast<std::uint32_t>(b >> 32U) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
        static_cast<std::uint32_t>(a >> 32U) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key = {key[0] + kWeyl[0], key[1] + kWeyl[1]};
  }
  return counter;
}

// Random numbers of a purpose: a function of (seed, name, step, index).
class Philox {
 public:
  Philox(std::uint64_t seed, std::string_view name);

  // The words of one counter.
  [[nodiscard]] PhiloxBlock block(std::uint64_t step, std::uint64_t index) const noexcept {
    return philox4x32({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32U),
                       static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32U)},
                      key_);
  }

  // Uniform in [0, bound), with a bias below bound / 2^64; bound > 0.
  [[nodiscard]] std::uint32_t below(std::uint32_t bound, std::uint64_t step,
                                    std::uint64_t index) const noexcept;

  // Uniform among the 2^24 multiples of 2^-24 in [0, 1).
  [[nodiscard]] float uniform(std::uint64_t step, std::uint64_t index) const noexcept {
    return static_cast<float>(block(step, index)[0] >> 8U) * 0x1p-24F;
  }

  [[nodiscard]] PhiloxKey key() const noexcept { return key_; }

 private:
  PhiloxKey key_;
};

}  // namespace sheaf::base
