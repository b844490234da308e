// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/magnitudes.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "sheaf/base/error.h"

namespace sheaf::engine {
namespace {

// Of a float's 32 bits the exponent and seven of the fraction.
constexpr std::uint32_t kShift = 16;
constexpr std::size_t kBins = std::size_t{1} << 15U;

}  // namespace

void Magnitudes::add(std::span<const float> values) {
  if (bins_.empty()) bins_.assign(kBins, 0);
  for (const float x : values) {
    if (!std::isfinite(x)) {
      throw base::DataError({.place = "quantise",
                             .what = "value in the calibration run",
                             .got = std::to_string(x),
                             .expected = "finite numbers"});
    }
    const float magnitude = std::abs(x);
    ++bins_[std::bit_cast<std::uint32_t>(magnitude) >> kShift];
    largest_ = std::max(largest_, magnitude);
  }
  count_ += values.size();
}

float Magnitudes::percentile(double percent) const {
  if (percent >= 100 || count_ == 0) return largest_;
  const double wanted = percent / 100 * static_cast<double>(count_);
  std::uint64_t below = 0;
  for (std::uint32_t bin = 0; bin < bins_.size(); ++bin) {
    below += bins_[bin];
    if (static_cast<double>(below) < wanted) continue;
    return std::min(std::bit_cast<float>((bin + 1) << kShift), largest_);
  }
  return largest_;
}

}  // namespace sheaf::engine
