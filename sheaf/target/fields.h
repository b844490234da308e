// SPDX-License-Identifier: Apache-2.0
//
// The keys of every section, once: `fields(visitor, value)` shows each member of `value` to the
// visitor with its key, its unit, its bounds and a line of help. Reading, printing, overriding and
// documenting a chip are visitors. A visitor has
//
//   number(Key, T&)                     double or std::uint32_t
//   flag(name, bool&, help)
//   text(name, std::string&, help)
//   choice(name, E&, names, help)       an enum whose values are the indices of `names`
//   section(name, S&, help)             a map of its own
//   section(name, std::optional<S>&, help)
//   named(name, std::vector<S>&, help)  a map of maps; the key is S::name
#pragma once

#include <limits>

#include "sheaf/target/chip.h"
#include "sheaf/target/quantity.h"

namespace sheaf::target {

struct Key {
  const char* name;
  Quantity quantity = Quantity::plain;
  double least = 0;
  double most = std::numeric_limits<double>::max();
  const char* help = "";
  bool open = false;  // `least` itself is too small
};

inline constexpr double kMostCount = 1 << 20;
inline constexpr double kUnlimited = std::numeric_limits<double>::infinity();

[[nodiscard]] inline Key above_zero(const char* name, Quantity quantity, const char* help,
                                    double most = std::numeric_limits<double>::max()) {
  return {name, quantity, 0, most, help, true};
}
[[nodiscard]] inline Key count(const char* name, const char* help, double least = 1) {
  return {name, Quantity::plain, least, kMostCount, help};
}
[[nodiscard]] inline Key from_zero(const char* name, Quantity quantity, const char* help) {
  return {name, quantity, 0, std::numeric_limits<double>::max(), help};
}

template <class V>
void fields(V& v, Technology& t) {
  v.number(
      above_zero("node", Quantity::length, "feature size; for people: nothing is scaled by it"),
      t.node_nm);
  v.number(above_zero("clock", Quantity::frequency, "of the digital parts"), t.clock_ghz);
}

template <class V>
void fields(V& v, Mapping& m) {
  v.choice("strategy", m.strategy, kStrategyNames, "how layers are put onto the chip");
  v.choice("encoding", m.encoding, kWeightEncodingNames, "how cells hold weights of both signs");
  v.choice("columns", m.columns, kColumnEncodingNames,
           "whether full columns are stored upside down");
  v.number({"weight_bits", Quantity::plain, 2, 32, "bits of a weight"}, m.weight_bits);
  v.number({"input_bits", Quantity::plain, 1, 32, "bits of an input"}, m.input_bits);
  v.number(count("block", "block size of block-circulant weights, for strategy reboc; 1: dense"),
           m.block);
  v.number(count("duplicates",
                 "rotated copies of a block in a crossbar, at least; divides the block size"),
           m.duplicates);
  v.number(count("column_nonzeros", "non-zero weights that a crossbar column may hold; 0: any", 0),
           m.column_nonzeros);
  v.choice("slices", m.slices, kWeightSlicesNames,
           "bit slices of a weight side by side, or in crossbars of their own");
  v.choice("copies", m.copies, kCopiesNames, "what crossbars that are left hold copies of");
  v.flag("shared_tiles", m.shared_tiles, "a tile may hold parts of several layers");
  v.choice("fetch", m.fetch, kInputFetchNames, "what of a window's inputs is fetched anew");
  v.choice("order", m.order, kLayerOrderNames, "how layers follow each other");
  v.number(
      above_zero("input_density", Quantity::plain, "share of ones among the bits of inputs", 1),
      m.input_density);
  v.number({"sum_bits", Quantity::plain, 0, 64,
            "bits of a PE's sum that goes through the tile's memory; 0: none does"},
           m.sum_bits);
}

template <class V>
void fields(V& v, Cell& c) {
  v.number({"bits", Quantity::plain, 1, 8, "bits that a cell stores"}, c.bits);
  v.number(above_zero("r_on", Quantity::resistance, "resistance of the highest level"), c.r_on_ohm);
  v.number(
      {"on_off_ratio", Quantity::plain, 1, kUnlimited,
       "conductance of the highest level over that of the lowest; inf: level 0 does not conduct",
       true},
      c.on_off_ratio);
  v.choice("device", c.device, kDeviceModelNames, "how far conductances lie from what was asked");
  v.number(from_zero("variation_sigma", Quantity::plain, "of ln(G / G asked), lognormal"),
           c.variation_sigma);
  v.number(from_zero("read_noise_sigma", Quantity::plain, "at each read, share of a conductance"),
           c.read_noise_sigma);
  v.number(from_zero("drift_nu", Quantity::plain, "mean exponent of drift"), c.drift_nu);
  v.number(from_zero("drift_nu_sigma", Quantity::plain, "its standard deviation"),
           c.drift_nu_sigma);
  v.number(above_zero("drift_start", Quantity::long_time, "when drift begins"), c.drift_start_s);
  v.number(from_zero("read_after", Quantity::long_time, "from programming to reading"),
           c.read_after_s);
  v.number({"stuck_on_rate", Quantity::plain, 0, 1, "share of cells stuck at the highest level"},
           c.stuck_on_rate);
  v.number({"stuck_off_rate", Quantity::plain, 0, 1, "share of cells stuck at the lowest level"},
           c.stuck_off_rate);
}

template <class V>
void fields(V& v, Crossbar& c) {
  v.number({"rows", Quantity::plain, 1, 65536, "word lines"}, c.rows);
  v.number({"columns", Quantity::plain, 1, 65536, "bit lines"}, c.columns);
  v.number({"parallel_rows", Quantity::plain, 0, 65536, "rows that one read drives; 0: all"},
           c.parallel_rows);
  v.number(from_zero("word_wire", Quantity::resistance, "of a word line between two cells"),
           c.word_wire_ohm);
  v.number(from_zero("bit_wire", Quantity::resistance, "of a bit line between two cells"),
           c.bit_wire_ohm);
  v.number(above_zero("read_latency", Quantity::time, "of one read"), c.read_latency_ns);
  v.number(from_zero("read_energy", Quantity::energy, "of one read of an array of measured size"),
           c.read_energy_pj);
  v.number(from_zero("write_energy", Quantity::energy,
                     "of writing a cell, where results are kept in cells (strategy pipelayer)"),
           c.write_energy_pj);
  v.number(from_zero("area", Quantity::area, "of an array of measured size"), c.area_um2);
  v.number({"measured_rows", Quantity::plain, 0, 65536,
            "of the array whose energy and area are given; by default what the file has as rows"},
           c.measured_rows);
  v.number({"measured_columns", Quantity::plain, 0, 65536, "the same of columns"},
           c.measured_columns);
  v.number({"measured_parallel_rows", Quantity::plain, 0, 65536,
            "rows that its read drove; 0: all of the measured"},
           c.measured_parallel_rows);
}

template <class V>
void fields(V& v, Dac& d) {
  v.number({"bits", Quantity::plain, 1, 8, "bits of an input that one read drives"}, d.bits);
  v.number(from_zero("energy", Quantity::energy, "of one row at one read"), d.energy_pj);
  v.number(from_zero("area", Quantity::area, "of the driver of one row"), d.area_um2);
}

template <class V>
void fields(V& v, Adc& a) {
  v.number({"bits", Quantity::plain, 1, 16, "resolution"}, a.bits);
  v.number(above_zero("rate", Quantity::conversion_rate, "conversions of one"), a.rate_gsps);
  v.number(count("per_crossbar", "converters that a crossbar has"), a.per_crossbar);
  v.text("model", a.model, "energy and area model by which bits scale (sheaf adc)");
  v.number(above_zero("node", Quantity::length, "feature size, of models that ask"), a.node_nm);
  v.number(above_zero("fom", Quantity::step_energy, "of a conversion step, model walden"),
           a.fom_fj);
}

template <class V>
void fields(V& v, ConverterPart& p) {
  v.number({"bits", Quantity::plain, 1, 16, "resolution of the part"}, p.bits);
  v.number(from_zero("rate", Quantity::conversion_rate,
                     "at which it takes its power; by default what the file has as adc.rate"),
           p.rate_gsps);
  v.number(from_zero("power", Quantity::power, "of one at its peak rate"), p.power_mw);
  v.number(from_zero("area", Quantity::area, "of one"), p.area_um2);
}

template <class V>
void fields(V& v, Buffer& b) {
  v.choice("kind", b.kind, kBufferKindNames, "technology of the memory");
  v.number(count("count", "how many; 0 takes it away", 0), b.count);
  v.number(above_zero("size", Quantity::bytes, "of one"), b.bytes);
  v.number(count("bus_bits", "moved by one access; 0: not known", 0), b.bus_bits);
  v.number(from_zero("area", Quantity::area, "of one"), b.area_um2);
  v.number(from_zero("power", Quantity::power, "of one at its peak rate"), b.power_mw);
  v.number(from_zero("leakage", Quantity::power, "of one, part of its power"), b.leakage_mw);
  v.number(from_zero("read_energy", Quantity::byte_energy, "0: not known"), b.read_pj_per_byte);
  v.number(from_zero("write_energy", Quantity::byte_energy, "0: not known"), b.write_pj_per_byte);
}

template <class V>
void fields(V& v, DigitalUnit& u) {
  v.number(count("count", "how many; 0 takes it away", 0), u.count);
  v.choice("per", u.per, kUnitPerNames, "in a PE: what there are so many of it for");
  v.number(count("shared_by", "how many of its level share the count of them"), u.shared_by);
  v.number(from_zero("area", Quantity::area, "of one"), u.area_um2);
  v.number(from_zero("power", Quantity::power, "of one at its peak rate"), u.power_mw);
  v.number(from_zero("leakage", Quantity::power, "of one, part of its power"), u.leakage_mw);
  v.number(from_zero("energy", Quantity::energy, "of one action; 0: not known"), u.energy_pj);
}

template <class V>
void fields(V& v, PeArray& a) {
  v.number(count("slices", "output channels at a time"), a.slices);
  v.number(count("lines", "input channels at a time"), a.lines);
  v.number(count("macs", "output columns at a time"), a.macs);
  v.number(count("cycles_per_mac", "Booth digits of an input, in bit-serial multipliers"),
           a.cycles_per_mac);
  v.number(count("rebuild_engines", "of a line", 0), a.rebuild_engines);
  v.number(count("basis_size", "side of the basis that an engine holds"), a.basis_size);
  v.number(from_zero("mac_energy", Quantity::energy, "of an 8-bit multiply-accumulate"), a.mac_pj);
  v.number(from_zero("adder_energy", Quantity::energy, "of an 8-bit sum"), a.adder_pj);
  v.number(from_zero("register_energy", Quantity::byte_energy, "of a register file; 0: not known"),
           a.register_pj_per_byte);
}

template <class V>
void fields(V& v, Pe& p) {
  v.choice("kind", p.kind, kPeKindNames, "what multiplies");
  v.number(count("crossbars", "of a PE of kind crossbars"), p.crossbars);
  v.section("converter", p.converter, "a published converter, scaled to adc.bits by adc.model");
  v.section("array", p.array, "of a PE of kind array");
  v.named("buffers", p.buffers, "memories of a PE");
  v.named("units", p.units, "all else in a PE");
}

template <class V>
void fields(V& v, Tile& t) {
  v.number(count("pes", "of a tile"), t.pes);
  v.named("buffers", t.buffers, "memories of a tile");
  v.named("units", t.units, "all else in a tile");
}

template <class V>
void fields(V& v, ChipLevel& c) {
  v.number(count("tiles", "of the chip"), c.tiles);
  v.number({"sum_digits", Quantity::plain, 0, 15,
            "sums of tile and chip are rounded so, as in the published table; 0: never"},
           c.sum_digits);
  v.named("buffers", c.buffers, "memories outside of the tiles");
  v.named("units", c.units, "all else outside of the tiles");
}

template <class V>
void fields(V& v, MeshRouter& r) {
  v.number({"vcs", Quantity::plain, 1, 64, "virtual channels of an input port"}, r.vcs);
  v.number({"buffer_flits", Quantity::plain, 1, 65535, "that a virtual channel holds"},
           r.buffer_flits);
  v.flag("look_ahead", r.look_ahead, "the route is computed one router ahead");
}

template <class V>
void fields(V& v, Mesh& m) {
  v.number({"columns", Quantity::plain, 1, 1024, "routers in x"}, m.columns);
  v.number({"rows", Quantity::plain, 1, 1024, "routers in y"}, m.rows);
  v.section("router", m.router, "of the mesh");
  v.number({"flit_bits", Quantity::plain, 1, 4096, "width of a flit and of a link"}, m.flit_bits);
  v.number(above_zero("link_length", Quantity::wire_length, "pitch of tiles"), m.link_mm);
  v.number(above_zero("clock", Quantity::frequency, "of the routers"), m.clock_ghz);
  v.text("energy", m.energy, "named energies of a flit's events (sheaf noc)");
}

template <class V>
void fields(V& v, Link& l) {
  v.number(count("count", "links from chip to chip", 0), l.count);
  v.number(above_zero("bandwidth", Quantity::bandwidth,
                      "of one; for people: several chips count as one"),
           l.bandwidth_gb_s);
  v.number(from_zero("area", Quantity::area, "of one"), l.area_um2);
  v.number(from_zero("power", Quantity::power, "of one at its peak rate"), l.power_mw);
}

template <class V>
void fields(V& v, Dram& d) {
  v.number(from_zero("energy", Quantity::byte_energy, "read or written"), d.energy_pj_per_byte);
  v.number(above_zero("bandwidth", Quantity::bandwidth, "of all of it"), d.bandwidth_gb_s);
  v.number(from_zero("latency", Quantity::time,
                     "of the first byte; for people: transfers are taken to be asked for in time"),
           d.latency_ns);
}

template <class V>
void fields(V& v, Stage& s) {
  v.number(count("cycles", "that one run takes"), s.cycles);
  v.flag("per_digit", s.per_digit, "runs once per digit of the input; these overlap");
}

template <class V>
void fields(V& v, Pipeline& p) {
  v.number(above_zero("cycle", Quantity::time, "of the pipeline"), p.cycle_ns);
  v.named("stages", p.stages, "in the order in which an input passes them");
}

template <class V>
void fields(V& v, Published& p) {
  v.number({"value", Quantity::plain, -kUnlimited, kUnlimited, "in the unit that ends its name"},
           p.value);
  v.number({"within", Quantity::plain, 0, 1, "largest relative difference that counts as same"},
           p.within);
  v.text("note", p.note, "why it differs");
}

template <class V>
void fields(V& v, Chip& c) {
  v.text("name", c.name, "one word");
  v.text("title", c.title, "a line for people");
  v.section("technology", c.technology, "node and clock");
  v.section("mapping", c.mapping, "what the weights look like and where they go");
  v.section("cell", c.cell, "a resistive cell");
  v.section("crossbar", c.crossbar, "an array of cells");
  v.section("dac", c.dac, "driver of a row");
  v.section("adc", c.adc, "converter of columns");
  v.section("pe", c.pe, "processing element: crossbars with their periphery, or a digital array");
  v.section("tile", c.tile, "PEs with what they share");
  v.section("chip", c.chip, "tiles and what stands outside of them");
  v.section("mesh", c.mesh, "network-on-chip");
  v.section("link", c.link, "from chip to chip");
  v.section("dram", c.dram, "memory outside the chip");
  v.section("pipeline", c.pipeline, "stages that an input passes");
  v.named("published", c.published, "figures of the paper that the sums are held against");
}

}  // namespace sheaf::target
