// SPDX-License-Identifier: Apache-2.0
//
// `sheaf explore` and the page of `sheaf simulate` from outside.
#include <filesystem>

#include "sheaf/io/file.h"
#include "tests/cli/tool.h"
#include "tests/report/xml.h"

namespace sheaf::test {
namespace {

using ExploreVerb = Cli;

constexpr const char* kSpace =
    "hw: isaac\nmodel: lenet5\nset:\n  adc.bits: [7, 8]\n  crossbar.rows: [64, 128]\n"
    "objectives: [energy, latency]\n";

TEST_F(ExploreVerb, PrintsFrontsAndWritesResultsCsvAndPicture) {
  const std::string space = folder_.write("s.yaml", kSpace);
  const std::string text =
      sheaf_output({"explore", space, "--out", folder_.path("r.jsonl"), "--pareto",
                    folder_.path("f.csv"), "--plot", folder_.path("f.svg"), "--threads", "2"});
  EXPECT_NE(text.find("4 of 4 designs, 4 of them possible"), std::string::npos) << text;
  EXPECT_TRUE(
      io::read_file(folder_.path("f.csv")).starts_with("design,hw,adc.bits,crossbar.rows,model,"));
  EXPECT_GT(elements_of(io::read_file(folder_.path("f.svg"))).size(), 10U);
  const auto json = nlohmann::json::parse(
      sheaf_output({"explore", space, "--json", "--objectives", "area,missing_bits"}));
  EXPECT_EQ(json["done"], 4);
  EXPECT_EQ(json["objectives"][1], "missing_bits");
}

TEST_F(ExploreVerb, MergedShardsAreTheWhole) {
  const std::string space = folder_.write("s.yaml", kSpace);
  static_cast<void>(sheaf_output({"explore", space, "--out", folder_.path("all")}));
  static_cast<void>(sheaf_output({"explore", space, "--out", folder_.path("1"), "--shard", "1/2"}));
  static_cast<void>(sheaf_output({"explore", space, "--out", folder_.path("2"), "--shard", "2/2"}));
  static_cast<void>(sheaf_output({"explore", "--merge", folder_.path("2"), folder_.path("1"),
                                  "--out", folder_.path("merged")}));
  EXPECT_EQ(io::read_file(folder_.path("merged")), io::read_file(folder_.path("all")));
}

TEST_F(ExploreVerb, RefusesWhatItCannotExplore) {
  const std::string space = folder_.write("s.yaml", kSpace);
  expect_refusal({"explore"}, 2,
                 "UsageError: [explore] no space: expected a file, or --merge FILES");
  expect_refusal({"explore", space, "--limit", "3"}, 2,
                 "ConfigError: [D/s.yaml:1] designs: got 1 x 2 x 2 x 1 = 4, expected at most 3; "
                 "fewer values, or a higher --limit");
  expect_refusal({"explore", space, "--shard", "3/2"}, 2,
                 "UsageError: [--shard] part: got '3/2', expected I/N, I from 1 to N, N up to "
                 "100000; such as 2/8");
  expect_refusal({"explore", space, "--merge", space}, 2,
                 "UsageError: [--merge] a space and files to merge: expected one of them");
  expect_refusal({"explore", space, "--objectives", "energy", "--plot", folder_.path("p")}, 2,
                 "UsageError: [--plot] objectives: got one, expected two or more; name them in the "
                 "space's file or with --objectives");
}

TEST_F(ExploreVerb, EveryExampleSpaceIsOneThatItReads) {
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(SHEAF_SOURCE_DIR) + "/configs/spaces")) {
    const std::string text = sheaf_output({"explore", entry.path().string(), "--shard", "1/1000"});
    EXPECT_NE(text.find("of them possible"), std::string::npos) << entry.path();
  }
}

TEST_F(ExploreVerb, SimulateWritesAPage) {
  static_cast<void>(
      sheaf_output({"simulate", "--hw", "isaac", "--model", "lenet5", "--compare-with", "tinyadc",
                    "--html", folder_.path("page.html")}));
  const std::string page = io::read_file(folder_.path("page.html"));
  EXPECT_GT(elements_of(page.substr(page.find('\n') + 1)).size(), 100U);
  EXPECT_NE(page.find("lenet5 on isaac"), std::string::npos);
  EXPECT_NE(page.find("isaac beside tinyadc"), std::string::npos);
}

}  // namespace
}  // namespace sheaf::test
