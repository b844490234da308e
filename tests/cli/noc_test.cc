// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/cli/tool.h"

namespace sheaf::test {
namespace {

using Noc = Cli;

nlohmann::json noc(const Arguments& more) {
  return nlohmann::json::parse(sheaf_output(
      Arguments{"noc", "--mesh", "4x4", "--warmup", "100", "--cycles", "300", "--json"} + more));
}

TEST_F(Noc, ASimulationSaysLatencyThroughputAndEnergy) {
  const nlohmann::json json = noc({"--rate", "0.2", "--packet", "2"});
  EXPECT_GT(json["mean_latency_cycles"], json["zero_load_latency_cycles"].get<double>() - 1);
  EXPECT_NEAR(json["accepted_flits_per_node_cycle"].get<double>(), 0.2, 0.03);
  EXPECT_EQ(json["saturated"], false);
  EXPECT_GT(json["energy"]["total_pj"], 0);
  EXPECT_EQ(json, noc({"--rate", "0.2", "--packet", "2"}));
}

TEST_F(Noc, ASweepIsAListOfPoints) {
  const nlohmann::json json = noc({"--rate", "0.1:0.3:0.1", "--analytical"});
  ASSERT_EQ(json["points"].size(), 3U);
  EXPECT_EQ(json["points"][0]["rate"], 0.1);
}

TEST_F(Noc, AMatrixAndATableComeFromFiles) {
  const std::string matrix = folder_.write("m", "0 5 1\n3 0 1\n");
  const std::string table = folder_.write("r", "0 5 north\n4 5 east\n");
  const nlohmann::json json =
      noc({"--pattern", "matrix:" + matrix, "--routing", table, "--rate", "0.01"});
  EXPECT_GT(json["packets"], 0);
}

TEST_F(Noc, NamesOfFilesNeedNotBeUtf8) {
  const std::string matrix = folder_.write("m\xff", "0 5 1\n3 0 1\n");
  EXPECT_GT(noc({"--pattern", "matrix:" + matrix, "--rate", "0.01"})["packets"], 0);
}

TEST_F(Noc, PeopleGetATable) {
  const std::string text = sheaf_output({"noc", "--rate", "0.1", "--analytical"});
  EXPECT_NE(text.find("\nrate  accepted  latency  hops  pJ/flit"), std::string::npos) << text;
}

TEST_F(Noc, TheSearchForSaturationStaysBelowTheIdeal) {
  const nlohmann::json json = noc({"--saturation", "--analytical"});
  EXPECT_LT(json["saturation_flits_per_node_cycle"],
            json["ideal_saturation_flits_per_node_cycle"].get<double>());
}

TEST_F(Noc, TheTrafficOfAMappingGoesThroughTheMesh) {
  const Arguments vgg8 = {"--hw", "cannon",   "--model", "vgg8",         "--warmup",
                          "100",  "--cycles", "300",     "--most-flits", "2000"};
  const nlohmann::json json = nlohmann::json::parse(
      sheaf_output(Arguments{"noc", "--json", "--delivery", "multicast"} + vgg8));
  EXPECT_EQ(json["chip"], "cannon");
  EXPECT_EQ(json["delivery"], "multicast");
  EXPECT_GE(json["layers"][0]["cycles"], json["layers"][0]["least_cycles"]);
  const std::string text = sheaf_output(Arguments{"noc", "--placement", "annealed"} + vgg8);
  EXPECT_NE(text.find("vgg8 on cannon: 8 x "), std::string::npos) << text;
  EXPECT_NE(text.find("\nsteady, an input every "), std::string::npos) << text;
  EXPECT_NE(sheaf({"noc", "--hw", "cannon"}).exit_code, 0);
  EXPECT_NE(sheaf(Arguments{"noc", "--rate", "0.1"} + vgg8).exit_code, 0);
}

TEST_F(Noc, SparseNetworksAreTraffic) {
  const nlohmann::json json =
      noc({"--pattern", "masks:units=32/32,tiles=8/8,density=0.5", "--rate", "0.05"});
  EXPECT_NEAR(json["rate"], 0.05, 1e-12);
  expect_refusal({"noc", "--pattern", "masks:units=32/32"}, 2,
                 "UsageError: [masks] layers: got 2 numbers of units and 0 of tiles, expected as "
                 "many of both, 2 at least");
}

TEST_F(Noc, RefusesBadFilesWithTheirLine) {
  const std::string matrix = folder_.write("m", "0 5 1\n3 16 1\n");
  expect_refusal({"noc", "--mesh", "4x4", "--pattern", "matrix:" + matrix}, 2,
                 "DataError: [D/m:2] not a node: got '16', expected 0 to 15");
  expect_refusal({"noc", "--pattern", "unifrom"}, 2,
                 "UsageError: [--pattern] unknown pattern: got 'unifrom'; did you mean "
                 "'uniform'?");
}

}  // namespace
}  // namespace sheaf::test
