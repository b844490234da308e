// SPDX-License-Identifier: Apache-2.0
//
// Vocabularies of training data, and other data that are read with them.
#include "sheaf/engine/vocabulary_builder.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"

namespace sheaf::engine {
namespace {

using nn::kNoLabel;
using nn::Vocabulary;
using Numbers = std::vector<std::uint32_t>;

class VocabularyBuilderTest : public testing::Test {
 protected:
  [[nodiscard]] WorkloadOptions options(const std::string& model, const std::string& text,
                                        const std::string& name = "train") const {
    return {.model = model, .data = folder_.write(name, text), .hidden = 8};
  }
  [[nodiscard]] static nn::Vocabularies build(const WorkloadOptions& options,
                                              std::optional<std::uint32_t> min_count = {}) {
    const nn::Vocabularies whole = build_vocabularies(options, {.min_count = min_count});
    // A block per record gives the same.
    const nn::Vocabularies cut =
        build_vocabularies(options, {.min_count = min_count, .block_bytes = 1});
    EXPECT_EQ(cut.words, whole.words);
    EXPECT_EQ(cut.characters, whole.characters);
    EXPECT_EQ(cut.target, whole.target);
    EXPECT_EQ(cut.labels, whole.labels);
    return whole;
  }
  // The only instance of other data, read with the vocabularies of the training data.
  [[nodiscard]] nn::Instance read(WorkloadOptions training, const std::string& text) const {
    training.vocabularies = build_vocabularies(training);
    training.data = folder_.write("dev", text);
    const auto instances = read_instances(training);
    EXPECT_EQ(instances.size(), 1U);
    return instances.at(0);
  }
  template <typename Act>
  [[nodiscard]] std::string refusal(Act act) const {
    std::string text = test::message_of<base::Error>(act);
    for (std::size_t at = text.find(folder_.path()); at != std::string::npos;
         at = text.find(folder_.path())) {
      text.replace(at, folder_.path().size(), "D");
    }
    return text;
  }

  const test::TempFolder folder_;
};

TEST_F(VocabularyBuilderTest, WordsComeInTheOrderOfTheirFirstAppearance) {
  const auto names = build(options("bilstm_tagger", "b|Y a|X\nc|X b|Y\n"));
  EXPECT_EQ(names.words, (Vocabulary{"<unk>", "b", "a", "c"}));
  EXPECT_EQ(names.labels, (Vocabulary{"Y", "X"}));
  EXPECT_TRUE(names.target.empty());
  EXPECT_TRUE(names.characters.empty());
}

TEST_F(VocabularyBuilderTest, RareWordsHaveNoRowButTheirTagsCount) {
  const auto names = build(options("bilstm_tagger", "b|Y a|X\nc|Z b|Y a|X\n"), 2);
  EXPECT_EQ(names.words, (Vocabulary{"<unk>", "b", "a"}));
  EXPECT_EQ(names.labels, (Vocabulary{"Y", "X", "Z"}));
}

TEST_F(VocabularyBuilderTest, OtherDataAreReadWithTheWordsOfTheTrainingData) {
  const auto sentence = std::get<nn::Sentence>(
      read(options("bilstm_tagger", "a|X b|Y\n"), "new|Y b|X a|X <unk>|X\n"));
  EXPECT_EQ(sentence.ids, (Numbers{0, 2, 1, 0}));
  EXPECT_EQ(sentence.labels, (Numbers{1, 0, 0, 0}));
}

TEST_F(VocabularyBuilderTest, ATagThatTrainingLacksIsNamed) {
  EXPECT_EQ(refusal([&] { static_cast<void>(read(options("bilstm_tagger", "a|X\n"), "a|Q\n")); }),
            "[D/dev:1] tag: got 'Q', expected one of the 1 that the weights have; known are 'X'");
}

TEST_F(VocabularyBuilderTest, ATagThatTrainingLacksIsNoneWhereThatIsWanted) {
  WorkloadOptions training = options("bilstm_tagger", "a|X\n");
  training.unknown_labels_are_none = true;
  EXPECT_EQ(std::get<nn::Sentence>(read(training, "a|Q a|X\n")).labels, (Numbers{kNoLabel, 0}));
}

TEST_F(VocabularyBuilderTest, RareWordsOfASpellerGiveItsCharacters) {
  const auto names = build(options("bilstm_tagger_char", "ab|X cb|X ab|X\nab|X ab|X ab|X da|X\n"));
  EXPECT_EQ(names.words, (Vocabulary{"<unk>", "ab"}));
  EXPECT_EQ(names.characters, (Vocabulary{"<unk>", "c", "b", "d", "a"}));
  const auto twice = build(options("bilstm_tagger_char", "ab|X cb|X ab|X\n"), 2);
  EXPECT_EQ(twice.words, (Vocabulary{"<unk>", "ab"}));
}

TEST_F(VocabularyBuilderTest, TheSpellersVocabularyIsThatOfItsCounts) {
  const WorkloadOptions training =
      options("bilstm_tagger_char", "ab|X ab|X ab|X ab|X ab|X cb|X\nde|X cb|Y\n");
  const Workload counted = open_workload(training);
  const auto names = build(training);
  EXPECT_EQ(names.words, counted.vocabularies.words);
  EXPECT_EQ(names.characters, counted.vocabularies.characters);
  EXPECT_EQ(names.labels, counted.vocabularies.labels);
  const auto sentence = std::get<nn::Sentence>(read(training, "ab|X bx|Y\n"));
  EXPECT_EQ(sentence.ids, (Numbers{1, 0}));
  EXPECT_EQ(sentence.spelling, (Numbers{2, 0}));
}

TEST_F(VocabularyBuilderTest, TreesHaveTheBenchmarksLabelsOrMore) {
  EXPECT_EQ(build(options("tree_lstm", "(1 (_ a) (0 b))\n")).labels,
            (Vocabulary{"0", "1", "2", "3", "4"}));
  const auto names = build(options("tree_lstm", "(6 (_ a) (0 b))\n"));
  EXPECT_EQ(names.labels.size(), 7U);
  EXPECT_EQ(names.words, (Vocabulary{"<unk>", "a", "b"}));
}

TEST_F(VocabularyBuilderTest, ATreesLabelBeyondThoseOfTrainingIsRefused) {
  const WorkloadOptions training = options("tree_lstm", "(1 a)\n");
  EXPECT_EQ(refusal([&] { static_cast<void>(read(training, "(5 a)\n")); }),
            "[D/dev:1:2] label: got '5', expected 0 to 4");
  EXPECT_EQ(refusal([&] { static_cast<void>(build(options("tree_lstm", "(70000 a)\n"))); }),
            "[D/train] largest label: got 70000, expected below 65536");
}

TEST_F(VocabularyBuilderTest, IdsAndTagsOfIntegerLatticesAreNames) {
  const WorkloadOptions training = options("lattice_lstm", "1\n3\n0 7 3\n0\n1 0 40\n2 1 9 0 40\n");
  const auto names = build(training);
  EXPECT_EQ(names.words, (Vocabulary{"<unk>", "40", "9"}));
  EXPECT_EQ(names.labels, (Vocabulary{"7", "3"}));
  const auto lattice = std::get<nn::Lattice>(read(training, "1\n2\n0 3\n0\n2 0 9 0 5000\n"));
  EXPECT_EQ(lattice.arcs[0].id, 2U);
  EXPECT_EQ(lattice.arcs[1].id, 0U);
  EXPECT_EQ(lattice.labels, (Numbers{kNoLabel, 1}));
}

TEST_F(VocabularyBuilderTest, LatticesOfTextHaveTheTagsOfTheText) {
  WorkloadOptions training = options("lattice_lstm", "北 B-L\n京 E-L\n\n人 O\n");
  training.lexicon = folder_.write("lexicon", "北京 3\n");
  const auto names = build(training);
  EXPECT_EQ(names.words, (Vocabulary{"<unk>", "北", "京", "北京", "人"}));
  EXPECT_EQ(names.labels, (Vocabulary{"B-L", "E-L", "O"}));
  training.vocabularies = names;
  const Workload workload = open_workload(training);
  EXPECT_EQ(std::get<nn::Lattice>(workload.instances.at(0)).labels, (Numbers{kNoLabel, 0, 1}));
  const graph::Network& network = workload.model->network();
  const graph::ParameterStore& parameters = network.parameters();
  EXPECT_EQ(parameters[parameters.find("head.V")].shape.rows, 3U);
}

TEST_F(VocabularyBuilderTest, TranslationsHaveTheirFullVocabularyAndAnEnd) {
  WorkloadOptions training = options("lstm_nmt", "a b\nb c\n");
  training.target = folder_.write("target", "x y\ny z\n");
  const auto names = build(training);
  EXPECT_EQ(names.words, (Vocabulary{"<unk>", "a", "b", "c"}));
  EXPECT_EQ(names.target, (Vocabulary{"<unk>", "x", "y", "</s>", "z"}));
  const auto frequent = build(training, 3);
  EXPECT_EQ(frequent.target, (Vocabulary{"<unk>", "</s>"}));
  training.vocabularies = names;
  training.data = folder_.write("dev", "c q\n");
  training.target = folder_.write("dev_target", "z q\n");
  const auto pair = std::get<nn::SentencePair>(read_instances(training).at(0));
  EXPECT_EQ(pair.source, (Numbers{3, 0}));
  EXPECT_EQ(pair.target, (Numbers{4, 0, 3}));
}

TEST_F(VocabularyBuilderTest, TargetsMayBeFolded) {
  WorkloadOptions training = options("lstm_nmt", "a b\n");
  training.target = folder_.write("target", "x y\n");
  training.target_rows = 2;
  EXPECT_EQ(build(training, 5).target, (Vocabulary{"0", "1"}));
}

TEST_F(VocabularyBuilderTest, RelationsAndLabelsOfGraphsAreClasses) {
  const char* word = "1\tdogs\t_\t_\t_\t_\t0\troot\t_\t_\n";
  EXPECT_EQ(build(options("child_sum_tree_lstm", word)).labels, (Vocabulary{"root"}));
  const auto names = build(options(
      "dag_gru", "{\"nodes\": [\"a\", \"b\"], \"edges\": [], \"labels\": [\"L\", null]}\n"));
  EXPECT_EQ(names.words, (Vocabulary{"<unk>", "a", "b"}));
  EXPECT_EQ(names.labels, (Vocabulary{"L"}));
}

TEST_F(VocabularyBuilderTest, RandomDataHaveAllTheirNames) {
  const auto names =
      build_vocabularies({.model = "bilstm_tagger", .data = "random:sentences,n=1,tags=4"});
  EXPECT_EQ(names.words.size(), 1000U);
  EXPECT_EQ(names.labels.size(), 4U);
  EXPECT_EQ(build_vocabularies({.model = "tree_lstm", .data = "random:trees,n=1"}).labels.size(),
            5U);
}

TEST_F(VocabularyBuilderTest, DataThatCannotBeTrainedOnAreRefused) {
  EXPECT_EQ(refusal([&] { static_cast<void>(build(options("lac", "a\n"))); }),
            "[--model] model lac: got a model whose dictionaries are fixed, expected one that is "
            "trained on data of your own");
  EXPECT_EQ(refusal([] {
              static_cast<void>(build_vocabularies({.model = "bilstm_tagger", .data = "-"}));
            }),
            "[--data] data to train on: got standard input, expected a file, which can be read "
            "more than once");
  EXPECT_EQ(refusal([&] {
              static_cast<void>(build(options("dag_gru", "{\"nodes\": [\"a\"], \"edges\": []}\n")));
            }),
            "[D/train] labels to learn: got none, expected a label per output of model dag_gru");
  EXPECT_EQ(refusal([] {
              static_cast<void>(build_vocabularies({.model = "tree_lstm", .data = "random:dags"}));
            }),
            "[--data] model tree_lstm: got random dags, expected random trees");
}

TEST_F(VocabularyBuilderTest, AFaultInALaterBlockCountsItsLinesFromThere) {
  EXPECT_EQ(refusal([&] {
              static_cast<void>(build_vocabularies(options("bilstm_tagger", "a|X\nb|Y\nbad\n"),
                                                   {.block_bytes = 5}));
            }),
            "[D/train (from line 3 on):1] token 1: got 'bad', expected word|tag; text without tags "
            "is read with --format text");
}

}  // namespace
}  // namespace sheaf::engine
