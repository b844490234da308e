// SPDX-License-Identifier: Apache-2.0
//
// From the masks of a sparse network to traffic between the nodes of a mesh.
#pragma once

#include <string_view>
#include <vector>

#include "sheaf/sim/noc/topology.h"

namespace sheaf::sim::placement {

// Values per inference by [source][destination], as noc::Traffic::matrix() takes them, of one draw
// of masks for layers that feed each other:
//
//   units=1000/1000/1000/10,tiles=16/16/16/1,density=0.1,sigma=1,seed=1
//
// units and tiles are by layer; tiles stand on nodes row by row. With sigma, connections over short
// distances are preferred (distance_mask()); without, all are as likely (erdos_renyi_mask()).
// Connections to the last layer are all kept. Defaults: density=1, seed=1. Throws UsageError for
// words that are none of these and for numbers out of range, with more tiles than nodes too.
[[nodiscard]] std::vector<double> mask_flows(const noc::Topology& topology, std::string_view spec);

}  // namespace sheaf::sim::placement
