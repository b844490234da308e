// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/explore_space.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::study {
namespace {

using Values = std::vector<std::string>;

std::string refusal(const std::string& text, std::uint64_t most = kMostDesigns) {
  return test::message_of<base::ConfigError>([&] { (void)parse_space(text, "s.yaml", most); });
}

TEST(ExploreSpace, HasAllCombinationsAndTheLastAxisChangesFastest) {
  const ExploreSpace space = parse_space(
      "name: two by three\nhw: isaac\nmodel: [lenet5, vgg8, vgg16]\nset:\n  adc.bits: [7, 8]\n",
      "s.yaml");
  EXPECT_EQ(space.name, "two by three");
  ASSERT_EQ(space.designs(), 6U);
  EXPECT_EQ(space.values(0), (Values{"isaac", "7", "lenet5"}));
  EXPECT_EQ(space.values(1), (Values{"isaac", "7", "vgg8"}));
  EXPECT_EQ(space.values(5), (Values{"isaac", "8", "vgg16"}));
  EXPECT_TRUE(space.axes[1].of_chip);
  EXPECT_EQ(space.find("model")->values.size(), 3U);
  EXPECT_EQ(space.find("adc.bits"), nullptr);
}

TEST(ExploreSpace, RangesGoBySteps) {
  const ExploreSpace space = parse_space(
      "hw: isaac\nmodel: vgg8\nset:\n  adc.bits: {from: 6, to: 8}\n  adc.rate: ['1 GS/s']\n"
      "  crossbar.rows: {from: 32, to: 256, times: 2}\n  tile.pes: {from: 4, to: 9, step: 2}\n"
      "  cell.on_off_ratio: {from: 0.1, to: 0.3, step: 0.1}\n",
      "s.yaml");
  EXPECT_EQ(space.axes[1].values, (Values{"6", "7", "8"}));
  EXPECT_EQ(space.axes[2].values, (Values{"1 GS/s"}));
  EXPECT_EQ(space.axes[3].values, (Values{"32", "64", "128", "256"}));
  EXPECT_EQ(space.axes[4].values, (Values{"4", "6", "8"}));
  EXPECT_EQ(space.axes[5].values, (Values{"0.1", "0.2", "0.3"}));
}

TEST(ExploreSpace, ComparesByEnergyLatencyAndAreaUnlessItSaysOtherwise) {
  const std::string both = "hw: isaac\nmodel: vgg8\n";
  EXPECT_EQ(parse_space(both, "s").objectives,
            (std::vector{Figure::energy_uj, Figure::latency_us, Figure::area_mm2}));
  EXPECT_EQ(parse_space(both + "objectives: [gops_per_w, area_mm2]\n", "s").objectives,
            (std::vector{Figure::gops_per_w, Figure::area_mm2}));
  EXPECT_TRUE(more_is_better(Figure::gops_per_w));
  EXPECT_FALSE(more_is_better(Figure::area_mm2));
}

TEST(ExploreSpace, ListsAndRangesOfMoreThanAHundredThousandValuesAreRefused) {
  const std::string start = "hw: isaac\nmodel: vgg8\nset:\n  crossbar.rows: ";
  EXPECT_EQ(refusal(start + "{from: 1, to: 100001}\n"),
            "[s.yaml:4] crossbar.rows: got a longer range, expected at most 100000 values");
  std::string list = "[1";
  for (int i = 2; i <= 100'001; ++i) list += "," + std::to_string(i);
  EXPECT_EQ(refusal(start + list + "]\n"),
            "[s.yaml:4] crossbar.rows: got a longer list, expected at most 100000 values");
}

TEST(ExploreSpace, KeysOfThingsWithNamesOfOnesChoiceAreKnown) {
  const ExploreSpace space = parse_space(
      "hw: isaac\nmodel: vgg8\nset:\n  tile.buffers.eDRAM.size: [64 KB, 128 KB]\n", "s.yaml");
  EXPECT_EQ(space.designs(), 2U);
}

TEST(ExploreSpace, RefusesUnknownKeys) {
  EXPECT_EQ(refusal("hw: isaac\nmodels: vgg8\n"),
            "[s.yaml:2] models: got an unknown key; did you mean 'model'?");
  EXPECT_EQ(refusal("hw: isaac\nmodel: vgg8\nset:\n  crossbar.row: [64]\n"),
            "[s.yaml:4] set.crossbar.row: got an unknown key, expected a key of chips (sheaf "
            "simulate --keys); did you mean 'crossbar.rows'?");
  EXPECT_NE(refusal("hw: isaac\nmodel: vgg8\nset: {crossbar: [64]}\n").find("an unknown key"),
            std::string::npos);
  EXPECT_EQ(refusal("hw: isaac\nmodel: vgg8\nset:\n  adc.bits: {from: 1, too: 2}\n"),
            "[s.yaml:4] too: got an unknown key; did you mean 'to'?");
  EXPECT_EQ(refusal("hw: isaac\nmodel: vgg8\nstrategy: densse\n"),
            "[s.yaml:3] strategy: got 'densse'; did you mean 'dense'?");
  EXPECT_EQ(refusal("hw: isaac\nmodel: vgg8\ncompress: block_circulnt:k=4\n"),
            "[s.yaml:3] compress: got 'block_circulnt'; did you mean 'block_circulant'?");
  EXPECT_EQ(refusal("hw: isaac\nmodel: vgg8\nobjectives: [enrgy_uj]\n"),
            "[s.yaml:3] objective: got 'enrgy_uj', expected a figure; did you mean 'energy_uj'?");
}

TEST(ExploreSpace, RefusesAxesWithoutValues) {
  EXPECT_EQ(refusal("hw: []\nmodel: vgg8\n"),
            "[s.yaml:1] hw: got an empty list, expected one value, a list of some, or {from: A, "
            "to: B}");
  EXPECT_EQ(refusal("hw: isaac\n"),
            "[s.yaml:1] model: got nothing, expected one value or a list of some");
  EXPECT_NE(refusal("hw: isaac\nmodel:\n").find("[s.yaml:2] model: got"), std::string::npos);
  EXPECT_EQ(refusal("hw: isaac\nmodel: vgg8\nset: [1]\n"),
            "[s.yaml:3] set: got a list, expected a map from keys of the chip to values");
  EXPECT_EQ(refusal("- 1\n"), "[s.yaml:1] space: got a list, expected a map of key: value");
}

TEST(ExploreSpace, RefusesValuesThatAreNone) {
  const std::string both = "hw: isaac\nmodel: vgg8\n";
  EXPECT_EQ(refusal("hw: [isaac, isaac]\nmodel: vgg8\n"),
            "[s.yaml:1] hw: got 'isaac' a second time, expected values that differ");
  EXPECT_EQ(refusal("hw: [[isaac]]\nmodel: vgg8\n"),
            "[s.yaml:1] hw: got a list, expected a word or a number");
  EXPECT_EQ(refusal(both + "density: 1.5\n"),
            "[s.yaml:3] density: got 1.5, expected above 0, at most 1");
  EXPECT_EQ(refusal(both + "chips: 0\n"),
            "[s.yaml:3] chips: got 0, expected a whole number above 0");
  EXPECT_NE(refusal(both + "density: thin\n").find("expected a number"), std::string::npos);
}

TEST(ExploreSpace, RefusesRangesThatGoNowhere) {
  const std::string start = "hw: isaac\nmodel: vgg8\nset:\n  adc.bits: ";
  EXPECT_NE(refusal(start + "{from: 1}\n").find("expected from and to"), std::string::npos);
  EXPECT_NE(refusal(start + "{from: 4, to: 2}\n").find("to at least as large"), std::string::npos);
  EXPECT_NE(refusal(start + "{from: 1, to: 2, step: 0}\n").find("a step above 0"),
            std::string::npos);
  EXPECT_NE(refusal(start + "{from: 1, to: 2, times: 1}\n").find("times above 1"),
            std::string::npos);
  EXPECT_NE(refusal(start + "{from: 1, to: 2, step: 1, times: 2}\n").find("one of them"),
            std::string::npos);
  EXPECT_NE(refusal(start + "{from: 1e300, to: 1e301}\n").find("steps that change nothing"),
            std::string::npos);
  EXPECT_NE(refusal(start + "{from: 1, to: 1e9, step: 0.001}\n").find("at most 100000 values"),
            std::string::npos);
}

TEST(ExploreSpace, RefusesMoreDesignsThanTheLimit) {
  EXPECT_EQ(refusal("hw: isaac\nmodel: [vgg8, vgg16]\nset:\n  adc.bits: [6, 7, 8]\n", 5),
            "[s.yaml:1] designs: got 1 x 3 x 2 = 6, expected at most 5; fewer values, or a higher "
            "--limit");
}

TEST(ExploreSpace, CompressionsAreJoinedByPlus) {
  EXPECT_EQ(compressions("block_circulant:k=16+column_nonzeros:n=5"),
            (Values{"block_circulant:k=16", "column_nonzeros:n=5"}));
  EXPECT_EQ(compressions("none"), Values{"none"});
}

}  // namespace
}  // namespace sheaf::study
