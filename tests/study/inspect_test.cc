// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/inspect.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "sheaf/io/weights_file.h"
#include "tests/io/temp_folder.h"

namespace sheaf::study {
namespace {

using nlohmann::ordered_json;

class Inspect : public testing::Test {
 protected:
  [[nodiscard]] Inspection inspect_text(const std::string& text,
                                        std::optional<std::uint32_t> limit = {},
                                        const std::string& format = "auto") const {
    return inspect({.file = folder_.write("f", text), .format = format, .limit = limit});
  }
  [[nodiscard]] ordered_json report(const std::string& text) const {
    const Inspection found = inspect_text(text);
    EXPECT_FALSE(found.problem) << base::to_string(*found.problem);
    return found.report;
  }

  const test::TempFolder folder_;
};

// p50 of two values is the larger: base::quantile takes the nearest rank.
ordered_json summary(double mean, double p50, double max) {
  return {{"mean", mean}, {"p50", p50}, {"max", max}};
}

TEST_F(Inspect, CountsLeavesAndDepthOfTrees) {
  const auto found = report("(3 (2 a) (2 (2 b) (2 a)))\n(1 c)\n");
  EXPECT_EQ(found["format"], "brackets");
  EXPECT_EQ(found["instances"], 2);
  EXPECT_EQ(found["lines"], 2);
  EXPECT_EQ(found["leaves"], summary(2, 3, 3));
  EXPECT_EQ(found["depth"], summary(1, 2, 2));
  EXPECT_EQ(found["vocabulary"],
            (ordered_json{{"rows", 4}, {"words", 3}, {"tokens", 4}, {"seen_once", 2}}));
  EXPECT_EQ(found["labels"], (ordered_json{{"2", 4}, {"1", 1}, {"3", 1}}));
}

TEST_F(Inspect, CountsArcsOfLattices) {
  for (const char* text :
       {"1\n3\n0 0 0\n0\n1 0 5\n2 1 6 0 7\n", "N=3 L=3\nJ=0 S=0 E=1\nJ=1 S=1 E=2\nJ=2 S=0 E=2\n"}) {
    const auto found = report(text);
    EXPECT_EQ(found["positions"], summary(3, 3, 3));
    EXPECT_EQ(found["arcs"], summary(3, 3, 3));
    EXPECT_EQ(found["word_arcs"], summary(1, 1, 1));
    EXPECT_EQ(found["arcs_per_position"], summary(1.5, 2, 2));
    EXPECT_EQ(found["span"], summary(2, 2, 2));
  }
}

TEST_F(Inspect, CountsWordsAndLabelsOfSentences) {
  const auto tagged = report("a|O b|O c|X\n");
  EXPECT_EQ(tagged["format"], "tagged");
  EXPECT_EQ(tagged["words"], summary(3, 3, 3));
  EXPECT_EQ(tagged["labels"], (ordered_json{{"O", 2}, {"X", 1}}));
  EXPECT_EQ(report("a O\nb B-X\n")["format"], "bmes");
  const auto text = report("a b\nb\n");
  EXPECT_EQ(text["format"], "text");
  EXPECT_EQ(text["vocabulary"]["words"], 2);
}

TEST_F(Inspect, SummarisesLossesOfUpdates) {
  const auto found = report(
      "{\"step\":0,\"loss\":1.5,\"terms\":4,\"instances\":[1,0]}\n"
      "{\"step\":1,\"loss\":0.5,\"terms\":3,\"instances\":[2]}\n"
      "{\"step\":2,\"loss\":0.75,\"terms\":3,\"instances\":[3]}\n");
  EXPECT_EQ(found["kind"], "losses");
  EXPECT_EQ(found["updates"], 3);
  EXPECT_EQ(found["first"]["loss"], 1.5);
  EXPECT_EQ(found["lowest"]["step"], 1);
  EXPECT_EQ(found["last"]["step"], 2);
  const Inspection torn = inspect_text("{\"step\":0,\"loss\":1.5}\n{\"step\":1,\n");
  ASSERT_TRUE(torn.problem.has_value());
  EXPECT_NE(base::to_string(*torn.problem).find(":2] update: got"), std::string::npos);
}

TEST_F(Inspect, SaysHowFarACheckpointHasCome) {
  graph::ParameterStore parameters;
  parameters.assign(parameters.declare("parameters/W", {2, 3}), tensor::Tensor({2, 3}));
  parameters.assign(parameters.declare("best/W", {2, 3}), tensor::Tensor({2, 3}));
  const std::string path = folder_.path("checkpoint");
  io::save_weights(path, parameters, "", {},
                   {{"format", "sheaf-checkpoint-1"},
                    {"state", R"({"step":7,"epoch":2,"minibatch":1,"best":{"epoch":0,"value":1}})"},
                    {"options", R"({"model":"tree_lstm","lexicon":"","batch":4})"}});
  const Inspection found = inspect({.file = path});
  ASSERT_FALSE(found.problem) << base::to_string(*found.problem);
  EXPECT_EQ(found.report["kind"], "checkpoint");
  EXPECT_EQ(found.report["updates"], 7);
  EXPECT_EQ(found.report["epochs"], 2);
  EXPECT_EQ(found.report["best"], (ordered_json{{"epoch", 1}, {"value", 1}}));
  EXPECT_EQ(found.report["parameters"], 6);
  EXPECT_EQ(found.report["options"], (ordered_json{{"batch", 4}, {"model", "tree_lstm"}}));
}

TEST_F(Inspect, SaysWhatAModelFolderHolds) {
  graph::ParameterStore parameters;
  parameters.assign(parameters.declare("W", {2, 3}), tensor::Tensor({2, 3}));
  std::filesystem::create_directory(folder_.path("model"));
  folder_.write("model/model.json",
                R"({"model":"tree_lstm","sizes":{"hidden":3},"metrics":{"root_accuracy":0.5},)"
                R"("training":{"epoch":2},"vocabularies":{"words":["<unk>","a"],"labels":["0"]}})");
  io::save_weights(folder_.path("model/weights.safetensors"), parameters, "", {});
  const Inspection found = inspect({.file = folder_.path("model")});
  ASSERT_FALSE(found.problem) << base::to_string(*found.problem);
  EXPECT_EQ(found.report["kind"], "model");
  EXPECT_EQ(found.report["model"], "tree_lstm");
  EXPECT_EQ(found.report["vocabulary"]["words"], 2);
  EXPECT_EQ(found.report["parameters"], 6);
  EXPECT_EQ(found.report["training"]["epoch"], 2);
  folder_.write("model/model.json", "{");
  EXPECT_TRUE(inspect({.file = folder_.path("model")}).problem.has_value());
}

TEST_F(Inspect, CountsHeadsOfDependencyTrees) {
  const auto word = [](const std::string& id, const std::string& head) {
    return id + "\tw\t_\t_\t_\t_\t" + head + "\tdep\t_\t_\n";
  };
  const auto found = report(word("1", "2") + word("2", "3") + word("3", "0") + word("4", "3"));
  EXPECT_EQ(found["format"], "conllu");
  EXPECT_EQ(found["words"], summary(4, 4, 4));
  EXPECT_EQ(found["depth"], summary(2, 2, 2));
  EXPECT_EQ(found["roots"], summary(1, 1, 1));
  EXPECT_EQ(found["children"], summary(0.75, 1, 2));
}

TEST_F(Inspect, CountsEdgesOfGraphs) {
  const auto found = report(R"({"nodes":["a","b","c"],"edges":[[0,1],[0,1],[1,2]]})");
  EXPECT_EQ(found["format"], "dags");
  EXPECT_EQ(found["edges"], summary(3, 3, 3));
  EXPECT_EQ(found["depth"], summary(2, 2, 2));
  EXPECT_EQ(found["predecessors"], summary(1, 1, 2));
  EXPECT_EQ(found["repeated_edges"], 1);
}

TEST_F(Inspect, KnowsRandomData) {
  const Inspection found = inspect({.file = "random:pairs,n=4,length=3-3,target=9"});
  EXPECT_EQ(found.report["format"], "random pairs");
  EXPECT_EQ(found.report["instances"], 4);
  EXPECT_EQ(found.report["target_words"], summary(3, 3, 3));
  EXPECT_EQ(found.report["target_rows"], 9);
}

TEST_F(Inspect, LimitsTheInstances) {
  EXPECT_EQ(inspect_text("(1 a)\n(1 b)\n(1 c)\n", 2).report["instances"], 2);
}

TEST_F(Inspect, NamesTheModelsThatReadTheFile) {
  const auto models = report("(1 a)\n")["models"];
  EXPECT_NE(std::find(models.begin(), models.end(), "tree_lstm"), models.end());
  EXPECT_EQ(std::find(models.begin(), models.end(), "lattice_lstm"), models.end());
}

TEST_F(Inspect, NamesTheFirstProblem) {
  const Inspection found = inspect_text("(1 a)\n(1 b\n");
  ASSERT_TRUE(found.problem);
  EXPECT_EQ(found.problem->what, "unbalanced brackets");
  EXPECT_EQ(found.report["format"], "brackets");
  EXPECT_EQ(found.report["problem"], base::to_string(*found.problem));
}

TEST_F(Inspect, FormatThatIsGivenIsNotGuessed) {
  EXPECT_EQ(inspect_text("(a b)\n", {}, "text").report["words"], summary(2, 2, 2));
}

TEST_F(Inspect, KnowsWeights) {
  graph::ParameterStore parameters;
  parameters.assign(parameters.declare("W", {2, 3}), tensor::Tensor({2, 3}));
  parameters.assign(parameters.declare("b", {1, 5}), tensor::Tensor({1, 5}));
  io::save_weights(folder_.path("w"), parameters, "bilstm_tagger",
                   {.words = {"<unk>", "a"}, .labels = {"O"}});
  const auto found = inspect({.file = folder_.path("w")}).report;
  EXPECT_EQ(found["kind"], "weights");
  EXPECT_EQ(found["model"], "bilstm_tagger");
  EXPECT_EQ(found["parameters"], 11);
  EXPECT_EQ(found["vocabulary"]["words"], 2);
  EXPECT_EQ(found["labels"], ordered_json::array({"O"}));
  EXPECT_EQ(found["tensors"][0], (ordered_json{{"name", "W"}, {"rows", 2}, {"columns", 3}}));
  EXPECT_EQ(inspect({.file = folder_.path("w"), .limit = 1}).report["tensors"].size(), 1U);
}

TEST_F(Inspect, SaysHowWeightsAreEncoded) {
  graph::ParameterStore parameters;
  parameters.encode(parameters.declare("W", {4, 6}), tensor::block_circulant(2));
  parameters.declare("b", {1, 5});
  for (graph::ParameterId id = 0; id < 2; ++id) {
    tensor::Tensor value(parameters[id].stored_shape());
    for (float& v : value.values()) v = 0.5F;
    parameters.assign(id, std::move(value));
  }
  io::save_weights(folder_.path("w"), parameters, "m", {});
  const auto found = inspect({.file = folder_.path("w")}).report;
  EXPECT_EQ(found["parameters"], 12 + 5) << "what is stored";
  EXPECT_EQ(found["tensors"][0],
            (ordered_json{
                {"name", "W"}, {"rows", 4}, {"columns", 6}, {"encoding", "block_circulant:k=2"}}));
  EXPECT_EQ(found["tensors"][1]["encoding"], "dense");
}

TEST_F(Inspect, KnowsPolicies) {
  const std::string text = R"({"format":"sheaf-fsm-2","model":"m","encoding":"sort",)"
                           R"("types":["leaf","node"],"history":[],"states":[)"
                           R"({"ready":["node","leaf"],"run":"leaf","value":-1.5,)"
                           R"("q":{"leaf":-1.5,"node":-2}}]})";
  const auto found = report(text);
  EXPECT_EQ(found["kind"], "policy");
  EXPECT_EQ(found["encoding"], "sort");
  EXPECT_EQ(found["states"], 1);
  EXPECT_EQ(found["table"][0]["ready"], "node leaf");
  EXPECT_EQ(found["table"][0]["run"], "leaf");
  EXPECT_EQ(found["table"][0]["tried"], 2);
}

TEST_F(Inspect, NamesTheProblemOfAPolicy) {
  const Inspection found = inspect_text(R"({"format":"sheaf-fsm-9"})");
  EXPECT_EQ(found.report["kind"], "policy");
  EXPECT_TRUE(found.problem);
}

TEST_F(Inspect, TextCutsLongLists) {
  const ordered_json rows = {{{"name", "a"}}, {{"name", "b"}}, {{"name", "c"}}};
  const std::string text = to_text({{"labels", {{"O", 1000}, {"X", 2}}}, {"tensors", rows}}, 1);
  EXPECT_NE(text.find("O 1,000, ... 1 more\n"), std::string::npos) << text;
  EXPECT_NE(text.find("... 2 more\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace sheaf::study
