// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/cli/families.h"
#include "tests/cli/synthetic.h"

namespace sheaf::test {
namespace {

class Bench : public FamilyTest {};

TEST_P(Bench, JsonHasEveryFigureAsANumber) {
  const auto figures = bench(options_ + Arguments{"--policy", "fsm"});
  for (const char* name :
       {"instances_per_s", "nodes", "batches", "lower_bound", "construct_ns_per_node",
        "schedule_ns_per_node", "plan_ns_per_node", "execute_ms", "flops", "fma_peak_gflops",
        "percent_of_fma_peak", "copied_bytes", "arena_bytes", "live_bytes", "policy_states",
        "fallback_steps", "learn_ms"}) {
    ASSERT_TRUE(figures.contains(name)) << name;
    ASSERT_TRUE(figures[name].is_number()) << name;
    EXPECT_GE(figures[name].get<double>(), 0) << name;
  }
  for (const char* name :
       {"instances_per_s", "nodes", "batches", "lower_bound", "execute_ms", "flops",
        "fma_peak_gflops", "fma_peak_at_rest_gflops", "percent_of_fma_peak", "arena_bytes",
        "live_bytes", "policy_states", "learn_ms"}) {
    EXPECT_GT(figures[name].get<double>(), 0) << name;
  }
}

TEST_P(Bench, PercentOfPeakIsFlopsTimesRateByPeak) {
  const auto figures = bench(options_);
  const double rate =
      figures.at("instances_per_s").get<double>() * figures.at("flops").get<double>();
  EXPECT_NEAR(figures.at("percent_of_fma_peak").get<double>(),
              rate / figures.at("fma_peak_gflops").get<double>() / 1e7,
              1e-6 * figures.at("percent_of_fma_peak").get<double>());
}

TEST_P(Bench, OnlyTheFsmHasStatesAndLearns) {
  const auto figures = bench(options_ + Arguments{"--policy", "sufficient"});
  EXPECT_EQ(figures.at("policy_states"), 0);
  EXPECT_EQ(figures.at("fallback_steps"), 0);
  EXPECT_EQ(figures.at("learn_ms"), 0);
}

TEST_P(Bench, TheArenaIsLessThanTwiceTheLargestLiveSet) {
  for (const char* batch : {"1", "8", "64"}) {
    const auto figures = bench(options_ + Arguments{"--batch", batch});
    EXPECT_GE(figures.at("arena_bytes"), figures.at("live_bytes"));
    EXPECT_LT(figures.at("arena_bytes").get<double>(), 2 * figures.at("live_bytes").get<double>());
  }
}

TEST_P(Bench, UnplannedLayoutCopiesMore) {
  const auto planned = bench(options_);
  const auto unplanned = bench(options_ + Arguments{"--layout", "unplanned"});
  EXPECT_LT(planned.at("copied_bytes"), unplanned.at("copied_bytes"));
  EXPECT_EQ(planned.at("batches"), unplanned.at("batches"));
}

INSTANTIATE_TEST_SUITE_P(Synthetic, Bench, testing::ValuesIn(synthetic_families()), family_name);

class BenchOutput : public Cli {
 protected:
  [[nodiscard]] Arguments options() const {
    return {"--model",  "tree_lstm", "--data",   folder_.write("t", "(0 (0 a) (0 b))\n(0 c)\n"),
            "--hidden", "10",        "--repeat", "2"};
  }
};

// docs/models.md: a leaf 6 H^2, a node 16 H^2, a head 10 H.
TEST_F(BenchOutput, FlopsOfTreesAreThoseOfTheModel) {
  const auto figures =
      nlohmann::json::parse(sheaf_output(Arguments{"bench", "--json"} + options()));
  EXPECT_EQ(figures.at("flops"), (3 * 600 + 1600 + 4 * 100) / 2.0);
  EXPECT_EQ(figures.at("instances"), 2);
  EXPECT_EQ(figures.at("nodes"), 8);
}

// An arc 16 H^2; heads 2 H T for 18 tags.
TEST_F(BenchOutput, FlopsOfLatticesAreThoseOfTheModel) {
  const auto figures = bench({"--model", "lattice_lstm", "--hidden", "10", "--data",
                              folder_.write("l", "1\n3\n0 0 0\n0\n1 0 4\n2 1 4 0 7\n")});
  EXPECT_EQ(figures.at("flops"), 3 * 1600 + 3 * 360);
}

TEST_F(BenchOutput, IsOneLineOfJson) {
  const std::string out = sheaf_output(Arguments{"bench", "--json"} + options());
  EXPECT_EQ(out.find('\n'), out.size() - 1);
  EXPECT_TRUE(nlohmann::json::parse(out).is_object());
}

TEST_F(BenchOutput, WithoutJsonIsALinePerFigure) {
  const std::string out = sheaf_output(Arguments{"bench"} + options());
  for (const char* line : {"\nbatches ", "\nlower_bound ", "\ninstances_per_s ", "\nlearn_ms "}) {
    EXPECT_NE(out.find(line), std::string::npos) << line << out;
  }
}

TEST_F(BenchOutput, IsWrittenToAFileAsWell) {
  const std::string path = folder_.path("out.json");
  const std::string out = sheaf_output(Arguments{"bench", "--json", "--out", path} + options());
  EXPECT_EQ(nlohmann::json::parse(out), json_of(path));
}

TEST_F(BenchOutput, SaysWhatItRan) {
  const auto figures = nlohmann::json::parse(
      sheaf_output(Arguments{"bench", "--json", "--policy", "depth", "--batch", "3"} + options()));
  EXPECT_EQ(figures.at("model"), "tree_lstm");
  EXPECT_EQ(figures.at("policy"), "depth");
  EXPECT_EQ(figures.at("batch"), 3);
  EXPECT_EQ(figures.at("threads"), 1);
  EXPECT_EQ(figures.at("rounds"), 2);
}

TEST_F(BenchOutput, IsaThatItNamesCanBeAskedFor) {
  const auto isa_of = [&](const std::string& isa) -> std::string {
    const std::string out = sheaf_output(Arguments{"bench", "--json", "--isa", isa} + options());
    return nlohmann::json::parse(out).at("isa");
  };
  for (const std::string isa : {"auto", "scalar", "reference"}) {
    const std::string named = isa_of(isa);
    EXPECT_EQ(sheaf(Arguments{"bench", "--json", "--isa", named} + options()).err, "") << isa;
  }
}

TEST_F(BenchOutput, OfNoInstancesIsRefused) {
  expect_refusal({"bench", "--model", "tree_lstm", "--data", folder_.write("t", "")}, 2,
                 "DataError: [--data] no instances: got an empty file");
}

}  // namespace
}  // namespace sheaf::test
