// SPDX-License-Identifier: Apache-2.0
//
// TinyADC (DATE 2021), reconstructed: every column of a crossbar holds at most l weights that are
// not 0, anywhere in it, so that converters of fewer bits read it without loss.
#include "sheaf/backend/cim/impl/strategies.h"
#include "sheaf/backend/cim/network_cost.h"
#include "sheaf/base/error.h"

namespace sheaf::backend::cim {
namespace {

void require_no_offset(const target::Chip& chip) {
  if (chip.mapping.encoding != target::WeightEncoding::offset) return;
  throw base::ConfigError(
      {.place = "mapping.encoding",
       .what = "limit of non-zeros in a column",
       .got = "encoding 'offset'",
       .expected = "differential, sign_magnitude or polarised",
       .hint =
           "with an offset a weight of 0 is stored as 2^(bits - 1): every row conducts, and the "
           "limit saves no bit"});
}

}  // namespace

std::uint32_t limited_adc_bits(const LayerShapes& shapes, const target::Chip& chip) {
  require_no_offset(chip);
  return needed_adc_bits(shapes, chip);
}

TinyAdcStrategy::TinyAdcStrategy(const target::Chip& chip) : DenseStrategy(chip) {
  require_no_offset(chip);
}

std::uint32_t TinyAdcStrategy::adc_bits(const LayerShapes& shapes, const target::Chip& chip) const {
  return limited_adc_bits(shapes, chip);
}

}  // namespace sheaf::backend::cim
