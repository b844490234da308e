// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/batch_cost.h"

#include <algorithm>

#include "sheaf/base/error.h"

namespace sheaf::backend::cim {

std::vector<CallCost> call_costs(const LayerShapes& shapes, const NetworkCost& cost,
                                 std::size_t types) {
  base::check(shapes.layers.size() == cost.layers.size(), "call costs", "another network's layers");
  std::vector<CallCost> calls(types);
  std::vector<double> end(shapes.layers.size());
  const bool in_turn = cost.pipeline == PipelineKind::intra_layer;
  for (std::size_t i = 0; i < shapes.layers.size(); ++i) {
    const LayerShape& shape = shapes.layers[i];
    const LayerCost& layer = cost.layers[i];
    const auto n = static_cast<double>(shape.calls);
    const double first = layer.time_ns / n;
    Limits later = layer.limits;  // of a call that finds the weights there
    if (layer.weight_bytes > 0) {
      later.of(Bound::dram) *= 1 - layer.weight_bytes / layer.dram_bytes;
    }
    const double interval = later.most() / n;
    CallCost& call = calls.at(shape.type);
    double begin = in_turn ? call.first_ns : 0;
    for (const std::uint32_t before : shape.after) begin = std::max(begin, end[before]);
    end[i] = begin + first;
    call.first_ns = std::max(call.first_ns, end[i]);
    call.interval_ns = in_turn ? call.interval_ns + interval : std::max(call.interval_ns, interval);
    call.conversions += static_cast<double>(layer.conversions) / n;
    call.buffer_bytes += layer.buffer_bytes / n;
    call.flit_hops += layer.traffic.flit_hops / n;
    for (std::size_t c = 0; c < kComponents; ++c) {
      call.energy_pj[c] += (layer.energy_pj[c] - layer.weight_pj[c]) / n;
      call.once_pj[c] += layer.weight_pj[c] / n;
    }
  }
  return calls;
}

}  // namespace sheaf::backend::cim
