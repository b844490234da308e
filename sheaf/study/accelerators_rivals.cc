// SPDX-License-Identifier: Apache-2.0
//
// What others published, and ReBoc's LSTM beside the two FPGA designs for the same one.
#include "sheaf/backend/cim/rivals.h"

#include <fmt/format.h>

#include "sheaf/backend/cim/network_cost.h"
#include "sheaf/backend/cim/read_layers.h"
#include "sheaf/study/accelerator_parts.h"
#include "sheaf/study/simulate.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::study {

AcceleratorTable study_rivals(const AcceleratorOptions& options) {
  namespace cim = backend::cim;
  AcceleratorTable table;
  table.name = "rivals";
  table.title = "Published figures of designs for compressed weights";
  table.head = {"design", "figure", "value", "unit", "source"};
  for (const cim::RivalFigure& figure : cim::rival_figures()) {
    table.rows.push_back(
        {word(std::string(figure.design)), word(std::string(figure.figure)), number(figure.value),
         word(std::string(figure.unit)),
         word(std::string(figure.source) + (figure.recalled ? ", recalled" : ""))});
  }
  cim::LayerShapes lstm = listed_layers("ese_lstm");
  cim::set_precision(lstm, {16, 16});
  cim::make_block_circulant(lstm, options.block);
  const cim::NetworkCost cost = cim::cost_of(lstm, target::read_chip("reboc"));
  const double frames_per_joule = 1e12 / cost.total_energy_pj();
  table.notes = {
      fmt::format("ReBoc's model, ese_lstm, 16 bits, blocks of {}: {:.0f} steps a joule, {:.1f} "
                  "times ESE's frames and {:.1f} times C-LSTM's (recalled; blocks of 16). The "
                  "abstract: 96x over FPGA and 8.86x over ASIC designs.",
                  options.block, frames_per_joule, frames_per_joule / cim::kEseFramesPerJoule,
                  frames_per_joule / cim::kClstmFramesPerJoule),
      "The model counts what events take; the boards' watts hold leakage, clocks and memory too, "
      "so "
      "that the ratio is an upper bound.",
      "Ratios of papers are against their own baselines, technologies and precisions: they do not "
      "multiply."};
  return table;
}

}  // namespace sheaf::study
