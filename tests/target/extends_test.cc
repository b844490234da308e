// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sheaf/target/merge.h"
#include "tests/io/temp_folder.h"
#include "tests/target/chip_text.h"

namespace sheaf::target {
namespace {

using test::refusal;

const std::string kHead = "name: mine\norigin: own\nsource: me\nextends: isaac\n";

std::string not_found(const std::string& name) {
  return test::message_of<base::NotFoundError>([&] { (void)read_chip(name); });
}

TEST(Extends, ChangesWhatTheFileSaysAndNothingElse) {
  const Chip isaac = read_chip("isaac");
  const Chip chip = parse_chip(kHead + "crossbar: {rows: 256, source: mine}\n", "f");
  EXPECT_EQ(chip.name, "mine");
  EXPECT_EQ(chip.title, "");
  EXPECT_EQ(chip.crossbar->rows, 256u);
  EXPECT_EQ(chip.crossbar->columns, isaac.crossbar->columns);
  EXPECT_EQ(chip.tile.units.size(), isaac.tile.units.size());
}

TEST(Extends, WhatChangesHasItsOwnSource) {
  const Chip chip = parse_chip(kHead + "crossbar: {rows: 256, source: mine}\n", "f");
  const Provenance& crossbar = provenance_of(chip, "crossbar");
  EXPECT_EQ(crossbar.origin, Origin::own);
  EXPECT_EQ(crossbar.source.substr(0, 31), "mine; otherwise: ISAAC, table I");
  EXPECT_EQ(provenance_of(chip, "dac").origin, Origin::published);
  EXPECT_EQ(refusal(kHead + "crossbar: {rows: 256}\n"),
            "[f:5] crossbar.source: got nothing, expected where the numbers that differ come from; "
            "the source of the extended chip does not hold for them");
  EXPECT_EQ(refusal(kHead + "tile: {units: {sigmoid: {count: 4}}}\n"),
            "[f:5] tile.units.sigmoid.source: got nothing, expected where the numbers that differ "
            "come from; the source of the extended chip does not hold for them");
}

TEST(Extends, ASectionsSourceHoldsForWhatChangesInIt) {
  const Chip chip = parse_chip(
      kHead + "tile: {units: {sigmoid: {count: 4}, tanh: {power: 1 mW}}, source: mine}\n", "f");
  EXPECT_EQ(provenance_of(chip, "tile.units.sigmoid").source, "mine");
  EXPECT_EQ(provenance_of(chip, "tile.units.tanh"), (Provenance{Origin::own, "mine"}));
  EXPECT_EQ(provenance_of(chip, "tile.units.bus").origin, Origin::published);
}

TEST(Extends, AMapOfWhichNothingIsSaidIsTakenAway) {
  const Chip isaac = read_chip("isaac");
  const Chip chip = parse_chip(kHead + "pipeline:\ntile: {units: {router: , bus: }}\n", "f");
  EXPECT_FALSE(chip.pipeline.has_value());
  EXPECT_EQ(chip.tile.units.size(), isaac.tile.units.size() - 2);
  EXPECT_EQ(refusal(kHead + "crossbar: {rows: , source: me}\n"),
            "[f:5] crossbar.rows: got nothing, expected a whole number without a unit");
}

TEST(Extends, AMapThatIsNamedInFullTakesTheNewOrder) {
  const Chip chip = read_chip("reboc");
  ASSERT_EQ(chip.pipeline->stages.size(), 8u);
  EXPECT_EQ(chip.pipeline->stages[1].name, "rotate inputs");
  EXPECT_EQ(chip.pipeline->stages[2].name, "crossbar");
  EXPECT_TRUE(chip.pipeline->stages[2].per_digit);
}

TEST(Extends, PublishedFiguresAndTheirRoundingAreNotInherited) {
  const Chip chip = parse_chip(kHead, "f");
  EXPECT_TRUE(chip.published.empty());
  EXPECT_EQ(chip.chip.sum_digits, 0u);
  EXPECT_EQ(read_chip("isaac").chip.sum_digits, 3u);
}

TEST(Extends, AFileBesideTheFile) {
  test::TempFolder folder;
  folder.write("base.yaml", kHead + "crossbar: {rows: 256, source: base}\n");
  const std::string file = folder.write(
      "top.yaml",
      "name: top\norigin: own\nsource: me\nextends: base.yaml\nadc: {bits: 9, source: top}\n");
  const Chip chip = read_chip(file);
  EXPECT_EQ(chip.name, "top");
  EXPECT_EQ(chip.crossbar->rows, 256u);
  EXPECT_EQ(chip.adc->bits, 9u);
}

TEST(Extends, RefusesAFileThatExtendsItself) {
  test::TempFolder folder;
  const std::string file =
      folder.write("a.yaml", "name: a\norigin: own\nsource: me\nextends: a.yaml\n");
  EXPECT_EQ(test::message_of<base::ConfigError>([&] { (void)read_chip(file); }),
            "[" + file +
                ":4] extends: got 'a.yaml', expected at most 8 files, each of which extends the "
                "next; does one of them extend itself?");
}

TEST(Extends, NamesTheNearestPreset) {
  EXPECT_EQ(not_found("isac"), "[--hw] unknown chip: got 'isac'; did you mean 'isaac'?");
  EXPECT_EQ(test::message_of<base::NotFoundError>([] {
              (void)parse_chip("name: a\norigin: own\nsource: me\nextends: froms\n", "f");
            }),
            "[f:4] unknown chip: got 'froms'; did you mean 'forms'?");
}

TEST(Extends, RefusesFilesThatAreNotThere) {
  EXPECT_EQ(not_found("no/such.yaml"), "[no/such.yaml] no such file");
  EXPECT_EQ(test::message_of<base::IoError>([] { (void)read_chip("./"); }),
            "[./] cannot read: got a folder, expected a file");
}

TEST(Extends, ATextMayExtendPresetsOnly) {
  EXPECT_EQ(
      refusal("name: a\norigin: own\nsource: me\nextends: ./isaac.yaml\n"),
      "[f:4] extends: got the file './isaac.yaml', expected a preset; known are 'cannon' "
      "'forms' 'isaac' 'mnsim' 'neurosim' 'pipelayer' 'reboc' 'smartdeal' 'teaching' 'tinyadc'");
}

TEST(Changes, ApplyLastAndAreRemembered) {
  const std::vector<std::string> changes = {"crossbar.rows=256", "tile.units.sigmoid.power=1 mW"};
  const Chip chip = read_chip("isaac", changes);
  EXPECT_EQ(chip.crossbar->rows, 256u);
  EXPECT_EQ(chip.changes, changes);
  EXPECT_EQ(provenance_of(chip, "crossbar").origin, Origin::own);
  EXPECT_NE(provenance_of(chip, "crossbar").source.find("; crossbar.rows=256 by --set"),
            std::string::npos);
  EXPECT_TRUE(chip.published.empty());
}

TEST(Changes, AddSections) {
  const Chip chip = read_chip("isaac", std::vector<std::string>{"dram.bandwidth=51.2 GB/s"});
  EXPECT_EQ(chip.dram->bandwidth_gb_s, 51.2);
}

TEST(Changes, RefuseUnknownKeysAndWhatIsNone) {
  EXPECT_EQ(test::message_of<base::ConfigError>(
                [] { (void)read_chip("isaac", std::vector<std::string>{"crossbar.rws=256"}); }),
            "[--set crossbar.rws=256] crossbar.rws: got an unknown key; did you mean 'rows'?");
  for (const std::string change : {"crossbar.rows", "=1", ""}) {
    EXPECT_EQ(
        test::message_of<base::UsageError>(
            [&] { (void)read_chip("isaac", std::vector<std::string>{change}); }),
        "[--set] change: got '" + change + "', expected KEY=VALUE; such as crossbar.rows=256");
  }
}

}  // namespace
}  // namespace sheaf::target
