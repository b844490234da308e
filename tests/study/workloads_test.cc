// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/workloads.h"

#include <gtest/gtest.h>

#include <map>

#include "sheaf/base/error.h"
#include "sheaf/nn/model.h"
#include "tests/message_of.h"

namespace sheaf::study {
namespace {

TEST(StudyWorkloads, AreAllModelsButLac) {
  std::vector<std::string> expected;
  for (const std::string& model : nn::model_names()) {
    if (model != "lac") expected.push_back(model);
  }
  std::vector<std::string> found;
  for (const StudyWorkload& workload : study_workloads({}, "")) {
    found.push_back(workload.options.model);
  }
  EXPECT_EQ(found, expected);
}

TEST(StudyWorkloads, AreTheNamedModelsInTheirOrder) {
  const auto workloads = study_workloads({"tree_gru", "dag_gru"}, "");
  ASSERT_EQ(workloads.size(), 2U);
  EXPECT_EQ(workloads[0].options.model, "tree_gru");
  EXPECT_EQ(workloads[0].family, "tree");
  EXPECT_EQ(workloads[1].options.model, "dag_gru");
  EXPECT_EQ(workloads[1].family, "graph");
}

TEST(StudyWorkloads, OfFamiliesThatTheStudyKnows) {
  const std::map<std::string, std::string> families = {
      {"bilstm_tagger", "chain"}, {"lstm_nmt", "chain"},      {"tree_lstm", "tree"},
      {"mv_rnn", "tree"},         {"lattice_gru", "lattice"}, {"child_sum_tree_lstm", "tree"}};
  for (const auto& [model, family] : families) {
    EXPECT_EQ(study_workloads({model}, "").at(0).family, family) << model;
  }
}

TEST(StudyWorkloads, OfRandomDataOpen) {
  for (const StudyWorkload& workload : study_workloads({}, "")) {
    engine::WorkloadOptions options = workload.options;
    EXPECT_TRUE(options.data.starts_with("random:")) << options.data;
    options.hidden = 2;
    EXPECT_EQ(engine::open_workload(options).instances.size(), 1024U) << options.model;
  }
}

TEST(StudyWorkloads, NameTheFilesOfAFolder) {
  const std::map<std::string, std::string> files = {
      {"bilstm_tagger", "d/tags/dev.txt"},
      {"bilstm_tagger_char", "d/tags/dev.txt"},
      {"lstm_nmt", "d/parallel/dev.ja"},
      {"tree_lstm", "d/trees/dev.txt"},
      {"lattice_lstm", "d/lattice/train.txt"},
      {"lattice_gru", "d/lattice/train.txt"},
      {"child_sum_tree_lstm", "d/dependency/en_ewt.dev.conllu"}};
  for (const auto& [model, file] : files) {
    EXPECT_EQ(study_workloads({model}, "d").at(0).options.data, file) << model;
  }
  EXPECT_EQ(study_workloads({"lstm_nmt"}, "d").at(0).options.target, "d/parallel/dev.en");
  EXPECT_EQ(study_workloads({"bilstm_tagger_char"}, "d").at(0).options.counts, "d/tags/train.txt");
  EXPECT_EQ(study_workloads({"bilstm_tagger"}, "d").at(0).options.counts, "");
  EXPECT_TRUE(study_workloads({"dag_gru"}, "d").at(0).options.data.starts_with("random:"));
}

TEST(StudyWorkloads, UnknownModelSuggestsTheNearest) {
  const std::string message = test::message_of<base::UsageError>([] {
    static_cast<void>(study_workloads({"tree_lstm", "lattice_gruu"}, ""));
  });
  EXPECT_NE(message.find("'lattice_gruu'"), std::string::npos) << message;
  EXPECT_NE(message.find("did you mean 'lattice_gru'?"), std::string::npos) << message;
}

}  // namespace
}  // namespace sheaf::study
