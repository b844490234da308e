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
