// SPDX-License-Identifier: Apache-2.0
#include "sheaf/target/write_chip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "sheaf/target/presets.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::target {
namespace {

TEST(WriteChip, WhatIsPrintedIsReadAsTheSameChip) {
  for (const std::string& name : preset_names()) {
    const Chip chip = read_chip(name);
    const std::string text = to_yaml(chip);
    const Chip again = parse_chip(text, "printed");
    EXPECT_EQ(to_yaml(again), text) << name;
    EXPECT_EQ(again.provenance, chip.provenance) << name;
    EXPECT_EQ(again.tile.buffers.size(), chip.tile.buffers.size()) << name;
    EXPECT_EQ(again.published.size(), chip.published.size()) << name;
  }
}

TEST(WriteChip, ChangesAreRemarks) {
  const std::vector<std::string> changes = {"crossbar.rows=256", "title=a\nname: b"};
  const std::string text = to_yaml(read_chip("isaac", changes));
  EXPECT_EQ(text.substr(0, text.find("origin:")),
            "# changed: crossbar.rows=256\n# changed: title=a name: b\n");
  EXPECT_EQ(parse_chip(text, "printed").name, "isaac");
  EXPECT_EQ(parse_chip(text, "printed").title, "a\nname: b");
}

TEST(WriteChip, TheListHasEveryKeyWithItsUnit) {
  const std::vector<KeyHelp> keys = key_list();
  const auto find = [&](const std::string& path) {
    return *std::find_if(keys.begin(), keys.end(),
                         [&](const KeyHelp& key) { return key.path == path; });
  };
  EXPECT_EQ(find("tile.buffers.NAME.size").value, "B, KB, MB, GB");
  EXPECT_EQ(find("crossbar.rows").value, "whole number");
  EXPECT_EQ(find("pe.kind").value, "crossbars, array");
}

TEST(WriteChip, EveryKeyIsDocumented) {
  std::ifstream page(std::string(SHEAF_SOURCE_DIR) + "/docs/hardware.md");
  const std::string text(std::istreambuf_iterator<char>(page), {});
  for (const KeyHelp& key : key_list()) {
    const std::string row = "| `" + key.path + "` | " + key.value + " | " + key.help + " |";
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace sheaf::target
