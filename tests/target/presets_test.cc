// SPDX-License-Identifier: Apache-2.0
#include "sheaf/target/presets.h"

#include <gtest/gtest.h>

#include "sheaf/target/read_chip.h"

namespace sheaf::target {
namespace {

TEST(Presets, AreTheFilesOfConfigsHw) {
  EXPECT_EQ(preset_names(),
            (std::vector<std::string>{"cannon", "forms", "isaac", "mnsim", "neurosim", "pipelayer",
                                      "reboc", "smartdeal", "teaching", "tinyadc"}));
  EXPECT_FALSE(preset_text("none"));
}

TEST(Presets, AreReadAndCarryTheirNames) {
  for (const std::string& name : preset_names()) {
    const Chip chip = read_chip(name);
    EXPECT_EQ(chip.name, name);
    EXPECT_FALSE(chip.title.empty());
    EXPECT_FALSE(chip.published.empty()) << name << " reproduces no figure";
  }
}

TEST(Presets, WhatIsKnownFromAnAbstractIsReconstructed) {
  for (const char* name : {"reboc", "tinyadc", "cannon", "smartdeal"}) {
    EXPECT_EQ(provenance_of(read_chip(name), "").origin, Origin::reconstructed) << name;
    EXPECT_EQ(provenance_of(read_chip(name), "mapping").origin, Origin::reconstructed) << name;
  }
  EXPECT_EQ(provenance_of(read_chip("tinyadc"), "dac").origin, Origin::published);
}

TEST(Presets, AFileOfTheTreeIsThePreset) {
  const std::string file = std::string(SHEAF_SOURCE_DIR) + "/configs/hw/forms.yaml";
  EXPECT_EQ(read_chip(file).crossbar->parallel_rows, 8u);
}

}  // namespace
}  // namespace sheaf::target
