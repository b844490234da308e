// SPDX-License-Identifier: Apache-2.0
#include "sheaf/target/validate.h"

#include <gtest/gtest.h>

#include "tests/target/chip_text.h"

namespace sheaf::target {
namespace {

using test::refusal;
using test::teaching;

TEST(Validate, AChipHasAName) {
  EXPECT_EQ(refusal(teaching("name: teaching", "name: two words")),
            "[f:2] name: got 'two words', expected one word of letters, digits, '_' and '-'");
  EXPECT_EQ(refusal(teaching("name: teaching\n", "")),
            "[f:2] name: got nothing, expected one word of letters, digits, '_' and '-'");
}

TEST(Validate, SectionsFollowFromThePes) {
  EXPECT_EQ(refusal(teaching("dac: {bits: 1, energy: 0.1 pJ, area: 1 um2, source: made up}", "")),
            "[f:2] dac: got nothing, expected the section; pe.kind says what multiplies: crossbars "
            "or array");
  EXPECT_EQ(refusal(teaching("kind: crossbars", "kind: array")),
            "[f:11] cell: got a section, expected none; pe.kind says what multiplies: crossbars or "
            "array");
  EXPECT_EQ(refusal(teaching("technology: {node: 32 nm, clock: 1 GHz, source: made up}", "")),
            "[f:2] technology: got nothing, expected the section");
}

TEST(Validate, UnitsOfColumnsStandInPes) {
  EXPECT_EQ(
      refusal(
          teaching("tile:\n  pes: 2\n", "tile:\n  pes: 2\n  units:\n    adder: {per: column}\n")),
      "[f:49] tile.units.adder.per: got 'column', expected 'level': only a PE has crossbars of "
      "its own");
}

TEST(Validate, AReadDrivesRowsThatWereThere) {
  EXPECT_EQ(
      refusal(teaching(), {"crossbar.measured_parallel_rows=9"}),
      "[--set crossbar.measured_parallel_rows=9] crossbar.measured_parallel_rows: got 9, expected "
      "at most the 8 rows of that "
      "array");
}

TEST(Validate, OffsetEncodingContradictsColumnProportionalPruning) {
  EXPECT_EQ(refusal(teaching(), {"mapping.column_nonzeros=4"}),
            "[f:9] mapping.encoding: got 'offset' with column_nonzeros, expected differential, "
            "sign_magnitude or polarised; with an offset a weight of zero is a cell that conducts, "
            "so no row of a column rests");
  EXPECT_EQ(refusal(teaching(), {"mapping.column_nonzeros=4", "mapping.encoding=polarised"}),
            "nothing was thrown");
}

TEST(Validate, FlippedColumnsNeedAnOffset) {
  EXPECT_EQ(
      refusal(teaching(), {"mapping.columns=flipped", "mapping.encoding=polarised"}),
      "[--set mapping.columns=flipped] mapping.columns: got 'flipped' without offset, expected "
      "encoding offset; other encodings leave cells of small weights empty, which flipping "
      "would fill");
}

TEST(Validate, ABlockFitsIntoACrossbar) {
  EXPECT_EQ(refusal(teaching(), {"mapping.block=16"}),
            "[--set mapping.block=16] mapping.block: got 16, expected at most the 8 rows of a "
            "crossbar");
}

TEST(Validate, CopiesDivideTheBlock) {
  EXPECT_EQ(refusal(teaching(), {"mapping.block=8", "mapping.duplicates=3"}),
            "[--set mapping.duplicates=3] mapping.duplicates: got 3, expected a divisor of the "
            "block size, 8");
}

TEST(Validate, AColumnHoldsItsNonzeros) {
  EXPECT_EQ(
      refusal(teaching(), {"mapping.column_nonzeros=9", "mapping.encoding=polarised"}),
      "[--set mapping.column_nonzeros=9] mapping.column_nonzeros: got 9, expected at most the "
      "8 rows of a crossbar");
}

TEST(Validate, ReadsDriveRowsThatExist) {
  EXPECT_EQ(refusal(teaching(), {"crossbar.parallel_rows=9"}),
            "[--set crossbar.parallel_rows=9] crossbar.parallel_rows: got 9, expected at most its "
            "8 rows");
}

TEST(Validate, CrossbarsOfAChipCanBeCounted) {
  EXPECT_EQ(refusal(teaching(), {"pe.crossbars=65536", "tile.pes=65536"}),
            "[f:53] chip.tiles: got 4 with 65536 PEs of 65536 crossbars, expected at most "
            "2147483648 crossbars in all");
  EXPECT_EQ(refusal(teaching(), {"pe.crossbars=65536", "tile.pes=8192", "mesh.rows=2"}),
            "nothing was thrown");
}

TEST(Validate, AWeightFitsIntoARow) {
  EXPECT_EQ(refusal(teaching(), {"crossbar.columns=3"}),
            "[--set crossbar.columns=3] crossbar.columns: got 3, expected at least 4, what one "
            "weight takes");
}

TEST(Validate, DriversTakeNoMoreBitsThanInputsHave) {
  EXPECT_EQ(refusal(teaching(), {"dac.bits=5"}),
            "[--set dac.bits=5] dac.bits: got 5, expected at most the 4 bits of an input");
}

TEST(Validate, SharesOfStuckCellsAddUpToOneAtMost) {
  EXPECT_EQ(refusal(teaching(), {"cell.stuck_on_rate=0.75", "cell.stuck_off_rate=0.5"}),
            "[--set cell.stuck_off_rate=0.5] cell.stuck_off_rate: got 1.25 with stuck_on_rate, "
            "expected at most 1");
}

TEST(Validate, StrategiesFitThePes) {
  EXPECT_EQ(refusal(teaching(), {"mapping.strategy=smartdeal"}),
            "[--set mapping.strategy=smartdeal] mapping.strategy: got 'smartdeal', expected PEs of "
            "kind array for it");
  EXPECT_EQ(test::message_of<base::ConfigError>([] {
              (void)read_chip("smartdeal", std::vector<std::string>{"mapping.strategy=dense"});
            }),
            "[--set mapping.strategy=dense] mapping.strategy: got 'dense', expected smartdeal for "
            "PEs of kind array");
}

TEST(Validate, BuffersHaveASize) {
  EXPECT_EQ(refusal(teaching("kind: sram, size: 1 KB,", "kind: sram,")),
            "[f:48] tile.buffers.sram.size: got nothing, expected a size (B, KB, MB, GB)");
}

TEST(Validate, LeakageIsPartOfThePower) {
  EXPECT_EQ(refusal(teaching(), {"tile.buffers.sram.leakage=2 mW"}),
            "[--set tile.buffers.sram.leakage=2 mW] tile.buffers.sram.leakage: got 2 mW, expected "
            "at most its power, 1 mW");
}

TEST(Validate, LeakageOfUnitsIsPartOfTheirPower) {
  EXPECT_EQ(
      refusal(teaching("power: 0.05 mW, area: 60", "power: 0.05 mW, leakage: 1 mW, area: 60")),
      "[f:43] pe.units.shift and add.leakage: got 1 mW, expected at most its power, 0.05 mW");
}

TEST(Validate, CopiesInATileNeedTilesThatLayersDoNotShare) {
  EXPECT_EQ(refusal(teaching(), {"mapping.copies=tile"}),
            "[--set mapping.copies=tile] mapping.copies: got 'tile' with tiles that layers share, "
            "expected shared_tiles: false");
  EXPECT_EQ(refusal(teaching(), {"mapping.copies=tile", "mapping.shared_tiles=false"}),
            "nothing was thrown");
}

TEST(Validate, CirculantBlocksKeepTheirSlicesTogether) {
  EXPECT_EQ(
      refusal(teaching(), {"mapping.strategy=reboc", "mapping.slices=apart"}),
      "[--set mapping.slices=apart] mapping.slices: got 'apart' with strategy reboc, expected "
      "'beside'; copies of a block stand side by side in one crossbar");
}

TEST(Validate, EveryTileHasARouter) {
  EXPECT_EQ(refusal(teaching(), {"chip.tiles=5"}),
            "[f:57] mesh.columns: got 4 routers, expected one for each of 5 tiles");
}

TEST(Validate, APipelineHasStages) {
  EXPECT_EQ(refusal(std::string(*preset_text("pipelayer")) + "\n" /* the last section */,
                    {"pipeline.stages=1"}),
            "[--set pipeline.stages=1] pipeline.stages: got '1', expected a map of key: value");
  Chip chip = read_chip("teaching");
  chip.pipeline->stages.clear();
  EXPECT_EQ(test::message_of<base::ConfigError>([&] { validate(chip); }),
            "[chip] pipeline.stages: got none, expected one or more");
}

}  // namespace
}  // namespace sheaf::target
