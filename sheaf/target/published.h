// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace sheaf::target {

// Where numbers come from.
enum class Origin {
  published,      // a paper's
  derived,        // follows from a paper's by arithmetic
  reconstructed,  // a reading of what a paper must mean, not confirmed by its text
  example,        // made up to teach or to test
  own,            // the user's
};

inline constexpr std::array<std::string_view, 5> kOriginNames = {"published", "derived",
                                                                 "reconstructed", "example", "own"};

struct Provenance {
  Origin origin = Origin::own;
  std::string source;

  friend bool operator==(const Provenance&, const Provenance&) = default;
};

// A figure that a paper prints, against which the sums of the chip are held.
struct Published {
  std::string name;  // of a figure of sim::cost::figures(), "chip.power_w" for instance
  double value = 0;
  double within = 0;  // largest relative difference that still counts as the same
  std::string note;   // why they differ
};

}  // namespace sheaf::target
