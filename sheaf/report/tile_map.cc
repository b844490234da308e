// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/tile_map.h"

#include <algorithm>

#include "sheaf/report/colours.h"
#include "sheaf/report/svg_text.h"

namespace sheaf::report {
namespace {

constexpr double kLeft = 12;
constexpr double kTop = 36;
constexpr double kSide = 560;  // the longer side, about
constexpr double kLegendRow = 17;

void legend(SvgText& svg, const TileMap& map, double left) {
  for (std::size_t i = 0; i < map.layers.size(); ++i) {
    const double y = kTop + kLegendRow * static_cast<double>(i);
    svg.add("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"11\" height=\"11\" fill=\"{}\"/>", left, y,
            colour_of(i));
    svg.text(left + 16, y + 10, fmt::format("{} {}", i + 1, map.layers[i]));
  }
}

// Parts side by side, as wide as their shares. The first of a layer that is wide enough bears its
// number; `numbered` says which have one.
void draw_tile(SvgText& svg, const TileMap& map, const TileMap::Tile& tile, double side,
               std::vector<bool>& numbered) {
  const double gap = side > 8 ? 1 : 0.4;
  const double x =
      kLeft + side * tile.column + 2 * static_cast<double>(tile.column / std::max(1U, map.group));
  const double y =
      kTop + side * tile.row + 2 * static_cast<double>(tile.row / std::max(1U, map.group));
  svg.add("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"#f2f2f2\"/>\n",
          x, y, side - gap, side - gap);
  double before = 0;
  for (const TileMap::Part& part : tile.parts) {
    svg.add(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"{:.1f}\" fill=\"{}\">"
        "<title>{} {}, {}: {}, {:.0f} % of the {}, {:.1f} % of its "
        "cells in use</title></rect>\n",
        x + (side - gap) * before, y, (side - gap) * part.share, side - gap, colour_of(part.layer),
        map.unit, tile.column, tile.row, xml_text(map.layers.at(part.layer)), 100 * part.share,
        map.unit, 100 * part.used);
    const std::string number = std::to_string(part.layer + 1);
    if (!numbered[part.layer] && side >= 11 &&
        (side - gap) * part.share >= text_width(number) * 0.75) {
      svg.text(x + (side - gap) * (before + part.share / 2), y + side / 2 + 3, number,
               " text-anchor=\"middle\" font-size=\"9\"");
      numbered[part.layer] = true;
    }
    before += part.share;
  }
}

}  // namespace

std::string TileMap::to_svg() const {
  const std::uint32_t longer = std::max({columns, rows, 1U});
  const double side = std::clamp(kSide / longer, 3.0, 48.0);
  const auto extent = [&](std::uint32_t tiles_a_side) {
    return side * tiles_a_side + 2 * static_cast<double>(tiles_a_side / std::max(1U, group));
  };
  double legend_width = 100;
  for (const std::string& layer : layers) {
    legend_width = std::max(legend_width, 64 + text_width(layer));
  }
  const double legend_left = kLeft + std::max(extent(columns), 240.0) + 16;
  const double height =
      std::max(extent(rows), kLegendRow * static_cast<double>(layers.size())) + kTop + 12;
  SvgText svg(legend_left + legend_width, height);
  svg.title(kLeft, title);
  std::vector<bool> numbered(layers.size());
  for (const Tile& tile : tiles) draw_tile(svg, *this, tile, side, numbered);
  legend(svg, *this, legend_left);
  return svg.done();
}

}  // namespace sheaf::report
