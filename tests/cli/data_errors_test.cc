// SPDX-License-Identifier: Apache-2.0
//
// Input that is wrong, and output that cannot be written.
#include <gtest/gtest.h>

#include "tests/cli/synthetic.h"
#include "tests/cli/tool.h"
#include "tests/io/lac_folder.h"

namespace sheaf::test {
namespace {

class WrongInput : public Cli {
 protected:
  [[nodiscard]] Arguments run(const std::string& model, const std::string& data) const {
    return {"run", "--model", model, "--hidden", "16", "--data", folder_.write("data", data)};
  }
};

TEST_F(WrongInput, UnbalancedBracketsNameFileLineAndColumn) {
  expect_refusal(run("tree_lstm", "(2 a)\n(3 (2 Real) (4 beauty)\n"), 2,
                 "DataError: [D/data:2:23] unbalanced brackets: got the end of the line, expected "
                 "1 more ')'");
}

TEST_F(WrongInput, EmptyTreeNamesFileLineAndColumn) {
  expect_refusal(run("tree_lstm", "()\n"), 2,
                 "DataError: [D/data:1:2] empty tree: got '()', expected a label and a word or two "
                 "trees");
}

TEST_F(WrongInput, TreesThatAreNotUtf8NameFileAndLine) {
  expect_refusal(run("tree_lstm", "(2 a)\n(2 caf\xe9)\n"), 2,
                 "DataError: [D/data:2] text: got byte 0xe9, expected UTF-8; convert the file with "
                 "iconv");
}

TEST_F(WrongInput, ArcFromALaterPositionNamesFileAndLine) {
  expect_refusal(run("lattice_lstm", "1\n3\n0 0 0\n0\n1 2 5\n1 0 5\n"), 2,
                 "DataError: [D/data:5] an arc into position 1: got source position 2, expected an "
                 "earlier position");
}

TEST_F(WrongInput, EmptyFileIsNoLatticeFile) {
  const Result result = sheaf(run("lattice_lstm", ""));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(
      result.err.ends_with("] the file ends too soon: got its end, expected the number of "
                           "sentences\n"))
      << result.err;
}

TEST_F(WrongInput, StandardInputIsNamed) {
  const Result result = sheaf({"run", "--model", "tree_lstm", "--data", "-"}, "(2 a)\n(2\n");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err,
            "sheaf: DataError: [-:2:3] unbalanced brackets: got the end of the line, expected 1 "
            "more ')'\n")
      << result.err;
}

TEST_F(WrongInput, MissingFile) {
  expect_refusal({"run", "--model", "tree_lstm", "--data", folder_.path("none")}, 2,
                 "NotFoundError: [D/none] no such file");
}

TEST_F(WrongInput, FolderInPlaceOfAFile) {
  expect_refusal({"run", "--model", "tree_lstm", "--data", folder_.path()}, 74,
                 "IoError: [D] cannot read: got a folder, expected a file");
}

TEST_F(WrongInput, NameThatIsTooLongIsNoInternalError) {
  for (const std::string model : {"tree_lstm", "lac"}) {
    const Arguments run = {"run", "--model", model, "--data"};
    const std::string name(300, 'a');
    const Result result =
        sheaf(model == "lac" ? run + Arguments{"-", "--weights", name} : run + Arguments{name});
    EXPECT_NE(result.exit_code, 70) << result.err;
    EXPECT_NE(result.exit_code, 0);
  }
}

TEST_F(WrongInput, MissingLexicon) {
  expect_refusal(run("lattice_lstm", "我\n") + Arguments{"--lexicon", folder_.path("none")}, 2,
                 "NotFoundError: [D/none] no such file");
}

TEST_F(WrongInput, LexiconThatIsNotUtf8NamesFileAndLine) {
  expect_refusal(
      run("lattice_lstm", "我\n") + Arguments{"--lexicon", folder_.write("lexicon", "我\n\xff\n")},
      2,
      "DataError: [D/lexicon:2] text: got byte 0xff, expected UTF-8; convert the file with iconv");
}

TEST_F(WrongInput, MissingPackageIsNamed) {
  expect_refusal({"run", "--model", "lac", "--data", "-", "--weights", "/nonexistent"}, 2,
                 "NotFoundError: [/nonexistent] the tagger's weights are not there; install the "
                 "package python3-jieba (apt-get install python3-jieba), or name the folder with "
                 "--weights");
  expect_refusal({"tag", "-", "--weights", "/nonexistent"}, 2,
                 "NotFoundError: [/nonexistent] the tagger's weights are not there; install the "
                 "package python3-jieba (apt-get install python3-jieba), or name the folder with "
                 "--weights");
}

TEST_F(WrongInput, LearningFromNoInstancesIsRefused) {
  const Result result = sheaf({"learn", "--model", "tree_lstm", "--data", folder_.write("t", ""),
                               "--out", folder_.path("policy")});
  EXPECT_EQ(result.exit_code, 2) << result.out;
  EXPECT_EQ(bytes_of(folder_.path("policy")), "");
}

class Output : public Cli {
 protected:
  // Runs with --out naming a file that holds "old"; expects that it still does.
  void expect_out_untouched(const Arguments& arguments, int exit_code) const {
    const std::string out = folder_.write("out", "old");
    const Result result = sheaf(arguments + Arguments{"--out", out});
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(bytes_of(out), "old") << testing::PrintToString(arguments);
  }

  const Arguments trees_ = {"--model", "tree_lstm", "--hidden", "16", "--data"};
  const std::string good_ = folder_.write("good", random_trees(5, 1));
  const std::string bad_ = folder_.write("bad", random_trees(5, 1) + "(2");
};

TEST_F(Output, IsNotWrittenWhenTheDataAreWrong) {
  for (const char* verb : {"run", "bench", "learn"}) {
    expect_out_untouched(Arguments{verb} + trees_ + Arguments{bad_}, 2);
  }
}

TEST_F(Output, IsNotWrittenWhenAnOptionIsWrong) {
  for (const char* verb : {"run", "bench"}) {
    const Arguments good = Arguments{verb} + trees_ + Arguments{good_};
    expect_out_untouched(good + Arguments{"--policy", "none"}, 2);
    expect_out_untouched(good + Arguments{"--isa", "none"}, 2);
    expect_out_untouched(good + Arguments{"--layout", "none"}, 2);
    expect_out_untouched(good + Arguments{"--threads", "0"}, 2);
  }
  expect_out_untouched(Arguments{"learn"} + trees_ + Arguments{good_, "--encoding", "none"}, 2);
}

TEST_F(Output, IsNotWrittenWhenTaggingFails) {
  write_lac_folder(folder_);
  expect_out_untouched({"tag", "--weights", folder_.path(), folder_.write("text", "我\n\xff\n")},
                       2);
  expect_out_untouched({"tag", "--weights", "/nonexistent", folder_.write("text", "我\n")}, 2);
}

TEST_F(Output, IsRefusedInAMissingFolder) {
  for (const char* verb : {"run", "bench", "learn"}) {
    expect_refusal(Arguments{verb} + trees_ + Arguments{good_, "--out", folder_.path("no/out")}, 74,
                   "IoError: [D/no/out] cannot write: got no folder 'D/no'; make it first");
  }
}

TEST_F(Output, IsRefusedOverAFolder) {
  std::filesystem::create_directory(folder_.path("sub"));
  expect_refusal(Arguments{"run"} + trees_ + Arguments{good_, "--out", folder_.path("sub")}, 74,
                 "IoError: [D/sub] cannot write: got a folder, expected a file");
  EXPECT_TRUE(std::filesystem::is_directory(folder_.path("sub")));
}

TEST_F(Output, LeavesNoTemporaryBehind) {
  static_cast<void>(sheaf_output(
      Arguments{"run"} + trees_ +
      Arguments{good_, "--out", folder_.path("out"), "--save-weights", folder_.path("weights")}));
  std::vector<std::string> names = folder_.names();
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"bad", "good", "out", "weights"}));
}

TEST_F(Output, ThatStandardOutputCannotTakeIsAnError) {
  const Arguments run = Arguments{"run"} + trees_ + Arguments{good_};
  const Result result = run_program_into("/dev/full", SHEAF_TOOL, run);
  EXPECT_EQ(result.exit_code, 74) << result.err;
  EXPECT_NE(result.err, "");
}

}  // namespace
}  // namespace sheaf::test
