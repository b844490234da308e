// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/traffic.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "sheaf/backend/cim/counts.h"

namespace sheaf::backend::cim {
namespace {

// How many crossbars of a range stand in each column and row of the mesh.
struct Shares {
  std::vector<double> x;
  std::vector<double> y;
};

void add(std::vector<double>& to, std::uint64_t at, double share) {
  if (to.size() <= at) to.resize(at + 1);
  to[at] += share;
}

// All crossbars of the routers [first, end), `share` each. Whole rows of the mesh at a time.
void add_routers(const TileMesh& mesh, std::uint64_t first, std::uint64_t end, double share,
                 Shares& to) {
  double whole_rows = 0;
  for (std::uint64_t at = first; at < end;) {
    const std::uint64_t next = std::min(end, (at / mesh.columns + 1) * mesh.columns);
    if (mesh.order.empty() && next - at == mesh.columns) {
      add(to.y, at / mesh.columns, share * mesh.columns);
      ++whole_rows;
    } else {
      for (std::uint64_t router = at; router < next; ++router) {
        const std::uint32_t node = node_of(mesh, router);
        add(to.x, node % mesh.columns, share);
        add(to.y, node / mesh.columns, share);
      }
    }
    at = next;
  }
  if (whole_rows == 0) return;
  for (std::uint32_t x = 0; x < mesh.columns; ++x) add(to.x, x, share * whole_rows);
}

Shares shares_of(const TileMesh& mesh, std::uint64_t per_router, CrossbarRange range) {
  Shares shares;
  const std::uint64_t end = range.first + range.count;
  const double share = 1 / static_cast<double>(range.count);
  const std::uint64_t whole = std::min(end, ceil_div(range.first, per_router) * per_router);
  const std::uint64_t last = std::max(whole, end / per_router * per_router);
  const auto part = [&](std::uint64_t from, std::uint64_t to) {
    if (from == to) return;
    const std::uint64_t router = from / per_router;
    add_routers(mesh, router, router + 1, share * static_cast<double>(to - from), shares);
  };
  part(range.first, whole);
  add_routers(mesh, whole / per_router, last / per_router, share * static_cast<double>(per_router),
              shares);
  part(last, end);
  return shares;
}

// Mean |a - b|: between i and i + 1 passes what is on one side of it in one and not in the other.
double mean_distance(const std::vector<double>& a, const std::vector<double>& b) {
  const std::size_t size = std::max(a.size(), b.size());
  double below_a = 0;
  double below_b = 0;
  double sum = 0;
  for (std::size_t i = 0; i + 1 < size; ++i) {
    if (i < a.size()) below_a += a[i];
    if (i < b.size()) below_b += b[i];
    sum += below_a * (1 - below_b) + below_b * (1 - below_a);
  }
  return sum;
}

// Share of pairs of crossbars of two ranges that stand in one tile. Ranges do not overlap, so that
// they have one tile in common at most.
double same_tile(std::uint64_t per_tile, CrossbarRange a, CrossbarRange b) {
  if (a.first > b.first) std::swap(a, b);
  const std::uint64_t end = a.first + a.count;
  const std::uint64_t tile = b.first / per_tile;
  if (a.count == 0 || (end - 1) / per_tile != tile) return 0;
  const std::uint64_t of_a = end - std::max(a.first, tile * per_tile);
  const std::uint64_t of_b = std::min(b.first + b.count, (tile + 1) * per_tile) - b.first;
  return static_cast<double>(of_a) / static_cast<double>(a.count) * static_cast<double>(of_b) /
         static_cast<double>(b.count);
}

// From a router of a range to the next in the order of filling; less where tiles share one.
double hops_to_next(const TileMesh& mesh, std::uint64_t per_router, CrossbarRange range) {
  const std::uint64_t first = range.first / per_router;
  const std::uint64_t last = (range.first + range.count - 1) / per_router;
  if (mesh.order.empty() || first == last) return 1.0 / mesh.tiles_per_router;
  std::uint64_t sum = 0;
  for (std::uint64_t router = first; router < last; ++router) {
    const std::uint32_t a = node_of(mesh, router);
    const std::uint32_t b = node_of(mesh, router + 1);
    sum += std::max(a % mesh.columns, b % mesh.columns) -
           std::min(a % mesh.columns, b % mesh.columns) +
           std::max(a / mesh.columns, b / mesh.columns) -
           std::min(a / mesh.columns, b / mesh.columns);
  }
  return static_cast<double>(sum) / static_cast<double>((last - first) * mesh.tiles_per_router);
}

// In one replica of a layer: tiles that hold rows for one of its inputs, and tiles over which the
// rows of one column are spread. Strips of rows are laid out one after the other.
struct Spread {
  double readers;
  double tall;
  double weights_met;  // by one input in one tile
};

Spread spread_of(const LayerShape& layer, const LayerMapping& mapping, const Hardware& hardware) {
  const auto per_tile = static_cast<double>(hardware.crossbars_per_tile);
  const double crossbars =
      static_cast<double>(mapping.crossbars) / static_cast<double>(mapping.replicas);
  const double tiles = std::max(1.0, std::ceil(crossbars / per_tile));
  const double taps = static_cast<double>(layer.kernel_height) * layer.kernel_width;
  const double strips_of_input = std::min<double>(mapping.row_strips, taps);
  const double wide = std::max(1.0, mapping.column_groups / per_tile);
  Spread spread{};
  spread.readers = std::min(tiles, std::ceil(strips_of_input * wide));
  spread.tall = std::min<double>(tiles, mapping.row_strips);
  const double inputs = static_cast<double>(layer.groups) * layer.inputs / taps;
  spread.weights_met = static_cast<double>(layer.weights()) / (inputs * spread.readers);
  return spread;
}

}  // namespace

std::uint32_t node_of(const TileMesh& mesh, std::uint64_t router) {
  if (!mesh.order.empty()) return mesh.order[router % mesh.order.size()];
  const auto row = static_cast<std::uint32_t>(router / mesh.columns);
  const auto column = static_cast<std::uint32_t>(router % mesh.columns);
  return row * mesh.columns + (row % 2 == 0 ? column : mesh.columns - 1 - column);
}

TileMesh mesh_of(const target::Chip& chip, std::uint64_t tiles) {
  TileMesh mesh;
  for (const target::DigitalUnit& unit : chip.tile.units) {
    if (unit.name == "router" && unit.count > 0) mesh.tiles_per_router = unit.shared_by;
  }
  if (chip.mesh) {
    mesh.tiles_per_router = 1;
    mesh.columns = chip.mesh->columns;
    if (tiles <= std::uint64_t{chip.mesh->columns} * chip.mesh->rows) return mesh;
  }
  const std::uint64_t routers = ceil_div(tiles, mesh.tiles_per_router);
  while (std::uint64_t{mesh.columns} * mesh.columns < routers) ++mesh.columns;
  return mesh;
}

RouterShares router_shares(CrossbarRange range, std::uint64_t per_router) {
  RouterShares result{range.first / per_router, {}};
  const std::uint64_t end = range.first + range.count;
  for (std::uint64_t at = range.first; at < end;) {
    const std::uint64_t next = std::min(end, (at / per_router + 1) * per_router);
    result.shares.push_back(static_cast<double>(next - at) / static_cast<double>(range.count));
    at = next;
  }
  return result;
}

double mean_hops(const TileMesh& mesh, std::uint64_t crossbars_per_tile, CrossbarRange from,
                 CrossbarRange to) {
  const std::uint64_t per_router = crossbars_per_tile * mesh.tiles_per_router;
  const Shares a = shares_of(mesh, per_router, from);
  const Shares b = shares_of(mesh, per_router, to);
  return mean_distance(a.x, b.x) + mean_distance(a.y, b.y);
}

std::vector<Traffic> traffic_of(const LayerShapes& shapes,
                                const std::vector<LayerMapping>& mappings, const Hardware& hardware,
                                const TileMesh& mesh, double density) {
  std::vector<CrossbarRange> ranges;
  std::vector<Shares> shares;
  const std::uint64_t per_router = hardware.crossbars_per_tile * mesh.tiles_per_router;
  std::uint64_t first = 0;
  for (const LayerMapping& mapping : mappings) {
    ranges.push_back({first, mapping.crossbars});
    shares.push_back(shares_of(mesh, per_router, ranges.back()));
    first += taken_crossbars(mapping, hardware);
  }
  std::vector<Traffic> all;
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    const LayerShape& layer = shapes.layers[i];
    const Spread spread = spread_of(layer, mappings[i], hardware);
    const double needed = 1 - std::pow(1 - density, spread.weights_met);
    Traffic traffic;
    for (const LayerSource& source : layer.sources) {
      if (source.layer == kOutside || source.layer == i) continue;
      const double values = static_cast<double>(source.values) * spread.readers * needed;
      const double flits = values * layer.input_bits / hardware.flit_bits;
      traffic.values += values;
      traffic.flits += flits;
      traffic.from.push_back({source.layer, flits});
      traffic.sent_flits +=
          flits * (1 - same_tile(hardware.crossbars_per_tile, ranges[source.layer], ranges[i]));
      traffic.flit_hops += flits * (mean_distance(shares[source.layer].x, shares[i].x) +
                                    mean_distance(shares[source.layer].y, shares[i].y));
    }
    // Sums of products need the bits of both and of how many there are.
    const double sum_bits =
        layer.input_bits + layer.weight_bits + static_cast<double>(std::bit_width(layer.inputs));
    traffic.partial_sums = (spread.tall - 1) * static_cast<double>(layer.results());
    const double flits = traffic.partial_sums * sum_bits / hardware.flit_bits;
    traffic.flits += flits;
    traffic.sent_flits += flits;
    traffic.flit_hops += flits * hops_to_next(mesh, per_router, ranges[i]);
    all.push_back(traffic);
  }
  return all;
}

}  // namespace sheaf::backend::cim
