// SPDX-License-Identifier: Apache-2.0
//
// Values of every model but lac, tree_lstm and lattice_lstm (values_test.cc) against its reference.
#include "tests/cli/synthetic.h"
#include "tests/cli/synthetic_sentences.h"
#include "tests/cli/values.h"

namespace sheaf::test {
namespace {

const Arguments kHidden = {"--hidden", "24"};

// The first `count` lines of a text; CoNLL-U and BMES: blocks that end with an empty line.
std::string slice(const std::string& text, std::size_t count, const std::string& end = "\n") {
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) {
    const std::size_t next = text.find(end, at);
    at = next == std::string::npos ? text.size() : next + end.size();
  }
  return text.substr(0, at);
}

// On slices of the larger data sets.
class ValuesOnRealData : public Values {
 protected:
  // The first lines or blocks of a set, as a file; "" and a skip where it is absent.
  std::string slice_of(const std::string& name, std::size_t count, const std::string& end = "\n") {
    const std::string path = shared_data(name);
    if (path.empty()) return {};
    std::string file = name;
    for (char& c : file) c = c == '/' ? '_' : c;
    return folder_.write(file, slice(bytes_of(path), count, end));
  }
};

TEST_F(Values, OfTreeLstmNaryMatchTheReference) {
  expect_right("tree_lstm_nary", folder_.write("trees", random_trees(40, 9)), kHidden);
}

TEST_F(Values, OfTreeLstm2TypeMatchTheReference) {
  const std::string data = folder_.write("trees", random_trees(40, 9) + left_tree(40));
  expect_right("tree_lstm_2type", data, kHidden);
  expect_right("tree_lstm_2type", data, kHidden + Arguments{"--seed", "7", "--batch", "9"});
}

TEST_F(Values, OfTreeGruMatchTheReference) {
  expect_right("tree_gru", folder_.write("trees", random_trees(40, 9) + left_tree(40)), kHidden);
}

TEST_F(Values, OfLatticeGruMatchTheReference) {
  expect_right("lattice_gru", folder_.write("lattices", random_lattices(40, 9)), kHidden);
}

TEST_F(Values, OfLatticeLstmBiMatchTheReference) {
  const std::string data = folder_.write("lattices", random_lattices(40, 9));
  expect_right("lattice_lstm_bi", data, kHidden);
  expect_right("lattice_lstm_bi", data, kHidden + Arguments{"--policy", "depth", "--batch", "7"});
}

TEST_F(Values, OfChildSumTreeLstmMatchTheReference) {
  expect_right("child_sum_tree_lstm", folder_.write("conllu", random_conllu(40, 9)), kHidden);
}

TEST_F(Values, OfDagGruMatchTheReference) {
  expect_right("dag_gru", folder_.write("dags", random_dags(40, 9)), kHidden);
}

TEST_F(Values, OfBilstmTaggerMatchTheReference) {
  expect_right("bilstm_tagger", folder_.write("tagged", random_tagged(30, 9)), kHidden);
  expect_right("bilstm_tagger", folder_.write("bmes", random_bmes(30, 9)), kHidden);
}

TEST_F(Values, OfBilstmTaggerCharMatchTheReference) {
  expect_right("bilstm_tagger_char", folder_.write("tagged", random_tagged(30, 9)), kHidden);
}

TEST_F(Values, OfLstmNmtMatchTheReference) {
  const auto [source, target] = random_pairs(30, 9);
  const std::string data = folder_.write("source", source);
  const std::string translation = folder_.write("target", target);
  for (const char* rows : {"11", "256", "0"}) {
    expect_right("lstm_nmt", data, kHidden + Arguments{"--target-rows", rows}, translation);
  }
}

TEST_F(Values, OfOddHiddenSizesOfEveryModelMatchTheReference) {
  const Arguments odd = {"--hidden", "7"};
  expect_right("tree_lstm_nary", folder_.write("trees", random_trees(10, 9)), odd);
  expect_right("tree_gru", folder_.write("trees", random_trees(10, 9)), odd);
  expect_right("lattice_gru", folder_.write("lattices", random_lattices(10, 9)), odd);
  expect_right("lattice_lstm_bi", folder_.write("lattices", random_lattices(10, 9)), odd);
  expect_right("child_sum_tree_lstm", folder_.write("conllu", random_conllu(10, 9)), odd);
  expect_right("dag_gru", folder_.write("dags", random_dags(10, 9)), odd);
  expect_right("bilstm_tagger", folder_.write("tagged", random_tagged(10, 9)), odd);
  expect_right("bilstm_tagger_char", folder_.write("tagged", random_tagged(10, 9)),
               {"--hidden", "14"});
}

TEST_F(ValuesOnRealData, OfTreeModelsMatchTheReference) {
  const std::string data = slice_of("trees/dev.txt", 150);
  if (data.empty()) GTEST_SKIP() << kNoSharedData;
  for (const char* model : {"tree_lstm_nary", "tree_lstm_2type", "tree_gru"}) {
    expect_right(model, data, kHidden);
  }
}

TEST_F(ValuesOnRealData, OfLatticeModelsMatchTheReference) {
  const std::string data = shared_data("lattice/dev.txt");
  if (data.empty()) GTEST_SKIP() << kNoSharedData;
  for (const char* model : {"lattice_lstm_bi", "lattice_gru"}) expect_right(model, data, kHidden);
}

TEST_F(ValuesOnRealData, OfChildSumTreeLstmMatchTheReference) {
  const std::string data = slice_of("dependency/en_ewt.dev.conllu", 150, "\n\n");
  if (data.empty()) GTEST_SKIP() << kNoSharedData;
  expect_right("child_sum_tree_lstm", data, kHidden);
}

TEST_F(ValuesOnRealData, OfTaggersMatchTheReference) {
  const std::string tags = slice_of("tags/dev.txt", 60);
  const std::string bmes = slice_of("ner/resume.dev.bmes", 20, "\n\n");
  if (tags.empty() || bmes.empty()) GTEST_SKIP() << kNoSharedData;
  for (const char* model : {"bilstm_tagger", "bilstm_tagger_char"}) {
    expect_right(model, tags, kHidden);
    expect_right(model, bmes, kHidden);
  }
}

TEST_F(ValuesOnRealData, OfLstmNmtMatchTheReference) {
  const std::string source = slice_of("parallel/dev.ja", 60);
  const std::string target = slice_of("parallel/dev.en", 60);
  if (source.empty() || target.empty()) GTEST_SKIP() << kNoSharedData;
  expect_right("lstm_nmt", source, kHidden, target);
  expect_right("lstm_nmt", source, kHidden + Arguments{"--target-rows", "0"}, target);
}

}  // namespace
}  // namespace sheaf::test
