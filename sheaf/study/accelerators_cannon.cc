// SPDX-License-Identifier: Apache-2.0
//
// CANNON: what connections over short distances save on a mesh, before accuracy is looked at.
#include <fmt/format.h>

#include <cmath>

#include "sheaf/backend/cim/connections.h"
#include "sheaf/backend/cim/hardware.h"
#include "sheaf/study/accelerator_parts.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::study {
namespace {

namespace cim = backend::cim;

// Hidden layers of 1000 units, of which structured pruning keeps the same share of weights by
// keeping sqrt(density) of the units, and of the tiles.
cim::VolumeCost structured(double density) {
  const double share = std::sqrt(density);
  const auto units = static_cast<std::uint32_t>(std::lround(1000 * share));
  const auto tiles = static_cast<std::uint32_t>(std::ceil(16 * share));
  const auto layers = cim::row_major(7, {units, units, units, 10}, {tiles, tiles, tiles, 1});
  return cim::cost_of(cim::expected_volumes(layers, {}), 7);
}

std::string sigma_text(double sigma) {
  return std::isinf(sigma) ? "any" : fmt::format("{:g}", sigma);
}

}  // namespace

AcceleratorTable study_cannon() {
  AcceleratorTable table;
  table.name = "cannon";
  table.title =
      "CANNON (reconstructed), structural part: layers of 1000, 1000, 1000 and 10 units on "
      "16, 16, 16 and 1 tiles of a 7 x 7 mesh, against Erdos-Renyi masks of the density";
  table.head = {"density",          "reach",  "values",  "value-hops",  "network nJ", "cycles",
                "fewer value-hops", "energy", "latency", "energy-delay"};
  const cim::Hardware hardware = cim::hardware_of(target::read_chip("cannon"));
  const auto layers = cim::row_major(7, {1000, 1000, 1000, 10}, {16, 16, 16, 1});
  const auto add = [&](double density, const std::string& reach, const cim::VolumeCost& cost,
                       const cim::VolumeCost& random) {
    // h links, h + 1 routers: F [(h + 1) E_r + h E_l].
    const auto energy_pj = [&](const cim::VolumeCost& c) {
      return c.value_hops * hardware.hop_pj_flit + c.values * hardware.first_router_pj_flit;
    };
    const double energy = energy_pj(random) / energy_pj(cost);
    const double latency = random.cycles / cost.cycles;
    table.rows.push_back({number(density), word(reach), number(cost.values),
                          number(cost.value_hops), number(energy_pj(cost) / 1e3),
                          number(cost.cycles), times(random.value_hops / cost.value_hops),
                          times(energy), times(latency), times(energy * latency)});
  };
  for (const double density : {0.10, 0.04, 0.02, 0.01}) {
    const cim::VolumeCost random =
        cim::cost_of(cim::expected_volumes(layers, {.density = density}), 7);
    for (const double sigma : {cim::kAnyDistance, 2.0, 1.0, 0.5}) {
      const cim::VolumeCost cost =
          cim::cost_of(cim::expected_volumes(layers, {.density = density, .sigma = sigma}), 7);
      add(density, sigma_text(sigma), cost, random);
    }
    add(density, "structured", structured(density), random);
  }
  table.notes = {
      "The abstract: up to 3.0x less communication energy, 3.1x less latency and 6.8x less "
      "energy-delay product than pruning, each at its best network. 3.0 x 3.1 is more than 6.8: "
      "they "
      "need not be one network.",
      "Energy: a flit a value, over h links and through h + 1 routers. Latency: a burst a layer, "
      "at least as long as its "
      "busiest "
      "link, sender or receiver.",
      "Reach: sigma of exp(-(hops - 1) / sigma). How short it may be is for accuracy to say, which "
      "this table does not know.",
      "structured: as many weights, in sqrt(density) of the units and tiles: pruning of whole "
      "units, "
      "which is what the abstract's rivals may have done. What accuracy it loses, this table does "
      "not "
      "know."};
  return table;
}

}  // namespace sheaf::study
