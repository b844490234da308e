// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/cost/peak.h"

#include <algorithm>

#include "sheaf/base/ceil_div.h"
#include "sheaf/base/error.h"

namespace sheaf::sim::cost {
namespace {

Peak peak_of_array(const target::PeArray& array, double clock_ghz) {
  Peak peak;
  peak.pass_ns = 1 / clock_ghz;
  peak.macs = double{1} * array.slices * array.lines * array.macs / array.cycles_per_mac;
  peak.gops = 2 * peak.macs / peak.pass_ns;
  return peak;
}

}  // namespace

Peak peak_of_pe(const target::Chip& chip) {
  if (chip.pe.array) return peak_of_array(*chip.pe.array, chip.technology.clock_ghz);
  base::check(chip.cell && chip.crossbar && chip.dac && chip.adc, "peak_of_pe", "no crossbars");
  const target::Crossbar& crossbar = *chip.crossbar;
  const std::uint64_t digits = base::ceil_div(chip.mapping.input_bits, chip.dac->bits);
  const std::uint64_t groups = base::ceil_div(crossbar.rows, target::driven_rows(crossbar));
  const std::uint32_t weights =
      crossbar.columns / target::columns_per_weight(chip.mapping, chip.cell->bits);
  const double convert_ns = target::converted_columns(chip.mapping, crossbar.columns) /
                            (chip.adc->per_crossbar * chip.adc->rate_gsps);
  Peak peak;
  peak.read_ns = std::max(crossbar.read_latency_ns, convert_ns);
  peak.pass_ns = peak.read_ns * static_cast<double>(digits * groups);
  peak.macs = double{1} * crossbar.rows * weights * chip.pe.crossbars;
  peak.gops = 2 * peak.macs / peak.pass_ns;
  return peak;
}

}  // namespace sheaf::sim::cost
