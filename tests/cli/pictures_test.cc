// SPDX-License-Identifier: Apache-2.0
//
// Pictures in `sheaf train`, `eval`, `predict` and `run`.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/cli/tool.h"
#include "tests/io/idx_bytes.h"

namespace sheaf::test {
namespace {

constexpr const char* kMpirun = "/usr/bin/mpirun";

class PicturesCli : public Cli {
 protected:
  PicturesCli()
      : data_(write_stripes(folder_, "train", stripes(18, 12))),
        dev_(write_stripes(folder_, "t10k", stripes(7, 12, 40))) {}

  [[nodiscard]] Arguments training(const std::string& out, const std::string& model = "lenet5",
                                   const std::string& epochs = "12") const {
    return {"train", "--model",         model,   "--data",  data_,      "--dev",
            dev_,    "--epochs",        epochs,  "--batch", "6",        "--momentum",
            "0.9",   "--nesterov",      "--lr",  "0.02",    "--metric", "accuracy",
            "--out", folder_.path(out), "--json"};
  }
  [[nodiscard]] Arguments trained(const std::string& verb, const std::string& data) const {
    return {verb, "--model-dir", folder_.path("model"), "--data", data};
  }

  const std::string data_;
  const std::string dev_;
};

TEST_F(PicturesCli, AreTrainedEvaluatedAndPredicted) {
  const auto json = nlohmann::json::parse(sheaf(training("model")).out);
  EXPECT_EQ(json.at("instances"), 18);
  EXPECT_EQ(json.at("dev_instances"), 7);
  EXPECT_EQ(json.at("best").at("metric"), "accuracy");
  const auto eval =
      nlohmann::json::parse(sheaf_output(trained("eval", dev_) + Arguments{"--json"}));
  EXPECT_EQ(eval.at("accuracy"), json.at("best").at("value"));
  EXPECT_EQ(eval.at("labels"), 7);
  EXPECT_TRUE(eval.contains("loss"));

  // Without labels beside them, and whatever they are called.
  const std::string unlabelled = folder_.write("some", stripes(7, 12, 40).pictures);
  const std::string predicted = sheaf_output(trained("predict", unlabelled));
  int right = 0;
  ASSERT_EQ(predicted.size(), 14U) << predicted;
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(predicted[2 * i + 1], '\n');
    right += predicted[2 * i] == static_cast<char>('0' + (i + 40) % 3) ? 1 : 0;
  }
  EXPECT_DOUBLE_EQ(right / 7.0, eval.at("accuracy").get<double>());
  EXPECT_TRUE(sheaf_output(trained("predict", unlabelled) + Arguments{"--json"})
                  .starts_with(R"({"index":0,"labels":[")"));
}

TEST_F(PicturesCli, RunGivesADigestOfRandomOrTrainedWeights) {
  const Arguments run = {"--model", "lenet5", "--data", dev_};
  const std::string digest = digest_of_run(run);
  EXPECT_EQ(digest_of_run(run + Arguments{"--batch", "2", "--policy", "single"}), digest);
  const std::string weights = folder_.path("weights");
  EXPECT_EQ(digest_of_run(run + Arguments{"--save-weights", weights}), digest);
  EXPECT_EQ(digest_of_run(run + Arguments{"--weights", weights, "--seed", "5"}), digest);
  EXPECT_NE(digest_of_run(run + Arguments{"--seed", "5"}), digest);
}

TEST_F(PicturesCli, RunInIntegersAndComeBackFromWeights) {
  // Weights that are for training only are never met, which stderr says.
  const auto digest_of_run = [&](const Arguments& arguments) {
    const Result result = sheaf(Arguments{"run"} + arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out.substr(0, result.out.find(' '));
  };
  for (const char* model : {"lenet5", "vgg8"}) {
    const Arguments run = {"--model", model, "--data", dev_};
    const Arguments quantised = {"--quantise", "8x8"};
    const std::string weights = folder_.path("integers");
    const std::string digest = digest_of_run(run + quantised);
    EXPECT_NE(digest, digest_of_run(run));
    EXPECT_EQ(digest_of_run(run + quantised + Arguments{"--batch", "2", "--policy", "single"}),
              digest);
    EXPECT_EQ(digest_of_run(run + quantised + Arguments{"--save-weights", weights}), digest);
    EXPECT_EQ(digest_of_run(run + Arguments{"--weights", weights}), digest) << model;
  }
  const Result refused = sheaf(
      {"run", "--model", "lenet5", "--data", dev_, "--quantise", "8x8", "--calibration", data_});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("[--calibration] model lenet5: got '" + data_ +
                             "', expected none: pictures lie in the network that runs on them; the "
                             "first of --data are taken"),
            std::string::npos)
      << refused.err;
}

TEST_F(PicturesCli, ResumesToTheBitsOfARunThatNeverStopped) {
  const auto digest = [&](const Arguments& arguments) {
    const Result result = sheaf(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out).at("last_digest").get<std::string>();
  };
  const std::string whole = digest(training("whole", "vgg8", "2"));
  const std::string half = digest(training("half", "vgg8", "1"));
  EXPECT_NE(half, whole);
  EXPECT_EQ(digest(training("half", "vgg8", "2") + Arguments{"--resume"}), whole);
}

TEST_F(PicturesCli, RanksOfMpirunHaveTheBitsOfOneProcessUnlessAMinibatchIsNormalised) {
  if (!std::filesystem::exists(kMpirun)) GTEST_SKIP() << "openmpi-bin is not installed";
  const auto ranks = [](const char* number) {
    return Arguments{"--allow-run-as-root", "--oversubscribe", "-n", number, SHEAF_TOOL};
  };
  const auto digest = [](const Result& result) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out).at("last_digest").get<std::string>();
  };
  const std::string alone = digest(sheaf(training("alone", "lenet5", "2")));
  for (const char* number : {"1", "2", "4"}) {
    EXPECT_EQ(digest(run_program(kMpirun, ranks(number) + training(number, "lenet5", "2"))), alone)
        << number;
  }
  const Result refused = run_program(kMpirun, ranks("2") + training("vgg8", "vgg8", "1"));
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_NE(refused.err.find("got batch normalisation, which needs all instances of a minibatch"),
            std::string::npos)
      << refused.err;
}

TEST_F(PicturesCli, MessagesOfWhatCannotBe) {
  Arguments arguments = training("model");
  arguments[4] = folder_.write("trees", "(1 (0 a) (1 b))\n");
  expect_refusal(arguments + Arguments{"--labels", folder_.path("t10k-labels-idx1-ubyte")}, 2,
                 "DataError: [D/trees] IDX file: got '(1 (', expected two bytes of 0, a type and a "
                 "number of dimensions");
  arguments[4] = data_;
  expect_refusal(arguments + Arguments{"--labels", folder_.path("t10k-labels-idx1-ubyte")}, 2,
                 "DataError: [D/t10k-labels-idx1-ubyte] labels: got 7, expected 18, as many as "
                 "there are pictures");
  expect_refusal(arguments + Arguments{"--hidden", "5"}, 2,
                 "UsageError: [--hidden] model lenet5: got 5, expected no hidden size: its layers "
                 "have their own");
  arguments[4] = write_stripes(folder_, "tiny", stripes(3, 6));
  expect_refusal(arguments, 2,
                 "UsageError: [model lenet5] pixels that convolution 2 reads: got 3 x 3, expected "
                 "6 or more each way; use larger pictures");
}

}  // namespace
}  // namespace sheaf::test
