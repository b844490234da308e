// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/rng.h"

#include <cmath>

namespace sheaf::base {

Rng::Rng(std::uint64_t seed, std::string_view name) : state_(seed) { state_ = next() ^ hash(name); }

Rng::Rng(std::uint64_t seed, Hash name) : state_(seed) { state_ = next() ^ name.value(); }

std::uint64_t Rng::next() noexcept {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::uint32_t Rng::below(std::uint32_t bound) noexcept {
  return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
}

float Rng::uniform(float low, float high) noexcept {
  const auto unit = static_cast<float>(next() >> 40) * 0x1p-24F;
  const float value = low + (high - low) * unit;
  return value < high ? value : std::nextafter(high, low);  // rounding may reach the end
}

std::uint64_t hash(std::string_view bytes) noexcept {
  Hash h;
  for (const char c : bytes) h.add(c);
  return h.value();
}

}  // namespace sheaf::base
