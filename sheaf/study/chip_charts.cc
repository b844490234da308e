// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/chip_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sheaf/backend/cim/link_loads.h"
#include "sheaf/base/ceil_div.h"

namespace sheaf::study {
namespace {

using backend::cim::Breakdown;
using backend::cim::Hardware;
using backend::cim::LayerCost;

std::vector<std::string> component_names() {
  return {backend::cim::kComponentNames.begin(), backend::cim::kComponentNames.end()};
}

std::vector<double> scaled(const Breakdown& breakdown, double by) {
  std::vector<double> values;
  for (const double value : breakdown) values.push_back(value * by);
  return values;
}

bool has_crossbars(const ChipStudy& study) {
  return study.chip.crossbar && study.cost.crossbars > 0;
}

// Tiles of a router stand in a square, as nearly as they can.
std::uint32_t group_side(const backend::cim::TileMesh& mesh) {
  std::uint32_t side = 1;
  while (side * side < mesh.tiles_per_router) ++side;
  return side;
}

struct Place {
  std::uint32_t column;
  std::uint32_t row;
};

Place place_of(const backend::cim::TileMesh& mesh, std::uint64_t tile) {
  const std::uint32_t side = group_side(mesh);
  const std::uint32_t node = node_of(mesh, tile / mesh.tiles_per_router);
  const auto within = static_cast<std::uint32_t>(tile % mesh.tiles_per_router);
  return {node % mesh.columns * side + within % side, node / mesh.columns * side + within / side};
}

// More than that makes a page that no browser opens.
constexpr std::uint64_t kMostPlaces = 4096;

std::uint32_t blocks(std::uint32_t side, std::uint32_t block) {
  return static_cast<std::uint32_t>(base::ceil_div(side, block));
}

// Side of the squares, `step` or a multiple, that leave at most kMostPlaces of `columns` x `rows`;
// 1 where these are no more.
std::uint32_t block_side(std::uint32_t columns, std::uint32_t rows, std::uint32_t step) {
  if (std::uint64_t{columns} * rows <= kMostPlaces) return 1;
  std::uint32_t side = std::max(step, 2U);
  while (std::uint64_t{blocks(columns, side)} * blocks(rows, side) > kMostPlaces) side += step;
  return side;
}

}  // namespace

std::vector<std::string> layer_names(const ChipStudy& study) {
  std::vector<std::string> names;
  for (const LayerCost& layer : study.cost.layers) {
    names.push_back(layer.name.substr(0, layer.name.find('.')));
  }
  if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) return names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = study.cost.layers[i].name;
  return names;
}

std::string subject(const ChipStudy& study) { return study.of_data ? "all data" : "one input"; }

report::StackedBars energy_chart(const ChipStudy& study) {
  report::StackedBars chart{.title = "Energy of " + subject(study) + " by layer and component",
                            .unit = "uJ",
                            .series = component_names(),
                            .rows = {}};
  const std::vector<std::string> names = layer_names(study);
  for (std::size_t i = 0; i < names.size(); ++i) {
    chart.rows.push_back({names[i], scaled(study.cost.layers[i].energy_pj, 1e-6)});
  }
  return chart;
}

report::StackedBars energy_totals(const ChipStudy& study, const ChipStudy* other) {
  report::StackedBars chart{.title = "Energy of " + subject(study) + " by component",
                            .unit = "uJ",
                            .series = component_names(),
                            .rows = {{study.chip.name, scaled(study.cost.energy_pj, 1e-6)}}};
  if (other != nullptr) {
    chart.rows.push_back({other->chip.name, scaled(other->cost.energy_pj, 1e-6)});
  }
  return chart;
}

report::StackedBars area_totals(const ChipStudy& study, const ChipStudy* other) {
  report::StackedBars chart{.title = "Area of what is in use by component",
                            .unit = "mm2",
                            .series = component_names(),
                            .rows = {{study.chip.name, scaled(study.cost.area_um2, 1e-6)}}};
  if (other != nullptr) {
    chart.rows.push_back({other->chip.name, scaled(other->cost.area_um2, 1e-6)});
  }
  return chart;
}

report::SpanChart span_chart(const ChipStudy& study) {
  report::SpanChart chart{
      .title = study.of_data ? "When layers work, were all data one input that comes alone"
                             : "When layers work on an input that comes alone",
      .unit = "us",
      .rows = {}};
  const std::vector<std::string> names = layer_names(study);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const LayerCost& layer = study.cost.layers[i];
    const double span = layer.end_ns - layer.begin_ns;
    const double work = layer.limits.most();
    chart.rows.push_back({names[i], layer.begin_ns / 1e3, layer.end_ns / 1e3,
                          span > 0 ? std::min(1.0, work / span) : 0});
  }
  return chart;
}

std::optional<report::TileMap> tile_map(const ChipStudy& study) {
  if (!has_crossbars(study)) return std::nullopt;
  const Hardware hardware = backend::cim::hardware_of(study.chip);
  const std::uint64_t per_tile = hardware.crossbars_per_tile;
  const std::uint64_t tiles = base::ceil_div(study.cost.crossbars, per_tile);
  const backend::cim::TileMesh& mesh = study.cost.mesh;
  report::TileMap map;
  map.group = group_side(mesh);
  std::uint32_t rows = 0;
  for (std::uint64_t tile = 0; tile < tiles; ++tile) {
    rows = std::max(rows, (place_of(mesh, tile).row / map.group + 1) * map.group);
  }
  // Where tiles are too many to be drawn, what is drawn are routers, or squares of them.
  const std::uint32_t block = block_side(mesh.columns * map.group, rows, map.group);
  map.columns = blocks(mesh.columns * map.group, block);
  map.rows = blocks(rows, block);
  if (block > 1) {
    map.unit = fmt::format("square of {0} x {0} tiles", block);
    map.group = 1;
  }
  std::vector<report::TileMap::Tile> places(std::size_t{map.columns} * map.rows);
  std::uint64_t at = 0;
  map.layers = layer_names(study);
  for (std::size_t i = 0; i < study.cost.layers.size(); ++i) {
    const LayerCost& layer = study.cost.layers[i];
    map.layers[i] += fmt::format(", {:.3g} % of its cells", 100 * layer.utilisation);
    const std::uint64_t end = at + layer.mapping.crossbars;
    while (at < end) {
      const std::uint64_t next = std::min(end, (at / per_tile + 1) * per_tile);
      const double share = static_cast<double>(next - at) / static_cast<double>(per_tile) / block;
      const Place place = place_of(mesh, at / per_tile);
      auto& tile = places[std::size_t{place.row / block} * map.columns + place.column / block];
      tile.column = place.column / block;
      tile.row = place.row / block;
      if (tile.parts.empty() || tile.parts.back().layer != i) tile.parts.push_back({i, 0, 0});
      tile.parts.back().share += share / block;
      tile.parts.back().used = layer.utilisation;
      at = next;
    }
    at = end - layer.mapping.crossbars + backend::cim::taken_crossbars(layer.mapping, hardware);
  }
  for (auto& tile : places) {
    if (!tile.parts.empty()) map.tiles.push_back(std::move(tile));
  }
  map.title =
      fmt::format("{} and what is in {}", tiles == 1 ? "One tile" : fmt::format("{} tiles", tiles),
                  tiles == 1 ? "it" : "them") +
      (block > 1 ? ", drawn by " + map.unit : "");
  return map;
}

std::optional<report::HeatMap> heat_map(const ChipStudy& study) {
  if (!has_crossbars(study) || study.cost.flit_hops == 0) return std::nullopt;
  const backend::cim::LinkLoads loads = backend::cim::link_loads(study.cost, study.chip);
  const auto both = [](std::vector<double> one, const std::vector<double>& other) {
    for (std::size_t i = 0; i < one.size(); ++i) one[i] += other[i];
    return one;
  };
  report::HeatMap map{.title = "Flits through routers and links, for " + subject(study),
                      .unit = "flits",
                      .columns = loads.mesh.columns,
                      .rows = loads.rows,
                      .routers = loads.routers,
                      .right = both(loads.right, loads.left),
                      .down = both(loads.down, loads.up)};
  const std::uint32_t block = block_side(map.columns, map.rows, 1);
  if (block == 1) return map;
  // Squares of routers: what enters any of them, and what crosses an edge between two squares.
  report::HeatMap squares{
      .title = fmt::format("{}, in squares of {} x {} routers", map.title, block, block),
      .unit = map.unit,
      .columns = blocks(map.columns, block),
      .rows = blocks(map.rows, block)};
  const std::size_t count = std::size_t{squares.columns} * squares.rows;
  for (auto* values : {&squares.routers, &squares.right, &squares.down}) values->resize(count);
  const auto value = [](const std::vector<double>& values, std::size_t i) {
    return i < values.size() ? values[i] : 0;
  };
  for (std::uint32_t y = 0; y < map.rows; ++y) {
    for (std::uint32_t x = 0; x < map.columns; ++x) {
      const std::size_t i = std::size_t{y} * map.columns + x;
      const std::size_t to = std::size_t{y / block} * squares.columns + x / block;
      squares.routers[to] += value(map.routers, i);
      if (x % block == block - 1) squares.right[to] += value(map.right, i);
      if (y % block == block - 1) squares.down[to] += value(map.down, i);
    }
  }
  return squares;
}

std::optional<report::ConverterRoofline> converter_chart(const ChipStudy& study) {
  if (!has_crossbars(study) || !study.chip.adc || study.cost.conversions == 0) return std::nullopt;
  const Hardware hardware = backend::cim::hardware_of(study.chip);
  const backend::cim::Decomposition& d = study.cost.decomposition;
  report::ConverterRoofline chart{.title = "What converters and cells let a crossbar do",
                                  .gconversions_per_s = hardware.columns / hardware.cycle_ns,
                                  .peak_gmacs = 0,
                                  .points = {}};
  chart.peak_gmacs = chart.gconversions_per_s / d.converts_per_mac;
  const std::vector<std::string> names = layer_names(study);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const LayerCost& layer = study.cost.layers[i];
    const auto macs = static_cast<double>(layer.macs);
    chart.points.push_back(
        {names[i], macs / static_cast<double>(layer.conversions),
         macs / study.cost.interval_ns / static_cast<double>(layer.mapping.crossbars)});
  }
  return chart;
}

report::Table layer_table(const ChipStudy& study) {
  const bool array = !study.chip.crossbar;
  report::Table table;
  table.head = {"layer",  "matrix",      "vectors", "MACs", "crossbars", "copies", "used %",
                "cycles", "conversions", "flits",   "us",   "uJ",        "share %"};
  const double all = study.cost.total_energy_pj();
  const std::vector<std::string> names = layer_names(study);
  for (std::size_t i = 0; i < study.cost.layers.size(); ++i) {
    const LayerCost& cost = study.cost.layers[i];
    const auto& shape = study.shapes.layers[i];
    const double energy = backend::cim::total(cost.energy_pj);
    const std::string groups = shape.groups > 1 ? fmt::format("{} x ", shape.groups) : "";
    const auto counted = [&](std::uint64_t count) {
      return array ? std::string("-") : report::with_commas(count);
    };
    table.rows.push_back(
        {names[i], fmt::format("{}{} x {}", groups, shape.outputs, shape.inputs),
         report::with_commas(shape.vectors()),
         fmt::format("{:.4g}", static_cast<double>(cost.macs)), counted(cost.mapping.crossbars),
         counted(cost.mapping.replicas), fmt::format("{:.1f}", 100 * cost.utilisation),
         report::with_commas(cost.cycles), counted(cost.conversions),
         array ? "-" : fmt::format("{:.4g}", cost.traffic.flits),
         fmt::format("{:.4g}", cost.time_ns / 1e3), fmt::format("{:.4g}", energy / 1e6),
         fmt::format("{:.1f}", 100 * energy / all)});
  }
  return table;
}

}  // namespace sheaf::study
