// SPDX-License-Identifier: Apache-2.0
//
// `sheaf simulate` from outside.
#include <filesystem>

#include "tests/cli/tool.h"

namespace sheaf::test {
namespace {

using SimulateVerb = Cli;

TEST_F(SimulateVerb, PrintsPeakRatesAsTextOrJson) {
  const auto json =
      nlohmann::json::parse(sheaf_output({"simulate", "--hw", "isaac", "--peak", "--json"}));
  EXPECT_NEAR(json["gops_per_w"].get<double>(), 627.5, 0.05);
  const std::string text = sheaf_output({"simulate", "--hw", "isaac"});
  EXPECT_NE(text.find("isaac: ISAAC-CE"), std::string::npos) << text;
}

TEST_F(SimulateVerb, ReadsFilesAndChanges) {
  const std::string file = folder_.write(
      "mine.yaml",
      "name: mine\norigin: own\nsource: me\nextends: isaac\ntile: {pes: 6, source: me}\n");
  const auto json = nlohmann::json::parse(
      sheaf_output({"simulate", "--hw", file, "--set", "chip.tiles=2", "--json"}));
  EXPECT_NEAR(json["gops"].get<double>(), 2 * 6 * 20.48, 1e-9);
  EXPECT_EQ(json["changes"][0], "chip.tiles=2");
}

TEST_F(SimulateVerb, WhatItPrintsItReads) {
  const std::string text = sheaf_output({"simulate", "--hw", "tinyadc", "--print"});
  const std::string file = folder_.write("again.yaml", text);
  EXPECT_EQ(sheaf_output({"simulate", "--hw", file, "--print"}), text);
}

TEST_F(SimulateVerb, ChecksFiguresAndScalesConverters) {
  EXPECT_NE(sheaf_output({"simulate", "--hw", "forms", "--check"}).find("tile.power_mw"),
            std::string::npos);
  EXPECT_NE(sheaf_output({"simulate", "--hw", "isaac", "--adc-scaling", "4"}).find("1.444, 1.276"),
            std::string::npos);
  EXPECT_NE(sheaf_output({"simulate", "--keys"}).find("| `adc.bits` |"), std::string::npos);
}

TEST_F(SimulateVerb, ReturnsTwoWhenAPublishedFigureIsFar) {
  const std::string file =
      folder_.write("far.yaml",
                    "name: far\norigin: own\nsource: me\nextends: isaac\n"
                    "published: {chip.gops: {value: 1, within: 0.5}, source: me}\n");
  const Result result = sheaf({"simulate", "--hw", file, "--check"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.out.find(" FAR"), std::string::npos) << result.out;
  EXPECT_NE(result.err.find("published figures: got some that are far"), std::string::npos);
}

TEST_F(SimulateVerb, RefusesWhatItCannotRead) {
  expect_refusal({"simulate"}, 2, "UsageError: [--hw] no chip: expected a preset or a file");
  expect_refusal({"simulate", "--hw", "isac"}, 2,
                 "NotFoundError: [--hw] unknown chip: got 'isac'; did you mean 'isaac'?");
  expect_refusal({"simulate", "--hw", folder_.path("none.yaml")}, 2,
                 "NotFoundError: [D/none.yaml] no such file");
  expect_refusal({"simulate", "--hw", folder_.write("bad.yaml", "name: a\nname: b\n")}, 2,
                 "ConfigError: [D/bad.yaml:2] name: got the key a second time, expected one; the "
                 "first is at D/bad.yaml:1");
}

const Arguments kTrees = {"--model",  "tree_lstm", "--data", "random:trees,n=12,leaves=5",
                          "--hidden", "16"};

TEST_F(SimulateVerb, PutsAListOfLayersOnAChip) {
  const std::string text = sheaf_output(
      {"simulate", "--hw", "reboc", "--model", "alexnet", "--compress", "block_circulant:k=16"});
  EXPECT_NE(text.find("alexnet on reboc (reconstructed), strategy reboc (reconstructed)"),
            std::string::npos)
      << text;
  const auto json = nlohmann::json::parse(
      sheaf_output({"simulate", "--hw", "isaac", "--model", "lenet5", "--bits", "8x8", "--json"}));
  EXPECT_EQ(json["layers"].size(), 5U);
  EXPECT_EQ(json["layers"][0]["weight_bits"], 8);
}

TEST_F(SimulateVerb, PlacementsAreInTheRecipeAndCostHops) {
  const std::string ledger = folder_.path("l.json");
  const auto hops = [&](const char* placement) {
    return nlohmann::json::parse(
               sheaf_output({"simulate", "--hw", "cannon", "--model", "vgg8", "--placement",
                             placement, "--ledger", ledger, "--json"}))["flit_hops"]
        .get<double>();
  };
  const double serpentine = hops("serpentine");
  EXPECT_LT(serpentine, hops("row_major"));
  EXPECT_EQ(json_of(ledger)["recipe"]["placement"], "row_major");
}

TEST_F(SimulateVerb, LedgersOfAChipAndOfTheHostAreCompared) {
  const std::string chip = folder_.path("chip.json");
  const std::string host = folder_.path("host.json");
  (void)sheaf(Arguments{"simulate", "--hw", "isaac", "--ledger", chip} + kTrees);
  (void)sheaf(Arguments{"run", "--quantise", "8x8", "--ledger", host} + kTrees);
  EXPECT_EQ(json_of(chip)["target"], "isaac");
  EXPECT_EQ(json_of(chip)["recipe"]["hw"], "isaac");
  const std::string text = sheaf_output({"compare", host, chip});
  EXPECT_NE(text.find("conversions"), std::string::npos) << text;
}

TEST_F(SimulateVerb, RunsABatchAtATimeAndChecksTheDigest) {
  const std::string digest = digest_of_run(kTrees + Arguments{"--quantise", "8x8"});
  for (const char* policy : {"depth", "sufficient", "cost"}) {
    const Result result = sheaf(
        Arguments{"simulate", "--hw", "isaac", "--check", "--json", "--policy", policy} + kTrees);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const auto json = nlohmann::json::parse(result.out);
    EXPECT_EQ(json["digest"], digest) << policy;
    EXPECT_TRUE(json["equals_host"].get<bool>());
    EXPECT_EQ(json["saturated"], 0);
    EXPECT_EQ(json["values"], "exact");
  }
}

TEST_F(SimulateVerb, ReturnsTwoWhenTheChipsValuesDiffer) {
  const Result result = sheaf(Arguments{"simulate", "--hw", "isaac", "--set", "adc.bits=3", "--set",
                                        "mapping.columns=plain", "--check"} +
                              kTrees);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("[--check] digest of the chip's values: got "), std::string::npos)
      << result.err;
}

TEST_F(SimulateVerb, CellsThatAreNotIdealDifferAndAreCounted) {
  const Arguments stuck = Arguments{"simulate", "--hw", "isaac",  "--set", "cell.stuck_on_rate=0.2",
                                    "--seed",   "3",    "--check"} +
                          kTrees;
  const std::string text = sheaf_output(stuck);
  EXPECT_NE(text.find("outputs differ from those of the host's products, by "), std::string::npos)
      << text;
  EXPECT_NE(text.find("\nvalues: analog, seed 3\n"), std::string::npos) << text;
  const auto json = nlohmann::json::parse(sheaf_output(stuck + Arguments{"--json"}));
  EXPECT_EQ(json["values"], "analog");
  EXPECT_EQ(json["seed"], 3);
  EXPECT_FALSE(json["equals_host"].get<bool>());
  EXPECT_GT(json["outputs_that_differ"], 0);
  EXPECT_LE(json["outputs_that_differ"], json["outputs"]);
}

TEST_F(SimulateVerb, RefusesNetworksThatAChipCannotHave) {
  expect_refusal({"simulate", "--hw", "isaac", "--model", "tree_lstm"}, 2,
                 "UsageError: [--model] layers of tree_lstm: got no --data, expected data: its "
                 "graphs depend on them");
  expect_refusal({"simulate", "--hw", "isaac", "--model-dir", folder_.path("m")}, 2,
                 "UsageError: [--model-dir] a trained model: got no --data, expected data");
  const std::string array =
      sheaf_output(Arguments{"simulate", "--hw", "smartdeal", "--check"} + kTrees);
  EXPECT_NE(array.find("as with the host's products"), std::string::npos) << array;
  expect_refusal(
      {"simulate", "--hw", "teaching", "--model", "vgg8", "--compress", "block_circulant:k=16"}, 2,
      "UsageError: [--compress] blocks on chip teaching: got 16 x 16, expected at most "
      "the 8 x 8 cells of a crossbar");
}

TEST_F(SimulateVerb, RefusesWhatWouldChangeNothing) {
  const auto unused = [&](const Arguments& more, const std::string& option,
                          const std::string& expected) {
    expect_refusal(Arguments{"simulate", "--hw", "isaac"} + more, 2,
                   "UsageError: [" + option + "] changes nothing here: expected " + expected);
  };
  unused({"--html", folder_.path("x")}, "--html", "--model");
  unused({"--chips", "3"}, "--chips", "--model");
  unused({"--model", "lenet5", "--peak"}, "--peak", "no --model");
  unused({"--model", "lenet5", "--check"}, "--check", "--data, or no --model");
  unused({"--model", "lenet5", "--policy", "fsm"}, "--policy", "--data");
  unused({"--model", "lenet5", "--first", "3"}, "--first", "--data");
  unused({"--model", "lenet5", "--functional"}, "--functional", "--data");
  unused(kTrees + Arguments{"--accuracy", "--html", folder_.path("x")}, "--html", "no --accuracy");
  EXPECT_NE(sheaf({"simulate", "--keys", "--json"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(folder_.path("x")));
}

TEST_F(SimulateVerb, TakesFunctionalForWhatDataDo) {
  const std::string plain = sheaf_output(Arguments{"simulate", "--hw", "isaac"} + kTrees);
  EXPECT_EQ(sheaf_output(Arguments{"simulate", "--hw", "isaac", "--functional"} + kTrees), plain);
}

TEST_F(SimulateVerb, RefusesModelsAndFilesBeforeItPrints) {
  expect_refusal({"simulate", "--hw", "isaac", "--set", "adc.model=isaac-form"}, 2,
                 "NotFoundError: [adc.model] unknown converter model: got 'isaac-form'; did you "
                 "mean 'isaac-forms'?");
  expect_refusal({"simulate", "--hw", "isaac", "--adc-scaling", "12"}, 2,
                 "UsageError: [--adc-scaling] bits: got 12, expected at most the 8 of adc.bits");
  std::filesystem::create_directory(folder_.path("d"));
  const Result page =
      sheaf({"simulate", "--hw", "isaac", "--model", "lenet5", "--html", folder_.path("d")});
  EXPECT_NE(page.exit_code, 0);
  EXPECT_EQ(page.out, "");
}

}  // namespace
}  // namespace sheaf::test
