// SPDX-License-Identifier: Apache-2.0
//
// Measured costs, where they are kept, and the cache of schedules.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/cli/families.h"
#include "tests/cli/synthetic.h"

namespace sheaf::test {
namespace {

// The tool's cache folder is the test's.
class CostCli : public FamilyTest {
 protected:
  void SetUp() override {
    FamilyTest::SetUp();
    setenv("XDG_CACHE_HOME", folder_.path("cache").c_str(), 1);
  }

  [[nodiscard]] std::vector<std::string> cost_files() const {
    std::vector<std::string> files;
    const std::filesystem::path folder = folder_.path("cache/sheaf");
    if (!std::filesystem::exists(folder)) return files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      files.push_back(entry.path().string());
    }
    return files;
  }

  [[nodiscard]] Result run_by_cost(const Arguments& more = {}) const {
    return sheaf(Arguments{"run", "--policy", "cost"} + options_ + more);
  }
};

INSTANTIATE_TEST_SUITE_P(Synthetic, CostCli, testing::ValuesIn(synthetic_families()), family_name);

TEST_P(CostCli, CalibrateKeepsACurveForEveryType) {
  const Result result = sheaf(Arguments{"calibrate"} + options_);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  ASSERT_EQ(cost_files().size(), 1U);
  EXPECT_NE(result.out.find(cost_files()[0] + "\n"), std::string::npos) << result.out;
  const auto networks = json_of(cost_files()[0]).at("networks");
  ASSERT_EQ(networks.size(), 1U);
  EXPECT_GE(networks[0].at("types").size(), 3U);
  for (const auto& type : networks[0].at("types")) {
    EXPECT_EQ(type.at("rows").size(), type.at("ns").size());
    EXPECT_NE(result.out.find(type.at("name").get<std::string>()), std::string::npos);
  }
}

TEST_P(CostCli, PolicyCostMeasuresOnceAndKeepsTheDigest) {
  const Result first = run_by_cost();
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_TRUE(first.err.starts_with("sheaf: measured the costs of ")) << first.err;
  ASSERT_EQ(cost_files().size(), 1U);
  const std::string kept = bytes_of(cost_files()[0]);
  const Result second = run_by_cost();
  EXPECT_EQ(second.err, "");
  EXPECT_EQ(second.out, first.out);
  EXPECT_EQ(bytes_of(cost_files()[0]), kept);
  EXPECT_EQ(first.out, sheaf_output(Arguments{"run"} + options_));
}

TEST_P(CostCli, CostsOfOtherKernelsHaveAFileOfTheirOwn) {
  static_cast<void>(run_by_cost({"--isa", "reference"}));
  static_cast<void>(run_by_cost({"--isa", "scalar"}));
  EXPECT_EQ(cost_files().size(), 2U);
}

TEST_P(CostCli, NamesABrokenFile) {
  static_cast<void>(run_by_cost());
  ASSERT_EQ(cost_files().size(), 1U);
  auto costs = json_of(cost_files()[0]);
  costs["networks"][0]["types"][0]["switch_ns"] = -1;
  std::ofstream(cost_files()[0]) << costs.dump();
  const Result result = run_by_cost();
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "sheaf: ConfigError: [" + cost_files()[0] +
                            ": networks[0].types[0]] switch_ns: got -1, expected a time in ns\n");
}

TEST_P(CostCli, RunsWhereTheCostsCannotBeKept) {
  folder_.write("cache", "a file, not a folder");
  const Result result = run_by_cost();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.err.find("sheaf: the costs are not kept: "), std::string::npos) << result.err;
  EXPECT_EQ(sheaf(Arguments{"calibrate"} + options_).exit_code, 74);
}

TEST_P(CostCli, CacheKeepsTheDigestAndCountsItsHits) {
  for (const char* batch : {"1", "5"}) {
    const Arguments run = Arguments{"run", "--batch", batch} + options_;
    const Result cached = sheaf(run + Arguments{"--cache", "on"});
    EXPECT_EQ(cached.exit_code, 0);
    EXPECT_EQ(cached.out, sheaf_output(run));
    EXPECT_NE(cached.err.find(" schedules came from the cache\n"), std::string::npos) << cached.err;
  }
}

TEST_P(CostCli, BenchReportsHitsOfOnePassOverTheData) {
  const auto off = bench(options_ + Arguments{"--batch", "1"});
  EXPECT_EQ(off.at("cache_lookups"), 0);
  EXPECT_EQ(off.at("cache_hits"), 0);
  const auto on = bench(options_ + Arguments{"--batch", "1", "--cache", "on"});
  EXPECT_EQ(on.at("cache_lookups"), on.at("instances"));
  EXPECT_LT(on.at("cache_hits"), on.at("instances"));
  EXPECT_EQ(on.at("batches"), off.at("batches"));
  const auto whole = bench(options_ + Arguments{"--batch", "100000", "--cache", "on"});
  EXPECT_EQ(whole.at("cache_lookups"), 1);
  EXPECT_EQ(whole.at("cache_hits"), 0);
}

class CostFolder : public Cli {};

TEST_F(CostFolder, NeedsAHome) {
  const Result result = run_program(
      "/usr/bin/env", {"-u", "HOME", "-u", "XDG_CACHE_HOME", SHEAF_TOOL, "run", "--model",
                       "tree_lstm", "--data", folder_.write("t", "(2 a)\n"), "--policy", "cost"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err,
            "sheaf: UsageError: [policy cost] no folder for measured costs: got neither "
            "XDG_CACHE_HOME nor HOME, expected one of them; set XDG_CACHE_HOME\n");
}

TEST_F(CostFolder, IsInTheHomeFolderWithoutXdgCacheHome) {
  const Result result =
      run_program("/usr/bin/env", {"-u", "XDG_CACHE_HOME", "HOME=" + folder_.path("home"),
                                   SHEAF_TOOL, "calibrate", "--model", "tree_lstm", "--data",
                                   folder_.write("t", "(2 a)\n"), "--hidden", "8"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find(folder_.path("home/.cache/sheaf/costs-")), std::string::npos);
}

}  // namespace
}  // namespace sheaf::test
