// SPDX-License-Identifier: Apache-2.0
//
// `sheaf train` on small files.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/cli/tool.h"

namespace sheaf::test {
namespace {

class Train : public Cli {
 protected:
  Train()
      : data_(folder_.write("train", "(1 (0 a) (1 b))\n(0 (0 a) (0 a))\n(1 (1 b) (1 b))\n(1 b)\n")),
        arguments_{
            "train",    "--model", "tree_lstm", "--data",   data_,          "--dev", data_,
            "--hidden", "8",       "--epochs",  "5",        "--batch",      "2",     "--optimiser",
            "adam",     "--lr",    "0.05",      "--metric", "root_accuracy"} {}
  [[nodiscard]] Arguments into(const std::string& out) const {
    return arguments_ + Arguments{"--out", folder_.path(out)};
  }

  const std::string data_;
  const Arguments arguments_;
};

TEST_F(Train, PrintsAnEpochPerLineAndASummary) {
  const Result result = sheaf(into("model"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(result.out.starts_with(folder_.path("model") + ": 5 epochs, 10 updates of "))
      << result.out;
  EXPECT_NE(result.err.find("sheaf: epoch 5: loss "), std::string::npos) << result.err;
  EXPECT_NE(result.err.find(", dev root_accuracy "), std::string::npos) << result.err;
  EXPECT_EQ(result.err.find('\r'), std::string::npos);  // a bar is for terminals
}

TEST_F(Train, JsonHasHistoryBestAndDigests) {
  const auto json = nlohmann::json::parse(sheaf(into("model") + Arguments{"--json"}).out);
  EXPECT_EQ(json.at("model"), "tree_lstm");
  EXPECT_EQ(json.at("instances"), 4);
  EXPECT_EQ(json.at("dev_instances"), 4);
  EXPECT_EQ(json.at("epochs"), 5);
  EXPECT_EQ(json.at("steps"), 10);
  EXPECT_EQ(json.at("stopped_early"), false);
  EXPECT_EQ(json.at("best").at("metric"), "root_accuracy");
  ASSERT_EQ(json.at("history").size(), 5U);
  EXPECT_GT(json.at("history")[0].at("loss"), json.at("history")[4].at("loss"));
  EXPECT_EQ(json.at("history")[json.at("best").at("epoch").get<std::size_t>() - 1].at("dev").at(
                "root_accuracy"),
            json.at("best").at("value"));
  EXPECT_EQ(json.at("digest").get<std::string>().size(), 64U);
  const auto again = nlohmann::json::parse(
      sheaf(into("again") + Arguments{"--json", "--policy", "agenda", "--threads", "2"}).out);
  EXPECT_EQ(again.at("digest"), json.at("digest"));
  EXPECT_EQ(again.at("last_digest"), json.at("last_digest"));
}

TEST_F(Train, LossesGoOnWhereARunIsResumedAndStayWhereOneIsRefused) {
  const std::string log = folder_.path("losses");
  const Arguments half = into("half") + Arguments{"--losses", log};
  const auto lines = [&] {
    std::ifstream file(log);
    std::vector<int> steps;
    for (std::string line; std::getline(file, line);) {
      steps.push_back(nlohmann::json::parse(line).at("step"));
    }
    return steps;
  };
  Arguments two = half;
  *std::find(two.begin(), two.end(), "5") = "2";
  EXPECT_EQ(sheaf(two).exit_code, 0);
  EXPECT_EQ(lines(), (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(sheaf(half).exit_code, 2);
  EXPECT_EQ(lines(), (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(sheaf(half + Arguments{"--resume"}).exit_code, 0);
  EXPECT_EQ(lines(), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST_F(Train, RefusesToWriteWhatItReadsAndToLearnNothing) {
  expect_refusal(into("model") + Arguments{"--losses", data_}, 2,
                 "UsageError: [training] file or folder to write: got 'D/train', which is used for "
                 "something else, expected one of its own");
  Arguments unlabelled = into("model");
  std::replace(unlabelled.begin(), unlabelled.end(), data_,
               folder_.write("none", "(_ (_ a) (_ b))\n"));
  expect_refusal(unlabelled, 2, "DataError: [D/none] gold labels: got none, expected one or more");
}

TEST_F(Train, ResumesToTheBitsOfARunThatNeverStopped) {
  const auto whole = nlohmann::json::parse(sheaf(into("whole") + Arguments{"--json"}).out);
  Arguments half = into("half");
  half[10] = "2";  // epochs
  EXPECT_EQ(sheaf(half).exit_code, 0);
  const Result rest = sheaf(into("half") + Arguments{"--json", "--resume"});
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_NE(rest.err.find("sheaf: going on from " + folder_.path("half") +
                          "/checkpoints/checkpoint-000000000004.safetensors: epoch 3, minibatch 1, "
                          "after step 4"),
            std::string::npos)
      << rest.err;
  const auto json = nlohmann::json::parse(rest.out);
  EXPECT_EQ(json.at("last_digest"), whole.at("last_digest"));
  EXPECT_EQ(json.at("digest"), whole.at("digest"));
  EXPECT_EQ(json.at("history"), whole.at("history"));
}

TEST_F(Train, TableOfAPolicyIsLearnedOrRead) {
  const auto json = nlohmann::json::parse(sheaf(into("a") + Arguments{"--json"}).out);
  const auto learned =
      nlohmann::json::parse(sheaf(into("b") + Arguments{"--json", "--policy", "fsm"}).out);
  const auto read = nlohmann::json::parse(
      sheaf(into("c") +
            Arguments{"--json", "--policy", "fsm", "--policy-file", folder_.path("b/policy.json")})
          .out);
  EXPECT_EQ(learned.at("last_digest"), json.at("last_digest"));
  EXPECT_EQ(read.at("last_digest"), json.at("last_digest"));
  EXPECT_EQ(read.at("policy"), "fsm");
  EXPECT_EQ(read.at("updates").at("count"), 10);
  EXPECT_EQ(read.at("updates").at("batches"), learned.at("updates").at("batches"));
}

TEST_F(Train, WritesEventsForTensorBoard) {
  EXPECT_EQ(sheaf(into("model") + Arguments{"--logdir", folder_.path("logs/a")}).exit_code, 0);
  const std::string events = bytes_of(folder_.path("logs/a/events.out.tfevents.sheaf"));
  EXPECT_NE(events.find("brain.Event:2"), std::string::npos);
  EXPECT_NE(events.find("train/loss"), std::string::npos);
  EXPECT_NE(events.find("dev/root_accuracy"), std::string::npos);
}

TEST_F(Train, StopsWhenLossesAreNotFiniteAndSaysWhere) {
  const Result result = sheaf(into("model") + Arguments{"--weight-decay", "0"} +
                              Arguments{"--checkpoint-every", "1"});
  EXPECT_EQ(result.exit_code, 0);
  Arguments wild = into("wild");
  wild[14] = "sgd";
  wild[16] = "1e38";
  const Result diverged = sheaf(wild);
  EXPECT_EQ(diverged.exit_code, 4);
  EXPECT_NE(diverged.err.find("sheaf: DivergedError: [step "), std::string::npos) << diverged.err;
  EXPECT_NE(diverged.err.find("instance "), std::string::npos) << diverged.err;
}

TEST_F(Train, MessagesOfWhatCannotBe) {
  expect_refusal(arguments_, 2, "UsageError: --out is required; see sheaf train --help");
  ASSERT_EQ(sheaf(into("model")).exit_code, 0);
  expect_refusal(into("model"), 2,
                 "UsageError: [D/model/checkpoints] folder of checkpoints: got those of another "
                 "training, expected none; resume it, or choose another folder");
  Arguments optimiser = into("other");
  optimiser[14] = "adamm";
  expect_refusal(optimiser, 2,
                 "UsageError: [optimiser] unknown name: got 'adamm'; did you mean 'adam'?");
  expect_refusal(into("other") + Arguments{"--policy", "fsmm"}, 2,
                 "UsageError: [--policy] unknown policy: got 'fsmm'; did you mean 'fsm'?");
}

}  // namespace
}  // namespace sheaf::test
