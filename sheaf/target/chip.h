// SPDX-License-Identifier: Apache-2.0
//
// A chip as data: what it is made of, and what each part takes. Read from YAML (read_chip.h),
// checked (validate.h), printed back (write_chip.h). docs/hardware.md explains every key.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/target/adc.h"
#include "sheaf/target/cell.h"
#include "sheaf/target/crossbar.h"
#include "sheaf/target/dac.h"
#include "sheaf/target/dram.h"
#include "sheaf/target/link.h"
#include "sheaf/target/mapping.h"
#include "sheaf/target/mesh.h"
#include "sheaf/target/pe.h"
#include "sheaf/target/pipeline.h"
#include "sheaf/target/published.h"
#include "sheaf/target/technology.h"
#include "sheaf/target/tile.h"

namespace sheaf::target {

// What stands outside of the tiles.
struct ChipLevel {
  std::uint32_t tiles = 1;
  // Sums of tile and chip are rounded to so many digits, halves away from 0, as in the published
  // table, each from rounded parts; 0: never. A chip that was changed is not rounded.
  std::uint32_t sum_digits = 0;
  std::vector<Buffer> buffers;
  std::vector<DigitalUnit> units;
};

struct Chip {
  std::string name;
  std::string title;
  // Changes that were made on top of the file, "crossbar.rows=256".
  std::vector<std::string> changes;

  Technology technology;
  Mapping mapping;
  // Of PEs of kind `crossbars`; absent from others.
  std::optional<Cell> cell;
  std::optional<Crossbar> crossbar;
  std::optional<Dac> dac;
  std::optional<Adc> adc;
  Pe pe;
  Tile tile;
  ChipLevel chip;
  std::optional<Mesh> mesh;
  std::optional<Link> link;
  std::optional<Dram> dram;
  std::optional<Pipeline> pipeline;
  std::vector<Published> published;

  // By path of a section or an item of it ("", "adc", "tile.units.sigmoid").
  std::map<std::string, Provenance> provenance;
};

// Crossbars of a chip, at most; closed forms multiply them by what layers take.
inline constexpr std::uint64_t kMostCrossbars = std::uint64_t{1} << 31U;

// Of the deepest section around `path` that has one.
[[nodiscard]] const Provenance& provenance_of(const Chip& chip, std::string_view path);

}  // namespace sheaf::target
