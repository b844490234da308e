// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace sheaf::base {

// A 64-bit hash of bytes (FNV-1a), stable across machines, byte by byte.
class Hash {
 public:
  void add(char byte) noexcept {
    value_ = (value_ ^ static_cast<unsigned char>(byte)) * 0x100000001b3ULL;
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

// A small seeded generator (SplitMix64; Steele, Lea and Flood, OOPSLA 2014). Not for cryptography.
// The same seed gives the same numbers on every machine, which std::uniform_real_distribution does
// not promise.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : state_(seed) {}

  // A stream of its own per (seed, name): drawing from one never moves another.
  Rng(std::uint64_t seed, std::string_view name);
  Rng(std::uint64_t seed, Hash name);

  [[nodiscard]] std::uint64_t next() noexcept;

  // Uniform in [0, bound); bound > 0.
  [[nodiscard]] std::uint32_t below(std::uint32_t bound) noexcept;

  // Uniform in [low, high).
  [[nodiscard]] float uniform(float low, float high) noexcept;

 private:
  std::uint64_t state_;
};

// That of a text.
[[nodiscard]] std::uint64_t hash(std::string_view bytes) noexcept;

}  // namespace sheaf::base
