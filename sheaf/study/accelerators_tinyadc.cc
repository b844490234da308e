// SPDX-License-Identifier: Apache-2.0
//
// TinyADC: what fewer bits of the converters are worth, under every model of converters.
#include <fmt/format.h>

#include "sheaf/backend/cim/network_cost.h"
#include "sheaf/sim/adc/model.h"
#include "sheaf/study/accelerator_parts.h"
#include "sheaf/study/simulate.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::study {
namespace {

namespace cim = backend::cim;
using cim::Component;

// Crossbars with their drivers and converters alone.
double near_crossbars(const cim::Breakdown& b) {
  return cim::of(b, Component::crossbar) + cim::of(b, Component::dac) + cim::of(b, Component::adc) +
         cim::of(b, Component::periphery);
}

// As TinyADC's preset, but for dense columns read by ISAAC's 8-bit converter; differential, as a
// limit of non-zeros asks for.
target::Chip dense_chip() {
  target::Chip chip = target::read_chip("tinyadc");
  chip.mapping.strategy = target::Strategy::dense;
  chip.mapping.column_nonzeros = 0;
  chip.adc->bits = 8;
  return chip;
}

}  // namespace

AcceleratorTable study_tinyadc() {
  AcceleratorTable table;
  table.name = "tinyadc";
  table.title =
      "TinyADC (reconstructed) against the same pruned network with 8-bit converters, "
      "ISAAC's tile: resnet18, 8-bit differential weights";
  table.head = {"converters",         "non-zeros a column", "bits",
                "power of tiles",     "area of tiles",      "power near crossbars",
                "area near crossbars"};
  const cim::LayerShapes shapes = listed_layers("resnet18");
  for (const char* model : {"isaac-forms", "sar-saberi", "pow2", "newton", "puma-sim"}) {
    target::Chip dense = dense_chip();
    dense.adc->model = model;
    const cim::NetworkCost before = cim::cost_of(shapes, dense);
    for (const std::uint32_t nonzeros : {42U, 21U, 10U, 5U, 1U}) {
      target::Chip chip = target::read_chip("tinyadc");
      chip.mapping.column_nonzeros = nonzeros;
      chip.adc->model = model;
      const cim::NetworkCost after = cim::cost_of(shapes, chip);
      table.rows.push_back(
          {word(model), number(nonzeros), number(after.adc_bits),
           times(before.total_energy_pj() / after.total_energy_pj()),
           times(before.total_area_um2() / after.total_area_um2()),
           times(near_crossbars(before.energy_pj) / near_crossbars(after.energy_pj)),
           times(near_crossbars(before.area_um2) / near_crossbars(after.area_um2))});
    }
  }
  table.notes = {
      "The abstract: 3.5x power and 2.9x area against pruning, and +40 % GOPs/W and +29 % "
      "GOPs/(s mm2) over an unnamed architecture, which 4 bits with sar-saberi come nearest to on "
      "ISAAC's tile (sheaf adc).",
      "Both sides run equally fast, so that power is energy. Both have the same crossbars: "
      "structured "
      "pruning before either of them changes no ratio.",
      "Tiles cannot reach 3.5x by bits alone: without any converters ISAAC's tile would take 2.39 "
      "times less power and 1.45 times less area. The rest must be fewer crossbars, or the "
      "abstract "
      "counts near the crossbars only; both views are shown.",
      "At 4 bits with sar-saberi the area near the crossbars falls by what the abstract says; "
      "power "
      "does not, under any model at 4 bits. That may be chance.",
      "A limit of non-zeros needs differential weights, twice the columns of ISAAC's offset: "
      "against "
      "an offset network with 8-bit converters the whole gain may be gone."};
  return table;
}

}  // namespace sheaf::study
