// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/simulate.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/target/read_chip.h"
#include "tests/message_of.h"

namespace sheaf::study {
namespace {

ChipStudy on(const std::string& chip, const std::string& model, const ChipOptions& options = {},
             const std::vector<std::string>& changes = {}) {
  return put_on_chip(listed_layers(model), target::read_chip(chip, changes), options);
}

TEST(Simulate, ALedgersRowsAddUpToTheNetworksCost) {
  for (const char* chip : {"isaac", "pipelayer", "reboc", "smartdeal"}) {
    const ChipStudy study = on(chip, "lenet5");
    const runtime::Cost total = ledger_of(study).total();
    EXPECT_NEAR(total.pj, study.cost.total_energy_pj(), 1e-9 * total.pj) << chip;
    EXPECT_EQ(total.conversions, static_cast<double>(study.cost.conversions)) << chip;
    EXPECT_NEAR(total.flit_hops, study.cost.flit_hops, 1e-9 * total.flit_hops) << chip;
  }
}

TEST(Simulate, LayersHaveTheChipsPrecisionUnlessToldOtherwise) {
  EXPECT_EQ(on("isaac", "lenet5").shapes.layers[0].weight_bits, 16U);
  const ChipStudy study = on("isaac", "lenet5", {.bits = tensor::Bits{8, 6}});
  EXPECT_EQ(study.shapes.layers[0].input_bits, 8U);
  EXPECT_EQ(study.shapes.layers[0].weight_bits, 6U);
}

TEST(Simulate, BlocksTakeFewerCrossbars) {
  const auto least = [](const ChipOptions& options) {
    ChipStudy study = on("reboc", "alexnet", options);
    return backend::cim::least_crossbars(study.shapes, study.chip);
  };
  EXPECT_LT(7 * least({.compress = {"block_circulant:k=16"}}), least({.compress = {"none"}}));
}

TEST(Simulate, AChipForBlocksTakesItsOwnUnlessToldOtherwise) {
  const ChipStudy own = on("reboc", "alexnet");
  const ChipStudy said = on("reboc", "alexnet", {.compress = {"block_circulant:k=16"}});
  EXPECT_EQ(own.shapes.layers[1].block, 16U);
  EXPECT_EQ(own.cost.crossbars, said.cost.crossbars);
  EXPECT_EQ(own.cost.total_energy_pj(), said.cost.total_energy_pj());
  const std::string note =
      "weights of 7 of 8 layers in circulant blocks of 16 x 16, as the chip's mapping.block says; "
      "--compress none: dense";
  ASSERT_EQ(own.notes.size(), 2U);
  EXPECT_EQ(own.notes[0], note);
  const std::string left = ": conv1.W (padding would more than double it)";
  EXPECT_EQ(own.notes[1], "stored dense in spite of mapping.block" + left);
  EXPECT_EQ(said.notes,
            std::vector<std::string>{"stored dense in spite of block_circulant:k=16" + left});
  EXPECT_NE(to_text(own).find("note: " + note), std::string::npos);
  EXPECT_EQ(to_json(own)["notes"][0], note);
  for (const char* dense : {"none", "block_circulant:k=1"}) {
    const ChipStudy study = on("reboc", "alexnet", {.compress = {dense}});
    EXPECT_EQ(study.shapes.layers[1].form, backend::cim::WeightForm::dense) << dense;
    EXPECT_TRUE(study.notes.empty());
  }
  EXPECT_EQ(on("reboc", "alexnet", {}, {"mapping.block=4"}).shapes.layers[1].block, 4U);
  EXPECT_EQ(on("reboc", "alexnet", {.strategy = "dense"}).shapes.layers[1].block, 1U);
}

TEST(Simulate, DigitsAndInputsThatAreZeroSaveCyclesOfAnArray) {
  const auto of = [](const std::string& how) {
    return on("smartdeal", "vgg8", {.compress = {how}}).cost;
  };
  const auto all = of("pow2_basis:k=3,rows=1");
  const auto some = of("pow2_basis:k=3,rows=1,zeros=0.5,booth=0.5");
  for (std::size_t i = 0; i < all.layers.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(some.layers[i].cycles),
                static_cast<double>(all.layers[i].cycles) / 4, 1)
        << i;
  }
}

TEST(Simulate, RefusesInputsThatAreAllZero) {
  EXPECT_EQ(test::message_of<base::UsageError>([] {
              (void)on("smartdeal", "lenet5", {.compress = {"pow2_basis:k=3,rows=1,zeros=1"}});
            }),
            "[--compress] pow2_basis, zeros: got '1', expected a number from 0 to 0.999");
}

TEST(Compress, TakesSeveralWaysInOneWord) {
  const std::vector<std::string> changes = {"mapping.encoding=differential",
                                            "mapping.columns=plain"};
  const auto energy = [&](const std::vector<std::string>& how) {
    return put_on_chip(listed_layers("vgg8"), target::read_chip("reboc", changes),
                       {.compress = how})
        .cost.total_energy_pj();
  };
  EXPECT_EQ(energy({"block_circulant:k=16+column_nonzeros:n=5"}),
            energy({"block_circulant:k=16", "column_nonzeros:n=5"}));
  EXPECT_LT(energy({"block_circulant:k=16+column_nonzeros:n=5"}), energy({"block_circulant:k=16"}));
  // Whichever comes first, the chip's own blocks of 16 are not what is asked for.
  EXPECT_EQ(energy({"column_nonzeros:n=5+block_circulant:k=8"}),
            energy({"block_circulant:k=8", "column_nonzeros:n=5"}));
}

TEST(Simulate, WhatIsReconstructedSaysSo) {
  EXPECT_NE(to_text(on("reboc", "lenet5")).find("reconstructed"), std::string::npos);
  EXPECT_TRUE(to_json(on("reboc", "lenet5"))["reconstructed"].get<bool>());
  EXPECT_FALSE(to_json(on("isaac", "lenet5"))["reconstructed"].get<bool>());
  EXPECT_TRUE(to_json(on("isaac", "lenet5", {.strategy = "reboc"}))["reconstructed"].get<bool>());
}

TEST(Simulate, SharesOfLayersAddUpToOne) {
  const auto json = to_json(on("isaac", "lenet5"));
  double sum = 0;
  for (const auto& layer : json["layers"]) sum += layer["share"].get<double>();
  EXPECT_NEAR(sum, 1, 1e-12);
  const auto& d = json["decomposition"];
  EXPECT_NEAR(d["convert_pj"].get<double>() * d["converts_per_mac"].get<double>() *
                  d["macs"].get<double>() / d["utilisation"].get<double>(),
              json["energy_pj"]["adc"].get<double>(), 1e-6 * json["pj"].get<double>());
}

template <class Error>
std::string refusal(const std::string& chip, const std::string& model, const ChipOptions& options,
                    const std::vector<std::string>& changes = {}) {
  return test::message_of<Error>([&] { (void)on(chip, model, options, changes); });
}

TEST(Simulate, RefusesANetworkThatDoesNotFit) {
  const std::string message =
      refusal<base::ResourceError>("isaac", "vgg16", {.chips = 1}, {"chip.tiles=2"});
  EXPECT_TRUE(message.starts_with(
      "[vgg16] crossbars for one copy of every layer: got 192, expected at least "))
      << message;
}

TEST(Simulate, RefusesBlocksLargerThanACrossbar) {
  EXPECT_EQ(refusal<base::UsageError>("teaching", "vgg16", {.compress = {"block_circulant:k=16"}}),
            "[--compress] blocks on chip teaching: got 16 x 16, expected at most the 8 x 8 cells "
            "of a crossbar");
}

TEST(Simulate, RefusesBlocksThatFitNoLayer) {
  backend::cim::LayerShapes shapes;
  shapes.name = "one";
  shapes.layers.emplace_back();
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              (void)compress(shapes, target::read_chip("reboc"), {"block_circulant:k=64"});
            }),
            "[--compress] network one: got no layer that blocks of 64 fit, expected one at least");
}

TEST(Simulate, LayersThatStayDenseAreNamedInANote) {
  const ChipStudy study = on("reboc", "lenet5", {.compress = {"block_circulant:k=16"}});
  const std::string note =
      "stored dense in spite of block_circulant:k=16: conv1.W (padding would more than double it), "
      "conv2.W (padding would more than double it)";
  ASSERT_EQ(notes_of(study), std::vector<std::string>{note});
  EXPECT_NE(to_text(study).find("note: " + note), std::string::npos);
  EXPECT_EQ(to_json(study)["notes"][0], note);
  EXPECT_TRUE(notes_of(on("reboc", "ese_lstm", {.compress = {"block_circulant:k=16"}})).empty());
}

TEST(Simulate, RefusesWaysToStoreWeightsThatTheStrategyWouldIgnore) {
  struct Case {
    const char* chip;
    const char* compress;
    const char* got;
  };
  const Case cases[] = {{"isaac", "block_circulant:k=16", "block_circulant"},
                        {"isaac", "column_nonzeros:n=5", "column_nonzeros"},
                        {"isaac", "pow2_basis:k=3,rows=0.5", "pow2_basis"},
                        {"pipelayer", "block_circulant:k=16", "block_circulant"},
                        {"cannon", "column_nonzeros:n=5", "column_nonzeros"},
                        {"tinyadc", "block_circulant:k=16", "block_circulant"},
                        {"reboc", "pow2_basis:k=3,rows=0.5", "pow2_basis"},
                        {"smartdeal", "block_circulant:k=16", "block_circulant"},
                        {"smartdeal", "column_nonzeros:n=5", "column_nonzeros"}};
  for (const Case& one : cases) {
    const std::string message =
        refusal<base::ConfigError>(one.chip, "vgg8", {.compress = {one.compress}});
    EXPECT_NE(message.find("how its weights are stored: got " + std::string(one.got) +
                           ", expected what strategy '"),
              std::string::npos)
        << one.chip << " " << one.compress << ": " << message;
  }
  EXPECT_EQ(refusal<base::ConfigError>("isaac", "vgg8", {.compress = {"column_nonzeros:n=5"}}),
            "[conv1_1.W] how its weights are stored: got column_nonzeros, expected what strategy "
            "'dense' uses; it would change nothing here; strategies tinyadc and reboc use it");
}

TEST(Simulate, WaysToStoreWeightsThatCountAreTaken) {
  EXPECT_EQ(on("tinyadc", "vgg8", {.compress = {"column_nonzeros:n=2"}}).cost.adc_bits, 3U);
  const ChipStudy both =
      on("reboc", "vgg8", {.compress = {"block_circulant:k=16", "column_nonzeros:n=5"}},
         {"mapping.columns=plain", "mapping.encoding=differential"});
  EXPECT_EQ(both.cost.adc_bits, 4U);
  EXPECT_EQ(both.shapes.layers[1].block, 16U);
  EXPECT_GT(on("smartdeal", "vgg8", {.compress = {"pow2_basis:k=2,rows=1"}}).cost.dram_bytes,
            on("smartdeal", "vgg8", {.compress = {"pow2_basis:k=3,rows=0.5"}}).cost.dram_bytes);
}

TEST(Simulate, RefusesADensityThatTheStrategyWouldIgnore) {
  EXPECT_EQ(refusal<base::ConfigError>("isaac", "lenet5", {.density = 0.1}),
            "[density] share of weights that are kept: got 0.1 with strategy 'dense', expected "
            "strategy 'cannon'; it would change nothing here");
}

TEST(Simulate, SaysWhatBindsTheInterval) {
  const ChipStudy study = on("cannon", "ese_lstm");
  EXPECT_NE(to_text(study).find("the interval is that of network: the busiest link "),
            std::string::npos)
      << to_text(study);
  const auto json = to_json(study);
  EXPECT_EQ(json["bound"], "network");
  EXPECT_EQ(json["limits_ns"]["network"], json["interval_ns"]);
  EXPECT_EQ(json["energy"], "dynamic");
  EXPECT_EQ(to_json(on("smartdeal", "alexnet"))["bound"], "dram");
}

TEST(Simulate, SaysWhatDoesNotFitIntoATilesBuffer) {
  // conv2_2: 128 channels in 2 lines of 112 pixels and 3, 2 bytes each, are 57 KB; half as many of
  // conv2_1 stand in the same tile.
  const std::vector<std::string> notes = notes_of(on("isaac", "vgg16"));
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_NE(notes[0].find(" KB of a tile's buffer with others in its tile, which has 64 KB"),
            std::string::npos)
      << notes[0];
  EXPECT_TRUE(notes_of(on("isaac", "vgg16", {}, {"tile.buffers.eDRAM.size=1 MB"})).empty());
}

TEST(Simulate, SaysHowManyBitsConvertersLack) {
  // 128 rows of 2-bit cells, flipped: 8 bits.
  const ChipStudy study = on("isaac", "vgg8", {}, {"adc.bits=6"});
  EXPECT_EQ(
      notes_of(study).at(0),
      "converters of 6 bits lack 2 to read every column without loss: sums above 63 saturate");
  EXPECT_TRUE(notes_of(on("isaac", "vgg8")).empty());
}

TEST(Simulate, RefusesTinyAdcWithOffsets) {
  const std::string message =
      refusal<base::ConfigError>("isaac", "lenet5", {.strategy = "tinyadc"});
  EXPECT_TRUE(message.starts_with(
      "[mapping.encoding] limit of non-zeros in a column: got encoding 'offset', expected "
      "differential, sign_magnitude or polarised"))
      << message;
}

TEST(Simulate, RefusesUnknownNamesWithTheNearest) {
  EXPECT_EQ(refusal<base::UsageError>("isaac", "lenet5", {.strategy = "rebok"}),
            "[strategy] no such strategy for crossbars: got 'rebok'; did you mean 'reboc'?");
  EXPECT_EQ(refusal<base::UsageError>("isaac", "lenet5", {.compress = {"block_circulent:k=4"}}),
            "[--compress] no such way to store weights: got 'block_circulent'; did you mean "
            "'block_circulant'?");
  const std::string model = refusal<base::NotFoundError>("isaac", "vgg61", {});
  EXPECT_NE(model.find("did you mean 'vgg16'?"), std::string::npos) << model;
}

TEST(Simulate, PlacementsAndReBocsSwitchesReachTheMapping) {
  const auto hops = [](const std::string& placement) {
    return on("cannon", "vgg8", {.placement = placement}).cost.flit_hops;
  };
  EXPECT_LT(hops("serpentine"), hops("row_major"));
  EXPECT_LE(hops("annealed"), hops("serpentine"));
  const std::vector<std::string> blocks = {"block_circulant:k=64"};
  const ChipStudy apart = on("reboc", "vgg8", {.compress = blocks});
  const ChipStudy packed = on("reboc", "vgg8", {.compress = blocks, .slicing = "packed"});
  EXPECT_GT(packed.cost.latency_ns, apart.cost.latency_ns);  // strips of one crossbar take turns
  const auto buffer_bytes = [](const ChipStudy& study) {
    double bytes = 0;
    for (const auto& layer : study.cost.layers) bytes += layer.buffer_bytes;
    return bytes;
  };
  const double least = buffer_bytes(apart);
  EXPECT_GT(buffer_bytes(on("reboc", "vgg8", {.compress = blocks, .input_slice_reuse = false})),
            least);
  EXPECT_GT(buffer_bytes(on("reboc", "vgg8", {.compress = blocks, .input_tile_sharing = false})),
            least);
  EXPECT_EQ(refusal<base::UsageError>("isaac", "lenet5", {.placement = "serpentin"}),
            "[--placement] unknown: got 'serpentin'; did you mean 'serpentine'?");
  EXPECT_EQ(refusal<base::UsageError>("reboc", "lenet5", {.slicing = "paked"}),
            "[--slicing] unknown: got 'paked'; did you mean 'packed'?");
}

TEST(Simulate, RefusesANetworkWithoutLayers) {
  EXPECT_EQ(test::message_of<base::UsageError>([] {
              (void)put_on_chip({.name = "empty", .layers = {}}, target::read_chip("isaac"), {});
            }),
            "[empty] layers for a chip: got none, expected products with weights");
}

TEST(Simulate, RefusesAStrategyForCrossbarsOnAnArray) {
  EXPECT_EQ(refusal<base::UsageError>("smartdeal", "lenet5", {.strategy = "dense"}),
            "[strategy] chip smartdeal: got 'dense', expected 'smartdeal': it has no crossbars");
}

TEST(Simulate, RefusesNumbersThatAreNone) {
  EXPECT_EQ(refusal<base::UsageError>("smartdeal", "lenet5", {.compress = {"pow2_basis:k=3"}}),
            "[--compress] pow2_basis, rows: got nothing, expected a number from 0 to 1");
  EXPECT_EQ(refusal<base::UsageError>("tinyadc", "lenet5", {.compress = {"column_nonzeros:n=999"}}),
            "[--compress] column_nonzeros, n: got '999', expected a number from 1 to 128");
  EXPECT_EQ(refusal<base::UsageError>("tinyadc", "lenet5", {.compress = {"column_nonzeros:n=2.5"}}),
            "[--compress] column_nonzeros, n: got 2.5, expected a whole number");
  EXPECT_EQ(refusal<base::UsageError>("tinyadc", "lenet5", {.compress = {"column_nonzeros:n"}}),
            "[--compress] column_nonzeros: got n, expected key=value");
  EXPECT_EQ(
      refusal<base::UsageError>("smartdeal", "lenet5", {.compress = {"pow2_basis:k=3,rows=nan"}}),
      "[--compress] pow2_basis, rows: got 'nan', expected a number from 0 to 1");
  EXPECT_EQ(
      refusal<base::UsageError>("smartdeal", "lenet5", {.compress = {"pow2_basis:k=nan,rows=1"}}),
      "[--compress] pow2_basis, k: got 'nan', expected a number from 2 to 16");
  EXPECT_EQ(
      refusal<base::UsageError>("smartdeal", "lenet5", {.compress = {"pow2_basis:k=3,rows=0"}}),
      "[--compress] pow2_basis, rows: got 0, expected a share above 0, up to 1");
}

TEST(Simulate, RefusesKeysOfCompressionThatItDoesNotKnow) {
  EXPECT_EQ(
      refusal<base::UsageError>("tinyadc", "lenet5", {.compress = {"column_nonzeros:n=5,nn=3"}}),
      "[--compress] column_nonzeros, unknown key: got 'nn'; did you mean 'n'?");
  EXPECT_EQ(refusal<base::UsageError>("smartdeal", "lenet5",
                                      {.compress = {"pow2_basis:k=3,rowz=0.5,rows=1"}}),
            "[--compress] pow2_basis, unknown key: got 'rowz'; did you mean 'rows'?");
  EXPECT_EQ(
      refusal<base::UsageError>("tinyadc", "lenet5", {.compress = {"column_nonzeros:n=5,n=3"}}),
      "[--compress] column_nonzeros: got n a second time, expected every key once");
}

TEST(Simulate, RefusesADynamicModelWithoutData) {
  EXPECT_EQ(test::message_of<base::UsageError>([] { (void)listed_layers("tree_lstm"); }),
            "[--model] layers of tree_lstm: got no --data, expected data: its graphs depend on "
            "them");
}

}  // namespace
}  // namespace sheaf::study
