// SPDX-License-Identifier: Apache-2.0
//
// Values against tests/reference: double precision, one node at a time, written apart from the
// engine.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/cli/synthetic.h"
#include "tests/cli/values.h"
#include "tests/io/lac_folder.h"

namespace sheaf::test {
namespace {

TEST_F(Values, OfTreesMatchTheReference) {
  const std::string data = folder_.write("trees", random_trees(60, 5) + left_tree(40));
  expect_right("tree_lstm", data, {"--hidden", "48"});
}

TEST_F(Values, OfLatticesMatchTheReference) {
  const std::string data = folder_.write("lattices", random_lattices(60, 5));
  expect_right("lattice_lstm", data, {"--hidden", "48"});
}

TEST_F(Values, OfTreesOfMatricesMatchTheReference) {
  const std::string data = folder_.write("trees", random_trees(60, 5) + left_tree(40));
  for (const char* hidden : {"1", "7", "16", "33", "64"}) {
    expect_right("mv_rnn", data, {"--hidden", hidden});
  }
  expect_right("mv_rnn", data, {"--hidden", "20", "--layout", "unplanned"});
}

TEST_F(Values, OfOddHiddenSizesMatchTheReference) {
  const std::string trees = folder_.write("trees", random_trees(20, 6));
  const std::string lattices = folder_.write("lattices", random_lattices(20, 6));
  for (const char* hidden : {"2", "7", "33", "130"}) {
    expect_right("tree_lstm", trees, {"--hidden", hidden});
    expect_right("lattice_lstm", lattices, {"--hidden", hidden});
  }
}

TEST_F(Values, OfEveryPolicyMatchTheReference) {
  const std::string data = folder_.write("lattices", random_lattices(30, 7));
  for (const char* policy : {"single", "depth", "agenda", "fsm"}) {
    expect_right("lattice_lstm", data, {"--hidden", "16", "--policy", policy});
  }
}

TEST_F(Values, OfPortableAndReferenceKernelsMatchTheReference) {
  const std::string trees = folder_.write("trees", random_trees(20, 8));
  const std::string lattices = folder_.write("lattices", random_lattices(20, 8));
  for (const char* isa : {"scalar", "reference"}) {
    expect_right("tree_lstm", trees, {"--hidden", "20", "--isa", isa});
    expect_right("mv_rnn", trees, {"--hidden", "20", "--isa", isa});
    expect_right("lattice_lstm", lattices, {"--hidden", "20", "--isa", isa});
  }
}

TEST_F(Values, OfTheTaggersTwinMatchTheReference) {
  write_lac_folder(folder_);
  expect_tagger_right(folder_.path(), folder_.write("text", random_text(40, 5)));
}

TEST_F(Values, OfTheTaggerMatchTheReference) {
  if (!has_jieba()) GTEST_SKIP() << kNoJieba;
  expect_tagger_right("/usr/lib/python3/dist-packages/jieba/lac_small",
                      folder_.write("text",
                                    "我来到北京清华大学\n\n他来到了网易杭研大厦。\n"
                                    "Debian 是一个自由的操作系统\n\u9fff\n\U0001F333\n我\n"));
}

TEST_F(Values, OfSstDevMatchTheReference) {
  const std::string data = shared_data("trees/dev.txt");
  if (data.empty()) GTEST_SKIP() << kNoSharedData;
  expect_right("tree_lstm", data, {"--hidden", "64"});
  expect_right("mv_rnn", data, {"--hidden", "32"});
}

TEST_F(Values, OfLatticeDevMatchTheReference) {
  const std::string data = shared_data("lattice/dev.txt");
  if (data.empty()) GTEST_SKIP() << kNoSharedData;
  expect_right("lattice_lstm", data, {"--hidden", "64"});
}

// Five equal logits in the millions: a fifth each, however large they are.
TEST_F(Values, OfLargeLogitsMatchTheReference) {
  const std::string data = folder_.write("trees", random_trees(5, 5));
  const Arguments run = {"run", "--model", "tree_lstm", "--data", data};
  const std::string weights = folder_.path("weights");
  static_cast<void>(sheaf_output(run + Arguments{"--hidden", "16", "--save-weights", weights}));
  std::string bytes = bytes_of(weights);
  const std::vector<float> head(std::size_t{5} * 16, 1e6F);  // head.V, the last of the tensors
  const std::size_t size = head.size() * sizeof(float);
  std::memcpy(bytes.data() + bytes.size() - size, head.data(), size);
  folder_.write("weights", bytes);
  static_cast<void>(
      sheaf_output(run + Arguments{"--weights", weights, "--out", folder_.path("run.json")}));
  expect_reference_agrees("tree_lstm", data, weights, folder_.path("run.json"));
}

// The reference has to be able to disagree.
TEST_F(Values, OfOtherWeightsAreToldApart) {
  const std::string data = folder_.write("trees", random_trees(3, 5));
  const Arguments options = {"run", "--model", "tree_lstm", "--data", data, "--hidden", "16"};
  static_cast<void>(sheaf_output(options + Arguments{"--out", folder_.path("run.json")}));
  static_cast<void>(
      sheaf_output(options + Arguments{"--seed", "2", "--save-weights", folder_.path("weights")}));
  const Result check =
      run_program(kPython, {SHEAF_SOURCE_DIR "/tests/reference/check_values.py", "--model",
                            "tree_lstm", "--data", data, "--weights", folder_.path("weights"),
                            "--run", folder_.path("run.json")});
  EXPECT_EQ(check.exit_code, 1);
  EXPECT_TRUE(check.err.starts_with("check_values: tree_lstm: mismatch: instance 0, row 0"))
      << check.err;
}

}  // namespace
}  // namespace sheaf::test
