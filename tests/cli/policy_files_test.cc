// SPDX-License-Identifier: Apache-2.0
//
// Policies that `sheaf learn` writes and --policy-file reads.
#include <gtest/gtest.h>

#include "tests/cli/families.h"
#include "tests/cli/synthetic.h"

namespace sheaf::test {
namespace {

class Learn : public FamilyTest {
 protected:
  [[nodiscard]] Arguments learn_options() const {
    return Arguments{"learn", "--out", folder_.path("policy")} + options_;
  }
};

TEST_P(Learn, SaysWhatItLearned) {
  const std::string out = sheaf_output(learn_options());
  EXPECT_TRUE(out.starts_with(folder_.path("policy") + ": ")) << out;
  EXPECT_NE(out.find(" states from "), std::string::npos) << out;
  EXPECT_NE(out.find(" lower bound "), std::string::npos) << out;
}

TEST_P(Learn, SameSeedGivesTheSamePolicy) {
  static_cast<void>(sheaf_output(learn_options()));
  const std::string first = bytes_of(folder_.path("policy"));
  static_cast<void>(sheaf_output(learn_options()));
  EXPECT_EQ(bytes_of(folder_.path("policy")), first);
  EXPECT_NE(first, "");
}

TEST_P(Learn, PolicyFileGivesTheBatchesOfLearningAtOnce) {
  for (const char* encoding : {"base", "max", "sort"}) {
    static_cast<void>(sheaf_output(learn_options() + Arguments{"--encoding", encoding}));
    EXPECT_EQ(json_of(folder_.path("policy")).at("encoding"), encoding);
    const auto learned = bench(options_ + Arguments{"--policy", "fsm", "--encoding", encoding});
    const auto read =
        bench(options_ + Arguments{"--policy", "fsm", "--policy-file", folder_.path("policy")});
    EXPECT_EQ(learned.at("batches"), read.at("batches")) << encoding;
    EXPECT_EQ(learned.at("policy_states"), read.at("policy_states")) << encoding;
    EXPECT_EQ(read.at("policy_states"), json_of(folder_.path("policy")).at("states").size());
    EXPECT_EQ(read.at("learn_ms"), 0);
  }
}

TEST_P(Learn, PolicyWithoutStatesFallsBackInEveryStepAndKeepsTheDigest) {
  static_cast<void>(sheaf_output(learn_options()));
  auto policy = json_of(folder_.path("policy"));
  policy["states"] = nlohmann::json::array();
  const Arguments empty = {"--policy", "fsm", "--policy-file",
                           folder_.write("empty", policy.dump())};
  const auto figures = bench(options_ + empty);
  EXPECT_EQ(figures.at("fallback_steps"), figures.at("batches"));
  EXPECT_EQ(figures.at("batches"), bench(options_).at("batches"));
  EXPECT_EQ(digest_of_run(options_ + empty), digest_of_run(options_));
}

INSTANTIATE_TEST_SUITE_P(Synthetic, Learn, testing::ValuesIn(synthetic_families()), family_name);

TEST_F(Cli, LearningGoesOnFromAPolicyAndKeepsItsHistory) {
  const Arguments options = {"learn",
                             "--model",
                             "lattice_lstm",
                             "--hidden",
                             "16",
                             "--data",
                             folder_.write("l", random_lattices(40, 1))};
  const Arguments first = {"--teachers", "none", "--out", folder_.path("first")};
  static_cast<void>(sheaf_output(options + first));
  static_cast<void>(sheaf_output(options + Arguments{"--continue", folder_.path("first"), "--batch",
                                                     "8", "--out", folder_.path("second")}));
  const auto table = nlohmann::json::parse(bytes_of(folder_.path("second")));
  ASSERT_EQ(table["history"].size(), 2U);
  EXPECT_EQ(table["history"][0]["instances"], 32);
  EXPECT_EQ(table["history"][1]["instances"], 8);
  EXPECT_EQ(table["history"][0]["data"], folder_.path("l"));
  expect_refusal(options + Arguments{"--continue", folder_.path("first"), "--encoding", "max",
                                     "--out", folder_.path("third")},
                 2, "UsageError: [--continue] encoding of D/first: got 'sort', expected 'max'");
}

class PolicyFile : public Cli {
 protected:
  // Of a run that reads `policy`.
  [[nodiscard]] Arguments run_with(const std::string& policy) const {
    return {"run",
            "--model",
            "tree_lstm",
            "--hidden",
            "16",
            "--data",
            folder_.write("t", "(2 (1 a) (1 b))\n"),
            "--policy",
            "fsm",
            "--policy-file",
            folder_.write("policy", policy)};
  }
  // A policy for trees with this member in place of its own.
  [[nodiscard]] static std::string policy(const std::string& name, const nlohmann::json& value) {
    nlohmann::json json = {{"format", "sheaf-fsm-2"},
                           {"model", "tree_lstm"},
                           {"history", nlohmann::json::array()},
                           {"encoding", "sort"},
                           {"types", {"leaf", "node", "head"}},
                           {"states", nlohmann::json::array()}};
    json[name] = value;
    return json.dump();
  }
  [[nodiscard]] static std::string policy_of_state(const nlohmann::json& state) {
    return policy("states", nlohmann::json::array({state}));
  }
};

TEST_F(PolicyFile, OfAnotherModelIsRefused) {
  const std::string out = folder_.path("lattice_policy");
  static_cast<void>(sheaf_output({"learn", "--model", "lattice_lstm", "--hidden", "16", "--data",
                                  folder_.write("l", random_lattices(5, 1)), "--out", out}));
  expect_refusal(run_with(bytes_of(out)), 2,
                 "ConfigError: [D/policy] a policy of model: got 'lattice_lstm', expected "
                 "'tree_lstm'; learn one for this model");
}

TEST_F(PolicyFile, ThatIsMissing) {
  Arguments arguments = run_with("");
  arguments.back() = folder_.path("none");
  expect_refusal(arguments, 2, "NotFoundError: [D/none] no such file");
}

TEST_F(PolicyFile, ThatIsNotJson) {
  const Result result = sheaf(run_with("(2 a)"));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.err.starts_with("sheaf: ConfigError: [" + folder_.path("policy") +
                                     "] not a policy file: got "))
      << result.err;
  EXPECT_TRUE(result.err.ends_with(", expected JSON written by sheaf learn\n")) << result.err;
}

TEST_F(PolicyFile, OfAnotherFormat) {
  expect_refusal(run_with(policy("format", "sheaf-fsm-1")), 2,
                 R"(ConfigError: [D/policy] format: got "sheaf-fsm-1", expected sheaf-fsm-2; )"
                 "learn the policy again");
}

TEST_F(PolicyFile, WithAnUnknownEncodingIsNamed) {
  const Result result = sheaf(run_with(policy("encoding", "srot")));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.err.starts_with("sheaf: ConfigError: [" + folder_.path("policy") + "]"))
      << result.err;
  EXPECT_NE(result.err.find("did you mean 'sort'?"), std::string::npos) << result.err;
}

TEST_F(PolicyFile, WithAnUnknownKeySuggestsTheNearest) {
  expect_refusal(run_with(policy("state", 1)), 2,
                 "ConfigError: [D/policy] unknown key: got 'state'; did you mean 'states'?");
}

TEST_F(PolicyFile, WithoutOneOfItsKeys) {
  expect_refusal(run_with("{}"), 2,
                 "ConfigError: [D/policy] missing key: got none, expected 'format'");
}

TEST_F(PolicyFile, WithAStateOfAnUnknownType) {
  expect_refusal(
      run_with(policy_of_state(
          {{"ready", {"laef"}}, {"run", "leaf"}, {"value", 0}, {"q", nlohmann::json::object()}})),
      2, "ConfigError: [D/policy: states[0]] unknown batch type: got 'laef'; did you mean 'leaf'?");
}

TEST_F(PolicyFile, WithAStateThatRunsWhatIsNotReady) {
  expect_refusal(
      run_with(policy_of_state(
          {{"ready", {"leaf"}}, {"run", "head"}, {"value", 0}, {"q", nlohmann::json::object()}})),
      2,
      "ConfigError: [D/policy: states[0]] type to run: got 'head', expected one of the ready "
      "types");
}

TEST_F(PolicyFile, ThatIsNestedAHundredThousandDeepIsRefused) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const Result result =
      sheaf(run_with(R"({"encoding":"sort","types":[],"states":[],"format":)" + deep + "}"));
  EXPECT_EQ(result.exit_code, 2) << result.err.substr(0, 200);
}

}  // namespace
}  // namespace sheaf::test
