// SPDX-License-Identifier: Apache-2.0
//
// What a conversion costs, by every published model at hand. They disagree: on how much is saved by
// fewer bits, even on whether a design gets better. So a design is to be looked at under all.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sheaf/target/adc.h"

namespace sheaf::sim::adc {

// Energy of a conversion and area of a converter, or why there is none.
struct Estimate {
  std::string refusal;  // empty: there is an estimate
  double energy_pj = 0;
  std::optional<double> area_um2;        // some models have none
  std::optional<double> energy_high_pj;  // where the source gives a range, of which energy_pj and
  std::optional<double> area_high_um2;   // area_um2 are the low ends
  bool extrapolated = false;             // outside what the source covers
  std::string note;                      // what has to be known to read the numbers

  [[nodiscard]] bool ok() const { return refusal.empty(); }
};

struct Model {
  std::string_view name;
  std::string_view rule;     // the formula
  std::string_view source;   // whose; [D]: derived from their numbers
  std::uint32_t least_bits;  // that the source covers
  std::uint32_t most_bits;
  double least_gsps;  // rates that the source covers
  double most_gsps;
  double node_nm;  // technology of its numbers; 0: asks for the design's
  Estimate (*estimate)(const target::Adc& adc);
};

// All of them, in the order in which they are shown.
[[nodiscard]] std::span<const Model> models();

// Throws NotFoundError, which names the nearest.
[[nodiscard]] const Model& find_model(std::string_view name);

// What `model` says of a converter, with `extrapolated` and notes on its range filled in. adc.model
// is not looked at. Throws UsageError for a rate, node or figure of merit that is not positive, and
// for bits outside 1..16.
[[nodiscard]] Estimate estimate(const Model& model, const target::Adc& adc);

// estimate(find_model(adc.model), adc), of which a refusal is thrown as an UnsupportedError.
[[nodiscard]] Estimate estimate(const target::Adc& adc);

// Whether any number for such a converter is an extrapolation: of the 725 entries of Murmann's
// survey (June 2025) none has 3 to 4.5 effective bits at 0.5 to 3 GS/s in 14 to 45 nm, and below 3
// nothing was examined.
[[nodiscard]] bool beyond_survey(const target::Adc& adc);

}  // namespace sheaf::sim::adc
