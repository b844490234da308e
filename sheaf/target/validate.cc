// SPDX-License-Identifier: Apache-2.0
#include "sheaf/target/validate.h"

#include <fmt/format.h>

#include <algorithm>

#include "sheaf/base/error.h"

namespace sheaf::target {
namespace {

class Validator {
 public:
  Validator(const Chip& chip, const std::map<std::string, std::string>& places)
      : chip_(chip), places_(places) {}

  void run() const {
    name();
    sections();
    mapping();
    if (chip_.pe.kind == PeKind::crossbars) crossbars();
    layout();
    units("pe", chip_.pe.units);
    units("tile", chip_.tile.units);
    units("chip", chip_.chip.units);
    memories("pe", chip_.pe.buffers);
    memories("tile", chip_.tile.buffers);
    memories("chip", chip_.chip.buffers);
    outside_of_pes("tile", chip_.tile.units);
    outside_of_pes("chip", chip_.chip.units);
    mesh();
    if (chip_.pipeline && chip_.pipeline->stages.empty()) {
      refuse("pipeline.stages", "none", "one or more");
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& path, const std::string& got,
                           const std::string& expected, const std::string& hint = {}) const {
    std::string at = path;
    while (!at.empty() && !places_.contains(at)) {
      const auto dot = at.rfind('.');
      at.erase(dot == std::string::npos ? 0 : dot);
    }
    const auto found = places_.find(at);
    throw base::ConfigError({.place = found == places_.end() ? "chip" : found->second,
                             .what = path,
                             .got = got,
                             .expected = expected,
                             .hint = hint});
  }

  void name() const {
    const bool word = !chip_.name.empty() &&
                      std::all_of(chip_.name.begin(), chip_.name.end(), [](unsigned char c) {
                        return std::isalnum(c) != 0 || c == '_' || c == '-';
                      });
    if (!word) {
      refuse("name", chip_.name.empty() ? "nothing" : "'" + chip_.name + "'",
             "one word of letters, digits, '_' and '-'");
    }
  }

  void sections() const {
    const bool arrays = chip_.pe.kind == PeKind::array;
    for (const char* section : {"technology", "mapping", "pe", "tile", "chip"}) {
      if (!chip_.provenance.contains(section)) refuse(section, "nothing", "the section");
    }
    require("cell", chip_.cell.has_value(), !arrays);
    require("crossbar", chip_.crossbar.has_value(), !arrays);
    require("dac", chip_.dac.has_value(), !arrays);
    require("adc", chip_.adc.has_value(), !arrays);
    require("pe.array", chip_.pe.array.has_value(), arrays);
    if (arrays && chip_.pe.converter) refuse("pe.converter", "a section", "none", kKindHint);
  }

  void require(const char* section, bool there, bool wanted) const {
    if (there == wanted) return;
    refuse(section, there ? "a section" : "nothing", wanted ? "the section" : "none", kKindHint);
  }

  void mapping() const {
    const Mapping& m = chip_.mapping;
    if (m.duplicates > m.block || m.block % m.duplicates != 0) {
      refuse("mapping.duplicates", fmt::format("{}", m.duplicates),
             fmt::format("a divisor of the block size, {}", m.block));
    }
    const bool digital = m.strategy == Strategy::smartdeal;
    if (digital != (chip_.pe.kind == PeKind::array)) {
      refuse("mapping.strategy",
             fmt::format("'{}'", kStrategyNames[static_cast<std::size_t>(m.strategy)]),
             digital ? "PEs of kind array for it" : "smartdeal for PEs of kind array");
    }
    if (m.columns == ColumnEncoding::flipped && m.encoding != WeightEncoding::offset) {
      refuse("mapping.columns", "'flipped' without offset", "encoding offset",
             "other encodings leave cells of small weights empty, which flipping would fill");
    }
    if (m.column_nonzeros > 0 && m.encoding == WeightEncoding::offset) {
      refuse(
          "mapping.encoding", "'offset' with column_nonzeros",
          "differential, sign_magnitude or polarised",
          "with an offset a weight of zero is a cell that conducts, so no row of a column rests");
    }
  }

  // What only says how crossbars are filled and read.
  void layout() const {
    const Mapping& m = chip_.mapping;
    if (m.copies == Copies::tile && m.shared_tiles) {
      refuse("mapping.copies", "'tile' with tiles that layers share", "shared_tiles: false");
    }
    if (m.slices == WeightSlices::apart && m.strategy == Strategy::reboc) {
      refuse("mapping.slices", "'apart' with strategy reboc", "'beside'",
             "copies of a block stand side by side in one crossbar");
    }
  }

  void units(const std::string& level, const std::vector<DigitalUnit>& units) const {
    for (const DigitalUnit& unit : units) {
      if (unit.power_mw == 0 || unit.leakage_mw <= unit.power_mw) continue;
      refuse(level + ".units." + unit.name + ".leakage", fmt::format("{} mW", unit.leakage_mw),
             fmt::format("at most its power, {} mW", unit.power_mw));
    }
  }

  void crossbars() const {
    const Mapping& m = chip_.mapping;
    const Crossbar& x = *chip_.crossbar;
    if (x.parallel_rows > x.rows) {
      refuse("crossbar.parallel_rows", fmt::format("{}", x.parallel_rows),
             fmt::format("at most its {} rows", x.rows));
    }
    if (m.block > x.rows) {
      refuse("mapping.block", fmt::format("{}", m.block),
             fmt::format("at most the {} rows of a crossbar", x.rows));
    }
    if (m.column_nonzeros > x.rows) {
      refuse("mapping.column_nonzeros", fmt::format("{}", m.column_nonzeros),
             fmt::format("at most the {} rows of a crossbar", x.rows));
    }
    if (x.measured_rows != 0 && x.measured_parallel_rows > x.measured_rows) {
      refuse("crossbar.measured_parallel_rows", fmt::format("{}", x.measured_parallel_rows),
             fmt::format("at most the {} rows of that array", x.measured_rows));
    }
    const std::uint32_t columns = columns_per_weight(m, chip_.cell->bits);
    if (columns > x.columns) {
      refuse("crossbar.columns", fmt::format("{}", x.columns),
             fmt::format("at least {}, what one weight takes", columns));
    }
    if (chip_.dac->bits > m.input_bits) {
      refuse("dac.bits", fmt::format("{}", chip_.dac->bits),
             fmt::format("at most the {} bits of an input", m.input_bits));
    }
    crossbars_of_a_chip();
    const double stuck = chip_.cell->stuck_on_rate + chip_.cell->stuck_off_rate;
    if (stuck > 1) {
      refuse("cell.stuck_off_rate", fmt::format("{} with stuck_on_rate", stuck), "at most 1");
    }
  }

  // Each factor has at most 32 bits, and none is 0.
  void crossbars_of_a_chip() const {
    const std::uint64_t tile = std::uint64_t{chip_.pe.crossbars} * chip_.tile.pes;
    if (tile <= kMostCrossbars / chip_.chip.tiles) return;
    refuse("chip.tiles",
           fmt::format("{} with {} PEs of {} crossbars", chip_.chip.tiles, chip_.tile.pes,
                       chip_.pe.crossbars),
           fmt::format("at most {} crossbars in all", kMostCrossbars));
  }

  void outside_of_pes(const std::string& level, const std::vector<DigitalUnit>& units) const {
    for (const DigitalUnit& unit : units) {
      if (unit.per == UnitPer::level) continue;
      refuse(level + ".units." + unit.name + ".per",
             fmt::format("'{}'", kUnitPerNames[static_cast<std::size_t>(unit.per)]),
             "'level': only a PE has crossbars of its own");
    }
  }

  void memories(const std::string& level, const std::vector<Buffer>& buffers) const {
    for (const Buffer& buffer : buffers) {
      const std::string path = level + ".buffers." + buffer.name;
      if (buffer.bytes <= 0) refuse(path + ".size", "nothing", "a size (B, KB, MB, GB)");
      if (buffer.power_mw > 0 && buffer.leakage_mw > buffer.power_mw) {
        refuse(path + ".leakage", fmt::format("{} mW", buffer.leakage_mw),
               fmt::format("at most its power, {} mW", buffer.power_mw));
      }
    }
  }

  void mesh() const {
    if (!chip_.mesh) return;
    const std::uint64_t nodes = std::uint64_t{chip_.mesh->columns} * chip_.mesh->rows;
    if (nodes < chip_.chip.tiles) {
      refuse("mesh.columns", fmt::format("{} routers", nodes),
             fmt::format("one for each of {} tiles", chip_.chip.tiles));
    }
  }

  static constexpr const char* kKindHint = "pe.kind says what multiplies: crossbars or array";

  const Chip& chip_;
  const std::map<std::string, std::string>& places_;
};

}  // namespace

const Provenance& provenance_of(const Chip& chip, std::string_view path) {
  for (;;) {
    const auto found = chip.provenance.find(std::string(path));
    if (found != chip.provenance.end()) return found->second;
    static const Provenance kNone{};
    if (path.empty()) return kNone;
    const auto dot = path.rfind('.');
    path = path.substr(0, dot == std::string_view::npos ? 0 : dot);
  }
}

void validate(const Chip& chip, const std::map<std::string, std::string>& places) {
  Validator(chip, places).run();
}

}  // namespace sheaf::target
