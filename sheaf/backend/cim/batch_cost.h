// SPDX-License-Identifier: Apache-2.0
//
// What batches of a dynamic network take on a chip, by the closed forms of network_cost.h.
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/backend/cim/network_cost.h"

namespace sheaf::backend::cim {

// Of one batch type. The weights of a type stay in their crossbars; the calls of a batch follow
// each other through them. On a digital array, weights come from DRAM once a batch: all its calls
// pass a layer before the next begins.
struct CallCost {
  // From the first read of a call's first layer to the end of its last one. Layers that read each
  // other's results come one after the other, others run at the same time.
  double first_ns = 0;
  // From one call of a batch to the next: the slowest layer; of strategies that run one layer at a
  // time, all of them.
  double interval_ns = 0;
  // Of one call.
  double conversions = 0;
  double buffer_bytes = 0;
  double flit_hops = 0;
  Breakdown energy_pj = {};
  // Of a batch, whatever its size: weights that come from memory outside of the chip.
  Breakdown once_pj = {};

  // Of a batch of n calls: the first, and an interval for every other one. 0 for none.
  [[nodiscard]] double batch_ns(std::uint64_t n) const {
    return n == 0 ? 0 : first_ns + static_cast<double>(n - 1) * interval_ns;
  }
  [[nodiscard]] double batch_pj(std::uint64_t n) const {
    return n == 0 ? 0 : total(once_pj) + static_cast<double>(n) * total(energy_pj);
  }
};

// By batch type, of so many. Types without products take nothing: their ops are counted with the
// layers whose results they combine. `cost` is that of `shapes`.
[[nodiscard]] std::vector<CallCost> call_costs(const LayerShapes& shapes, const NetworkCost& cost,
                                               std::size_t types);

}  // namespace sheaf::backend::cim
