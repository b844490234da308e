// SPDX-License-Identifier: Apache-2.0
#include "sheaf/target/read_chip.h"

#include <gtest/gtest.h>

#include "tests/target/chip_text.h"

namespace sheaf::target {
namespace {

using test::refusal;
using test::teaching;

TEST(ReadChip, TakesEveryPartOfTheFile) {
  const Chip chip = parse_chip(teaching(), "f");
  EXPECT_EQ(chip.name, "teaching");
  EXPECT_EQ(chip.crossbar->rows, 8u);
  EXPECT_EQ(chip.cell->r_on_ohm, 10000.0);
  EXPECT_EQ(chip.adc->model, "sar-saberi");
  EXPECT_EQ(chip.pe.converter->area_um2, 400.0);
  ASSERT_EQ(chip.pe.units.size(), 1u);
  EXPECT_EQ(chip.pe.units[0].name, "shift and add");
  EXPECT_EQ(chip.tile.buffers.at(0).bytes, 1024.0);
  EXPECT_EQ(chip.mesh->columns, 2u);
  EXPECT_EQ(chip.pipeline->stages.at(1).per_digit, true);
  EXPECT_FALSE(chip.link.has_value());
}

TEST(ReadChip, EverythingKnowsItsSource) {
  const Chip chip = parse_chip(teaching(), "f");
  EXPECT_EQ(provenance_of(chip, "adc").source, "made up; 4 bits hold the sum of 8 cells of 1 bit");
  EXPECT_EQ(provenance_of(chip, "tile.buffers.sram"), (Provenance{Origin::example, "made up"}));
  EXPECT_EQ(chip.crossbar->source, "made up");
}

TEST(ReadChip, NamesTheNearestOfAnUnknownKey) {
  EXPECT_EQ(refusal(teaching("  rows: 8", "  rowz: 8")),
            "[f:19] crossbar.rowz: got an unknown key; did you mean 'rows'?");
  EXPECT_EQ(refusal(teaching("mesh:", "mosh:")),
            "[f:56] mosh: got an unknown key; did you mean 'mesh'?");
  EXPECT_EQ(refusal(teaching("size: 1 KB", "syze: 1 KB")),
            "[f:49] tile.buffers.sram.syze: got an unknown key; did you mean 'size'?");
}

TEST(ReadChip, RefusesASectionWithoutItsSource) {
  EXPECT_EQ(refusal(teaching("  area: 10 um2\n  source: made up\n", "  area: 10 um2\n")),
            "[f:18] crossbar.source: got nothing, expected where the numbers come from; such as "
            "'source: ISAAC (ISCA 2016) table I'");
  EXPECT_EQ(refusal(teaching("source: made up, with round numbers\n", "")),
            "[f:2] source: got nothing, expected where the numbers come from; such as 'source: "
            "ISAAC (ISCA 2016) table I'");
  EXPECT_EQ(refusal(teaching("source: made up, with round numbers\n", "source:\n")),
            "[f:5] source: got nothing, expected a text");
}

TEST(ReadChip, RefusesAFileWithoutItsOrigin) {
  EXPECT_EQ(
      refusal(teaching("origin: example\n", "")),
      "[f:2] origin: got nothing, expected published, derived, reconstructed, example or own");
  EXPECT_EQ(refusal(teaching("origin: example\n", "origin: guessed\n")),
            "[f:4] origin: got 'guessed', expected one of published, derived, reconstructed, "
            "example, own");
}

TEST(ReadChip, RefusesNegativeSizes) {
  EXPECT_EQ(refusal(teaching("size: 1 KB", "size: -1 KB")),
            "[f:49] tile.buffers.sram.size: got '-1 KB', expected more than 0 B");
  EXPECT_EQ(refusal(teaching("area: 10 um2", "area: -10 um2")),
            "[f:23] crossbar.area: got '-10 um2', expected 0 um2 or more");
}

TEST(ReadChip, RefusesTheWrongUnit) {
  EXPECT_EQ(refusal(teaching("area: 10 um2", "area: 10 mW")),
            "[f:23] crossbar.area: got '10 mW', expected an area with its unit (um2, mm2)");
  EXPECT_EQ(refusal(teaching("area: 10 um2", "area: 10")),
            "[f:23] crossbar.area: got '10', expected an area with its unit (um2, mm2)");
  EXPECT_EQ(refusal(teaching("rows: 8", "rows: 8 um")),
            "[f:19] crossbar.rows: got '8 um', expected a whole number without a unit");
  EXPECT_EQ(refusal(teaching("on_off_ratio: inf", "on_off_ratio: 5 V")),
            "[f:14] cell.on_off_ratio: got '5 V', expected a number without a unit");
}

TEST(ReadChip, RefusesNumbersOutOfBounds) {
  EXPECT_EQ(refusal(teaching("rows: 8", "rows: 0")),
            "[f:19] crossbar.rows: got '0', expected 1 to 65536");
  EXPECT_EQ(refusal(teaching("rows: 8", "rows: 8.5")),
            "[f:19] crossbar.rows: got '8.5', expected a whole number");
  EXPECT_EQ(refusal(teaching("on_off_ratio: inf", "on_off_ratio: 1")),
            "[f:14] cell.on_off_ratio: got '1', expected more than 1");
  EXPECT_EQ(refusal(teaching("r_on: 10 kohm", "r_on: inf kohm")),
            "[f:13] cell.r_on: got 'inf kohm', expected more than 0 ohm");
}

TEST(ReadChip, RefusesChoicesThatDoNotExist) {
  EXPECT_EQ(refusal(teaching("encoding: offset", "encoding: bias")),
            "[f:9] mapping.encoding: got 'bias', expected one of differential, offset, "
            "sign_magnitude, polarised");
}

TEST(ReadChip, NamesTheNearestChoice) {
  EXPECT_EQ(refusal(teaching("encoding: offset", "encoding: ofset")),
            "[f:9] mapping.encoding: got 'ofset', expected one of differential, offset, "
            "sign_magnitude, polarised; did you mean 'offset'?");
}

TEST(ReadChip, RefusesMapsWhereValuesAreDueAndTheOtherWayRound) {
  EXPECT_EQ(refusal(teaching("rows: 8", "rows: [8]")),
            "[f:19] crossbar.rows: got a list, expected a whole number without a unit");
  EXPECT_EQ(refusal(teaching("  pes: 2", "  pes:")),
            "[f:47] tile.pes: got nothing, expected a whole number without a unit");
  EXPECT_EQ(refusal(teaching("technology: {node: 32 nm, clock: 1 GHz, source: made up}",
                             "technology: 32 nm")),
            "[f:7] technology: got '32 nm', expected a map of key: value");
  EXPECT_EQ(refusal("[1, 2]"), "[f:1] chip: got a list, expected a map of key: value");
  EXPECT_EQ(refusal(""), "[f] chip: got nothing, expected a map of key: value");
  EXPECT_EQ(refusal(teaching("per_digit: true", "per_digit: 1")),
            "[f:66] pipeline.stages.crossbar.per_digit: got '1', expected true or false");
}

TEST(ReadChip, RefusesNamesThatNoPathCanHold) {
  const std::string expected = ", expected one without '.' and '=', of at most 64 bytes";
  EXPECT_EQ(refusal(teaching("    sram: {", "    a.b: {")),
            "[f:49] tile.buffers: got the name 'a.b'" + expected);
  EXPECT_EQ(refusal(teaching("    sram: {", "    " + std::string(65, 'a') + ": {")),
            "[f:49] tile.buffers: got a name of 65 bytes" + expected);
}

TEST(ReadChip, RefusesAKeyGivenTwice) {
  EXPECT_EQ(refusal(teaching("  columns: 8", "  rows: 9\n  columns: 8")),
            "[f:20] rows: got the key a second time, expected one; the first is at f:19");
}

TEST(ReadChip, ChangesLeaveAloneWhatWasMeasured) {
  const std::vector<std::string> changes{"crossbar.rows=16", "adc.rate=8 GS/s"};
  const Chip chip = parse_chip(teaching(), "f", changes);
  EXPECT_EQ(chip.crossbar->rows, 16U);
  EXPECT_EQ(chip.crossbar->measured_rows, 8U);
  EXPECT_EQ(chip.crossbar->measured_columns, 8U);
  EXPECT_DOUBLE_EQ(chip.pe.converter->rate_gsps, 0.8);
  // 1 pJ and 10 um2 for 8 x 8 cells, 1 mW at 0.8 GS/s.
  EXPECT_DOUBLE_EQ(read_pj(*chip.crossbar), 2);
  EXPECT_DOUBLE_EQ(area_um2(*chip.crossbar), 20);
  EXPECT_DOUBLE_EQ(conversion_pj(*chip.pe.converter, *chip.adc), 1.25);
  // A file may say of what its figures are.
  const Chip said =
      parse_chip(teaching("  area: 10 um2\n", "  area: 10 um2\n  measured_rows: 4\n"), "f");
  EXPECT_DOUBLE_EQ(area_um2(*said.crossbar), 20);
}

}  // namespace
}  // namespace sheaf::target
