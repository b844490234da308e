// SPDX-License-Identifier: Apache-2.0
//
// Verbs and options: what help says, and what is refused before anything runs.
#include <gtest/gtest.h>

#include "tests/cli/tool.h"

namespace sheaf::test {
namespace {

class CommandLine : public Cli {
 protected:
  // `sheaf run` over a tree, with these options after the others.
  [[nodiscard]] Arguments run(const Arguments& more) const {
    return Arguments{"run", "--model", "tree_lstm", "--data", folder_.write("t", "(2 a)\n")} + more;
  }
};

TEST_F(CommandLine, HelpNamesEveryVerb) {
  const std::string help = sheaf_output({"--help"});
  for (const char* verb :
       {"tag", "run", "learn", "calibrate", "bench", "inspect", "explain", "demo", "study"}) {
    EXPECT_NE(help.find("\n  " + std::string(verb) + " "), std::string::npos) << verb << help;
  }
}

TEST_F(CommandLine, HelpOfRunNamesEveryOption) {
  const std::string help = sheaf_output({"run", "--help"});
  for (const char* option :
       {"--model",       "--data",    "--format",      "--lexicon", "--target",
        "--target-rows", "--counts",  "--hidden",      "--weights", "--save-weights",
        "--seed",        "--policy",  "--policy-file", "--batch",   "--layout",
        "--isa",         "--shuffle", "--threads",     "--cache",   "--dump-after",
        "--encoding",    "--out",     "--trace"}) {
    EXPECT_NE(help.find("\n  " + std::string(option) + " "), std::string::npos) << option;
  }
}

TEST_F(CommandLine, HelpOfEveryVerbIsThere) {
  for (const char* verb :
       {"tag", "run", "learn", "calibrate", "bench", "inspect", "explain", "demo", "study"}) {
    const std::string help = sheaf_output({verb, "--help"});
    EXPECT_NE(help.find("\nUsage: sheaf " + std::string(verb) + " "), std::string::npos) << help;
  }
}

TEST_F(CommandLine, VersionIsPrinted) { EXPECT_EQ(sheaf_output({"--version"}), "0.1.0\n"); }

TEST_F(CommandLine, OptionsMayHaveAnEqualsSign) {
  const std::string data = folder_.write("t", "(2 a)\n");
  EXPECT_EQ(sheaf_output({"run", "--model=tree_lstm", "--data=" + data, "--hidden=8"}),
            sheaf_output({"run", "--model", "tree_lstm", "--data", data, "--hidden", "8"}));
}

TEST_F(CommandLine, NoVerb) {
  expect_refusal({}, 2, "UsageError: A subcommand is required; see sheaf --help");
}

TEST_F(CommandLine, UnknownVerbSuggestsTheNearest) {
  expect_refusal({"runn", "--model", "tree_lstm"}, 2,
                 "UsageError: [sheaf] unknown verb: got 'runn'; did you mean 'run'?");
}

TEST_F(CommandLine, UnknownVerbFarFromAllListsThem) {
  expect_refusal(
      {"xyzxyz"}, 2,
      "UsageError: [sheaf] unknown verb: got 'xyzxyz'; known are 'tag' 'run' 'train' "
      "'eval' 'predict' 'learn' 'calibrate' 'bench' 'inspect' 'compare' 'explain' 'demo' "
      "'simulate' 'explore' 'noc' 'adc' 'study'");
}

TEST_F(CommandLine, UnknownOptionSuggestsTheNearest) {
  expect_refusal(run({"--polcy", "depth"}), 2,
                 "UsageError: [sheaf run] unknown option: got '--polcy'; did you mean '--policy'?");
}

TEST_F(CommandLine, MisspeltRequiredOptionSuggestsTheNearest) {
  expect_refusal({"run", "--modle", "tree_lstm", "--data", "t"}, 2,
                 "UsageError: [sheaf run] unknown option: got '--modle'; did you mean '--model'?");
}

TEST_F(CommandLine, MisspeltOptionWithAnEqualsSignSuggestsTheNearest) {
  expect_refusal(run({"--bacth=3"}), 2,
                 "UsageError: [sheaf run] unknown option: got '--bacth'; did you mean '--batch'?");
}

TEST_F(CommandLine, MisspeltOptionBeforeTheVerbSuggestsTheNearest) {
  expect_refusal({"--verson"}, 2,
                 "UsageError: [sheaf] unknown option: got '--verson'; did you mean '--version'?");
}

TEST_F(CommandLine, UnknownModelSuggestsTheNearest) {
  expect_refusal({"run", "--model", "tree_lsmt", "--data", "t"}, 2,
                 "UsageError: [--model] unknown model: got 'tree_lsmt'; did you mean 'tree_lstm'?");
}

TEST_F(CommandLine, UnknownPolicySuggestsTheNearest) {
  expect_refusal(run({"--policy", "agends"}), 2,
                 "UsageError: [--policy] unknown policy: got 'agends'; did you mean 'agenda'?");
}

TEST_F(CommandLine, UnknownIsaSuggestsTheNearest) {
  expect_refusal(
      run({"--isa", "avx51"}), 2,
      "UsageError: [--isa] unknown instruction set: got 'avx51'; did you mean 'avx512'?");
}

TEST_F(CommandLine, UnknownLayoutSuggestsTheNearest) {
  expect_refusal(run({"--layout", "plnned"}), 2,
                 "UsageError: [--layout] unknown layout: got 'plnned'; did you mean 'planned'?");
}

TEST_F(CommandLine, UnknownEncodingSuggestsTheNearest) {
  expect_refusal(
      run({"--policy", "fsm", "--encoding", "srot"}), 2,
      "UsageError: [--encoding] unknown state encoding: got 'srot'; did you mean 'sort'?");
}

TEST_F(CommandLine, UnknownStageSuggestsTheNearest) {
  expect_refusal(
      run({"--dump-after", "schedul"}), 2,
      "UsageError: [--dump-after] unknown stage: got 'schedul'; did you mean 'schedule'?");
}

TEST_F(CommandLine, MissingRequiredOption) {
  expect_refusal({"run", "--model", "tree_lstm"}, 2,
                 "UsageError: --data is required; see sheaf run --help");
  expect_refusal({"learn", "--model", "tree_lstm", "--data", "t"}, 2,
                 "UsageError: --out is required; see sheaf learn --help");
  expect_refusal({"tag"}, 2, "UsageError: FILE is required; see sheaf tag --help");
}

TEST_F(CommandLine, MissingValue) {
  expect_refusal({"run", "--model"}, 2,
                 "UsageError: --model: 1 required TEXT missing; see sheaf run --help");
}

TEST_F(CommandLine, ArgumentTooMany) {
  expect_refusal(run({"extra"}), 2,
                 "UsageError: The following argument was not expected: extra; see sheaf run "
                 "--help");
}

TEST_F(CommandLine, ValueThatIsNoNumber) {
  expect_refusal(run({"--hidden", "many"}), 2,
                 "UsageError: Could not convert: --hidden = many; see sheaf run --help");
}

TEST_F(CommandLine, BatchOfNone) {
  expect_refusal(run({"--batch", "0"}), 2,
                 "UsageError: --batch: Value 0 not in range 1 to 1048576; see sheaf run --help");
}

TEST_F(CommandLine, HiddenOfNone) {
  expect_refusal(run({"--hidden", "0"}), 2,
                 "UsageError: [--hidden] model tree_lstm: got 0, expected 1 to 16384");
}

TEST_F(CommandLine, HiddenBeyondTheLargest) {
  expect_refusal(run({"--hidden", "16385"}), 2,
                 "UsageError: [--hidden] model tree_lstm: got 16385, expected 1 to 16384");
}

TEST_F(CommandLine, RepeatOfNone) {
  expect_refusal({"bench", "--model", "tree_lstm", "--data", "t", "--repeat", "0"}, 2,
                 "UsageError: --repeat: Value 0 not in range 1 to 100000; see sheaf bench --help");
}

TEST_F(CommandLine, ThreadsOfNone) {
  expect_refusal(run({"--threads", "0"}), 2,
                 "UsageError: --threads: Value 0 not in range 1 to 256; see sheaf run --help");
}

TEST_F(CommandLine, LexiconIsOfLatticesOnly) {
  expect_refusal(run({"--lexicon", "dict.txt"}), 2,
                 "UsageError: [--lexicon] model tree_lstm: got dict.txt, expected no lexicon");
}

TEST_F(CommandLine, HiddenOfTheTaggerIsFixed) {
  expect_refusal({"run", "--model", "lac", "--data", "t", "--hidden", "64"}, 2,
                 "UsageError: [--hidden] model lac: got 64, expected 128, which the trained "
                 "weights have");
}

TEST_F(CommandLine, PolicyFileIsOfTheFsmOnly) {
  expect_refusal(run({"--policy-file", "policy.json"}), 2,
                 "UsageError: [--policy-file] policy: got 'critical', expected 'fsm'");
}

}  // namespace
}  // namespace sheaf::test
