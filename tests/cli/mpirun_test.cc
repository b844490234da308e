// SPDX-License-Identifier: Apache-2.0
//
// `mpirun -n N sheaf train`: several processes that share every minibatch.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/cli/tool.h"

namespace sheaf::test {
namespace {

constexpr const char* kMpirun = "/usr/bin/mpirun";

class Mpirun : public Cli {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kMpirun)) GTEST_SKIP() << "openmpi-bin is not installed";
  }

  [[nodiscard]] Arguments training(const std::string& out, const std::string& epochs) {
    const std::string data =
        folder_.write("train", "(1 (0 a) (1 b))\n(0 (0 a) (0 a))\n(1 (1 b) (1 b))\n(1 b)\n(0 a)\n");
    return {"train",    "--model", "tree_lstm",       "--data", data,   "--hidden", "8",
            "--epochs", epochs,    "--batch",         "3",      "--lr", "0.05",     "--dropout",
            "0.2",      "--out",   folder_.path(out), "--json"};
  }
  [[nodiscard]] static Arguments ranks(const std::string& number) {
    return {"--allow-run-as-root", "--oversubscribe", "-n", number, SHEAF_TOOL};
  }
  [[nodiscard]] static std::string digest(const Result& result) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out).at("last_digest");
  }
};

TEST_F(Mpirun, RanksComeToTheBitsOfOneProcess) {
  const std::string alone = digest(sheaf(training("alone", "4")));
  for (const char* number : {"1", "2", "4"}) {
    EXPECT_EQ(digest(run_program(kMpirun, ranks(number) + training(number, "4"))), alone) << number;
  }
}

TEST_F(Mpirun, OtherNumbersOfRanksAreRefused) {
  const Result result = run_program(kMpirun, ranks("3") + training("three", "4"));
  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(result.err.find("number of ranks: got 3, expected a power of two up to 4"),
            std::string::npos)
      << result.err;
}

TEST_F(Mpirun, WhatIsWrongIsSaidOnce) {
  const auto times = [](const std::string& text, const std::string& part) {
    int count = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
    return count;
  };
  Arguments misspelt = training("misspelt", "4");
  misspelt[2] = "tree_lstmm";
  const Result model = run_program(kMpirun, ranks("2") + misspelt);
  EXPECT_NE(model.exit_code, 0);
  EXPECT_EQ(times(model.err, "did you mean 'tree_lstm'?"), 1) << model.err;
  const Result option = run_program(kMpirun, ranks("2") + Arguments{"train", "--modle", "x"});
  EXPECT_EQ(times(option.err, "unknown option"), 1) << option.err;
}

TEST_F(Mpirun, OtherVerbsAreRefusedOnce) {
  ASSERT_EQ(sheaf(training("model", "1")).exit_code, 0);
  const Arguments eval = {"eval", "--model-dir", folder_.path("model"), "--data",
                          folder_.path("train")};
  const Result two = run_program(kMpirun, ranks("2") + eval);
  EXPECT_NE(two.exit_code, 0);
  EXPECT_EQ(two.out, "");
  const std::string refusal =
      "sheaf: UsageError: [mpirun] processes of sheaf eval: got 2, expected one; only sheaf train "
      "shares its work; start the others without mpirun\n";
  const auto at = two.err.find(refusal);
  EXPECT_NE(at, std::string::npos) << two.err;
  EXPECT_EQ(two.err.find("UsageError", at + refusal.size()), std::string::npos) << two.err;
  const Result one = run_program(kMpirun, ranks("1") + eval);
  EXPECT_EQ(one.exit_code, 0) << one.err;
}

TEST_F(Mpirun, ARankThatIsKilledEndsTheJobAndItsCheckpointsAreGood) {
  const std::string alone = digest(sheaf(training("alone", "400")));
  std::string command = kMpirun;
  for (const std::string& argument : ranks("2") + training("killed", "400")) {
    command += " '" + argument + "'";
  }
  const std::string out = folder_.path("killed");
  const Result result =
      run_program("/bin/sh", {"-c", command +
                                        " & job=$!\n"
                                        "while ! ls " +
                                        out +
                                        "/checkpoints/*.safetensors; do sleep 0.02; done\n"
                                        "kill -9 $(pgrep -n -f -- '--out " +
                                        out +
                                        "')\n"
                                        "wait $job"});
  EXPECT_NE(result.exit_code, 0) << "it ended before it was killed";
  EXPECT_NE(result.err.find("exited on signal 9"), std::string::npos) << result.err;
  EXPECT_EQ(digest(sheaf(training("killed", "400") + Arguments{"--resume"})), alone);
}

}  // namespace
}  // namespace sheaf::test
