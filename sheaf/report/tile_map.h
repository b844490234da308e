// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sheaf::report {

// Places of a grid, what each holds, and how much of that is used.
struct TileMap {
  struct Part {
    std::size_t layer;  // of `layers`
    double share;       // of the tile
    double used;        // share of that which holds something
  };
  struct Tile {
    std::uint32_t column = 0;
    std::uint32_t row = 0;
    std::vector<Part> parts;  // shares add up to at most 1
  };
  std::string title;
  std::uint32_t columns = 1;
  std::uint32_t rows = 1;
  std::uint32_t group = 1;    // tiles a side that belong together: those of one router
  std::string unit = "tile";  // what stands at a place
  std::vector<std::string> layers;
  std::vector<Tile> tiles;

  // A picture of its own size, without anything that is not in the file.
  [[nodiscard]] std::string to_svg() const;
};

}  // namespace sheaf::report
