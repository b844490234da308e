// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/target/presets.h"
#include "sheaf/target/read_chip.h"
#include "tests/message_of.h"

namespace sheaf::test {

// A small chip, all of whose sections are there.
inline constexpr const char* kChipText =
    R"yaml(# A chip for tests: the line numbers of messages count from here.
name: teaching
title: A chip that is small enough to compute by hand
origin: example
source: made up, with round numbers

technology: {node: 32 nm, clock: 1 GHz, source: made up}

mapping: {strategy: dense, encoding: offset, weight_bits: 4, input_bits: 4, source: made up}

cell:
  bits: 1
  r_on: 10 kohm
  on_off_ratio: inf
  device: ideal
  source: made up

crossbar:
  rows: 8
  columns: 8
  read_latency: 10 ns
  read_energy: 1 pJ
  area: 10 um2
  source: made up

dac: {bits: 1, energy: 0.1 pJ, area: 1 um2, source: made up}

adc:
  bits: 4
  rate: 0.8 GS/s
  per_crossbar: 1
  model: sar-saberi
  node: 32 nm
  source: made up; 4 bits hold the sum of 8 cells of 1 bit

pe:
  kind: crossbars
  crossbars: 2
  converter: {bits: 4, power: 1 mW, area: 400 um2}
  buffers:
    inputs: {kind: registers, size: 8 B, power: 0.1 mW, area: 50 um2}
  units:
    shift and add: {count: 2, power: 0.05 mW, area: 60 um2}
  source: made up

tile:
  pes: 2
  buffers:
    sram: {kind: sram, size: 1 KB, power: 1 mW, area: 1000 um2}
  source: made up

chip:
  tiles: 4
  source: made up

mesh:
  columns: 2
  rows: 2
  energy: dsent-32
  source: made up, with energies of DSENT at 32 nm

pipeline:
  cycle: 10 ns
  stages:
    fetch: {}
    crossbar: {per_digit: true}
    convert: {per_digit: true}
    shift and add: {per_digit: true}
    write: {}
  source: made up

published:
  pe.power_mw: {value: 2.56, within: 1e-9, note: "by hand: 2 x (0.1 + 8 x 0.01 + 1) + 0.1 + 2 x 0.05"}
  pe.area_mm2: {value: 0.001006, within: 1e-9, note: "by hand: 2 x (10 + 8 + 400) + 50 + 2 x 60 um2"}
  tile.power_mw: {value: 6.12, within: 1e-9, note: "by hand: 2 x 2.56 + 1"}
  chip.gops: {value: 12.8, within: 1e-9, note: "by hand: 2 x 8 x 2 x 2 x 2 x 4 / 40 ns"}
  pipeline.cycles: {value: 8, within: 0, note: "by hand: 5 stages, 3 more digits"}
  source: computed by hand
)yaml";

// Its text with `from` replaced by `to`, once.
inline std::string teaching(const std::string& from = "", const std::string& to = "") {
  std::string text = kChipText;
  if (from.empty()) return text;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// How the text of a chip is refused, its lines as "f:".
inline std::string refusal(const std::string& text, const std::vector<std::string>& changes = {}) {
  return message_of<base::ConfigError>([&] { (void)target::parse_chip(text, "f", changes); });
}

}  // namespace sheaf::test
