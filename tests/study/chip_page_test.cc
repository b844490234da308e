// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/chip_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <numeric>

#include "sheaf/backend/cim/link_loads.h"
#include "sheaf/io/file.h"
#include "sheaf/study/chip_charts.h"
#include "sheaf/study/chip_words.h"
#include "sheaf/target/presets.h"
#include "sheaf/target/read_chip.h"
#include "tests/io/temp_folder.h"
#include "tests/report/xml.h"

namespace sheaf::study {
namespace {

ChipStudy study_of(const std::string& chip, const std::string& model = "lenet5") {
  return put_on_chip(listed_layers(model), target::read_chip(chip), {});
}

std::vector<test::XmlElement> elements_of_page(const std::string& html) {
  return test::elements_of(html.substr(html.find('\n') + 1));
}

TEST(ChipPage, IsWellFormedAndNeedsNothingElseOnEveryChip) {
  for (const std::string& preset : target::preset_names()) {
    const std::string html = chip_page(study_of(preset));
    for (const test::XmlElement& element : elements_of_page(html)) {
      EXPECT_NE(element.name, "script") << preset;
      EXPECT_NE(element.name, "link") << preset;
      EXPECT_NE(element.name, "img") << preset;
      for (const char* attribute : {"src", "href", "xlink:href", "style", "onload"}) {
        EXPECT_FALSE(element.attributes.contains(attribute)) << preset << " " << element.name;
      }
    }
    EXPECT_EQ(html.find("url("), std::string::npos) << preset;
    EXPECT_EQ(html.find("@import"), std::string::npos) << preset;
    EXPECT_EQ(html.find("nan"), std::string::npos) << preset;
  }
}

TEST(ChipPage, SaysWhatIsReconstructed) {
  EXPECT_NE(chip_page(study_of("reboc")).find("RECONSTRUCTED"), std::string::npos);
  EXPECT_EQ(chip_page(study_of("isaac")).find("RECONSTRUCTED"), std::string::npos);
  const ChipStudy mixed =
      put_on_chip(listed_layers("lenet5"), target::read_chip("isaac"), {.strategy = "reboc"});
  EXPECT_NE(chip_page(mixed).find("RECONSTRUCTED: how strategy reboc maps"), std::string::npos);
  EXPECT_NE(source_words(target::read_chip("reboc"))[0].find("(reconstructed)"), std::string::npos);
}

TEST(ChipPage, PutsTwoChipsSideBySide) {
  const ChipStudy isaac = study_of("isaac");
  const ChipStudy reboc = study_of("reboc");
  const std::string html = chip_page(isaac, &reboc);
  EXPECT_NE(html.find("isaac beside reboc"), std::string::npos);
  EXPECT_NE(html.find("reboc (reboc, reconstructed)"), std::string::npos);
  EXPECT_NE(html.find("Sources of reboc"), std::string::npos);
  EXPECT_EQ(chip_page(isaac).find("reboc"), std::string::npos);
}

TEST(ChipPage, OfARunSaysSoAndHasItsBatches) {
  ChipStudy study = study_of("isaac");
  study.of_data = true;
  const ChipRun run{.digest = "0123abcd",
                    .types = {"leaf", "node"},
                    .batches = {{.type = 0, .nodes = 3, .ns = 1e3, .conversions = {1, 40, 0}},
                                {.type = 1, .nodes = 2, .ns = 5e3, .conversions = {1, 60, 5}}},
                    .conversions = {2, 100, 5},
                    .ns = 6e3};
  const std::string html = chip_page(study, nullptr, &run);
  for (const char* words : {"energy of all data", "0123abcd", "5.00 % saturated", "batch after"}) {
    EXPECT_NE(html.find(words), std::string::npos) << words;
  }
  for (const char* words : {"one input", "inputs per second"}) {
    EXPECT_EQ(html.find(words), std::string::npos) << words;
  }
}

TEST(ChipPage, NamesTheLayerThatTakesLongest) {
  const ChipStudy study = study_of("smartdeal", "vgg16");
  double longest = 0;
  for (const auto& layer : study.cost.layers) longest = std::max(longest, layer.time_ns);
  const std::string words = time_words(study)[0];
  const auto names = layer_names(study);
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(words.find(" " + names[i] + " ") != std::string::npos,
              study.cost.layers[i].time_ns == longest)
        << words;
  }
}

TEST(ChipCharts, LayersOfOneCellHaveNamesOfTheirOwn) {
  ChipStudy study = study_of("isaac");
  EXPECT_EQ(layer_names(study)[0], "conv1");
  study.cost.layers[0].name = "node.U_i";
  study.cost.layers[1].name = "node.F_1";
  EXPECT_EQ(layer_names(study)[0], "node.U_i");
  EXPECT_EQ(layer_names(study)[1], "node.F_1");
}

TEST(ChipCharts, BarsAddUpToTheEnergyOfTheNetwork) {
  for (const char* chip : {"isaac", "smartdeal"}) {
    const ChipStudy study = study_of(chip);
    double sum = 0;
    for (const auto& row : energy_chart(study).rows) {
      for (const double value : row.values) sum += value;
    }
    EXPECT_NEAR(sum * 1e6 / study.cost.total_energy_pj(), 1, 1e-9) << chip;
  }
}

TEST(ChipCharts, TilesHoldAllCrossbarsInUse) {
  const ChipStudy study = study_of("isaac", "vgg8");
  const report::TileMap map = tile_map(study).value();
  double shares = 0;
  for (const auto& tile : map.tiles) {
    EXPECT_LT(tile.column, map.columns);
    EXPECT_LT(tile.row, map.rows);
    for (const auto& part : tile.parts) shares += part.share;
  }
  const auto per_tile =
      static_cast<double>(backend::cim::hardware_of(study.chip).crossbars_per_tile);
  EXPECT_NEAR(shares * per_tile, static_cast<double>(study.cost.crossbars), 1e-6);
}

// VGG-8 takes some 37,000 tiles of four small crossbars.
TEST(ChipCharts, TooManyTilesAreDrawnBySquaresWithoutALoss) {
  const ChipStudy study = study_of("teaching", "vgg8");
  const report::TileMap map = tile_map(study).value();
  const auto per_tile =
      static_cast<double>(backend::cim::hardware_of(study.chip).crossbars_per_tile);
  EXPECT_GT(static_cast<double>(study.cost.crossbars) / per_tile, 4096);
  EXPECT_LE(map.columns * map.rows, 4096U);
  EXPECT_TRUE(map.unit.starts_with("square of ")) << map.unit;
  unsigned side = 0;
  ASSERT_EQ(std::sscanf(map.unit.c_str(), "square of %u", &side), 1);
  double tiles = 0;
  for (const auto& tile : map.tiles) {
    EXPECT_LT(tile.column, map.columns);
    EXPECT_LT(tile.row, map.rows);
    double shares = 0;
    for (const auto& part : tile.parts) shares += part.share;
    EXPECT_LE(shares, 1 + 1e-9);
    tiles += shares * side * side;
  }
  EXPECT_NEAR(tiles * per_tile / static_cast<double>(study.cost.crossbars), 1, 1e-9);

  const report::HeatMap heat = heat_map(study).value();
  const auto loads = backend::cim::link_loads(study.cost, study.chip);
  EXPECT_LE(heat.columns * heat.rows, 4096U);
  EXPECT_GT(loads.routers.size(), heat.routers.size());
  const auto sum = [](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
  };
  EXPECT_NEAR(sum(heat.routers) / sum(loads.routers), 1, 1e-9);
  EXPECT_LT(sum(heat.right), sum(loads.right));
  EXPECT_GT(sum(heat.right), 0);
  EXPECT_LT(chip_page(study).size(), 5'000'000U);
}

TEST(ChipCharts, NoLayerIsAboveTheRoofOfItsConverters) {
  for (const char* chip : {"isaac", "forms", "cannon"}) {
    const report::ConverterRoofline chart = converter_chart(study_of(chip, "vgg8")).value();
    for (const auto& point : chart.points) {
      EXPECT_LE(point.gmacs_per_s,
                chart.gconversions_per_s * point.macs_per_conversion * (1 + 1e-9))
          << chip << " " << point.name;
      EXPECT_LE(point.gmacs_per_s, chart.peak_gmacs * (1 + 1e-9)) << chip << " " << point.name;
    }
  }
}

TEST(ChipCharts, ADigitalArrayHasNoTilesNoConvertersAndNoNetwork) {
  const ChipStudy study = study_of("smartdeal");
  EXPECT_FALSE(tile_map(study).has_value());
  EXPECT_FALSE(converter_chart(study).has_value());
  EXPECT_FALSE(heat_map(study).has_value());
}

TEST(ChipWords, NameTheComponentThatTakesMostFirst) {
  const ChipStudy study = study_of("isaac", "vgg8");
  const auto words = energy_words(study);
  std::size_t most = 0;
  for (std::size_t c = 1; c < study.cost.energy_pj.size(); ++c) {
    if (study.cost.energy_pj[c] > study.cost.energy_pj[most]) most = c;
  }
  EXPECT_TRUE(words[0].starts_with(std::string(backend::cim::kComponentNames[most]) + ": "))
      << words[0];
  EXPECT_TRUE(words.back().starts_with("By layer, most goes to ")) << words.back();
}

// Opens the page in a browser without a network and reads back what it made of it.
TEST(ChipPageReal, OpensInABrowser) {
  if (std::system("command -v chromium > /dev/null 2>&1") != 0) {
    GTEST_SKIP() << "chromium is not installed";
  }
  const test::TempFolder folder;
  const std::string page = folder.path("page.html");
  io::write_file(page, chip_page(study_of("isaac", "vgg8")));
  const std::string command =
      "timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir=" +
      folder.path("profile") + " --dump-dom file://" + page + " > " + folder.path("dom.html") +
      " 2> /dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const std::string dom = io::read_file(folder.path("dom.html"));
  EXPECT_NE(dom.find("Where each joule went"), std::string::npos);
  EXPECT_NE(dom.find("Sources of isaac"), std::string::npos);
  EXPECT_NE(dom.find("</svg>"), std::string::npos);
}

}  // namespace
}  // namespace sheaf::study
