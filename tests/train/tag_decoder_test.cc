// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/tag_decoder.h"

#include <gtest/gtest.h>

#include <functional>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/nn/tag_scheme.h"
#include "tests/message_of.h"

namespace sheaf::train {
namespace {

using Tags = std::vector<std::uint32_t>;

const nn::Vocabulary kBmes = {"B-X", "M-X", "E-X", "S-Y", "O"};

std::unique_ptr<nn::Model> model(const std::string& name, bool crf = false) {
  auto made = nn::make_model(name, {.hidden = 4, .vocabulary = 9, .classes = 5, .crf = crf});
  nn::initialise(made->network().parameters(), 3, nn::Vocabulary{});
  return made;
}

engine::InstanceOutputs random_rows(std::size_t length, base::Rng& rng) {
  engine::InstanceOutputs outputs;
  for (std::size_t t = 0; t < length; ++t) {
    auto& row = outputs.rows.emplace_back(kBmes.size());
    for (float& value : row) value = rng.uniform(-3, 0);
  }
  return outputs;
}

// The sequence of the highest score among those that are `allowed`, one after the other.
Tags best_of(std::size_t length, const std::function<bool(const Tags&)>& allowed,
             const std::function<double(const Tags&)>& score) {
  Tags best;
  Tags tags(length, 0);
  for (;;) {
    if (allowed(tags) && (best.empty() || score(tags) > score(best))) best = tags;
    std::size_t t = 0;
    while (t < length && ++tags[t] == kBmes.size()) tags[t++] = 0;
    if (t == length) return best;
  }
}

double score_of_rows(const engine::InstanceOutputs& outputs, std::size_t first, const Tags& tags) {
  double sum = 0;
  for (std::size_t t = 0; t < tags.size(); ++t) sum += double{outputs.rows[first + t][tags[t]]};
  return sum;
}

TEST(TagDecoder, LegalIsTheBestOfAllLegalSequences) {
  const auto tagger = model("bilstm_tagger");
  const TagDecoder decoder(*tagger, kBmes, Decode::legal);
  const nn::TagChain rules = *nn::legal_chain(kBmes);
  base::Rng rng(4, "legal");
  int greedy_is_illegal = 0;
  for (int round = 0; round < 12; ++round) {
    const auto outputs = random_rows(4, rng);
    const Tags best = best_of(
        4, [&](const Tags& tags) { return is_legal(rules, tags); },
        [&](const Tags& tags) { return score_of_rows(outputs, 0, tags); });
    EXPECT_EQ(decoder.decode(nn::Sentence{}, outputs), best);
    greedy_is_illegal += is_legal(rules, predicted_labels(outputs)) ? 0 : 1;
  }
  EXPECT_GT(greedy_is_illegal, 3);
}

TEST(TagDecoder, ViterbiAddsTheTransitionsThatWereLearned) {
  const auto tagger = model("bilstm_tagger", true);
  graph::ParameterStore& parameters = tagger->network().parameters();
  base::Rng rng(6, "viterbi");
  for (const char* slot : {"crf.start", "crf.transitions", "crf.stop"}) {
    for (float& value : parameters.change(parameters.find(slot))) value = rng.uniform(-3, 3);
  }
  const auto at = [&](const char* slot, std::size_t index) {
    return double{parameters[parameters.find(slot)].value.values()[index]};
  };
  const nn::TagChain rules = *nn::legal_chain(kBmes);
  for (int round = 0; round < 8; ++round) {
    const auto outputs = random_rows(4, rng);
    const auto score = [&](const Tags& tags) {
      double sum =
          score_of_rows(outputs, 0, tags) + at("crf.start", tags[0]) + at("crf.stop", tags.back());
      for (std::size_t t = 1; t < tags.size(); ++t) {
        sum += at("crf.transitions", tags[t] * kBmes.size() + tags[t - 1]);
      }
      return sum;
    };
    EXPECT_EQ(TagDecoder(*tagger, kBmes, Decode::viterbi).decode(nn::Sentence{}, outputs),
              best_of(
                  4, [](const Tags&) { return true; }, score));
    EXPECT_EQ(TagDecoder(*tagger, kBmes, Decode::legal).decode(nn::Sentence{}, outputs),
              best_of(
                  4, [&](const Tags& tags) { return is_legal(rules, tags); }, score));
    EXPECT_EQ(TagDecoder(*tagger, kBmes, Decode::greedy).decode(nn::Sentence{}, outputs),
              predicted_labels(outputs));
  }
}

TEST(TagDecoder, Position0OfALatticeIsNotInTheSequence) {
  const auto lattices = model("lattice_lstm");
  const TagDecoder decoder(*lattices, kBmes, Decode::legal);
  engine::InstanceOutputs outputs;
  outputs.rows = {{0, 9, 0, 0, 0}, {5, 0, 0, 0, 4}, {0, 0, 2, 0, 3}};  // M-X; B-X, E-X
  EXPECT_EQ(decoder.decode(nn::Lattice{}, outputs), (Tags{1, 0, 2}));
  outputs.rows.resize(1);
  EXPECT_EQ(decoder.decode(nn::Lattice{}, outputs), (Tags{1}));
  EXPECT_TRUE(decoder.decode(nn::Lattice{}, {}).empty());
}

TEST(TagDecoder, WithoutALegalSequenceTheFewestRulesAreBroken) {
  const auto tagger = nn::make_model("bilstm_tagger", {.hidden = 4, .classes = 2});
  const TagDecoder decoder(*tagger, {"B-X", "E-X"}, Decode::legal);
  engine::InstanceOutputs outputs;
  outputs.rows = {{0, 1}, {0, 1}, {0, 1}};
  // One of three tags is left over: E-X first, or B-X last.
  EXPECT_EQ(decoder.decode(nn::Sentence{}, outputs), (Tags{1, 0, 1}));
}

TEST(DefaultDecode, IsLegalWhere99Of100TrainingSequencesAre) {
  const auto tagger = model("bilstm_tagger");
  const auto sentences = [](std::vector<Tags> labels) {
    std::vector<nn::Instance> instances;
    for (Tags& tags : labels) {
      nn::Sentence sentence;
      sentence.ids.resize(tags.size());
      sentence.labels = std::move(tags);
      instances.emplace_back(std::move(sentence));
    }
    return instances;
  };
  const auto legal = sentences({{0, 1, 2, 4}, {}, {3}});
  const auto illegal = sentences({{4}, {0, 1}});
  EXPECT_EQ(default_decode(*tagger, legal, kBmes), Decode::legal);
  EXPECT_EQ(default_decode(*tagger, illegal, kBmes), Decode::greedy);
  auto nearly = sentences(std::vector<Tags>(99, Tags{0, 2}));
  nearly.push_back(illegal.back());
  EXPECT_EQ(default_decode(*tagger, nearly, kBmes), Decode::legal);
  nearly.pop_back();
  nearly.back() = illegal.back();
  EXPECT_EQ(default_decode(*tagger, nearly, kBmes), Decode::greedy);
  EXPECT_EQ(default_decode(*model("bilstm_tagger", true), illegal, kBmes), Decode::viterbi);
  EXPECT_EQ(default_decode(*tagger, legal, {"a", "b", "c", "d", "e"}), Decode::greedy);
  EXPECT_EQ(default_decode(*model("tree_lstm"), {}, kBmes), Decode::greedy);
}

TEST(TagDecoder, MessagesOfWaysThatDoNotFit) {
  const auto refusal = [](const nn::Model& of, const nn::Vocabulary& labels, Decode decode) {
    return test::message_of<base::UsageError>(
        [&] { static_cast<void>(TagDecoder(of, labels, decode)); });
  };
  EXPECT_EQ(refusal(*model("bilstm_tagger"), kBmes, Decode::viterbi),
            "[decoding] 'viterbi': got a model without transitions, expected one that was trained "
            "with --loss crf");
  EXPECT_EQ(refusal(*model("bilstm_tagger"), {"NN", "O"}, Decode::legal),
            "[decoding] 'legal': got labels of no scheme, expected those of BMES or BIO");
  EXPECT_EQ(refusal(*model("tree_lstm"), kBmes, Decode::legal),
            "[decoding] 'legal': got model tree_lstm, expected one that tags sequences");
  EXPECT_EQ(test::message_of<base::UsageError>([] { static_cast<void>(parse_decode("leagl")); }),
            "[decoding] unknown way: got 'leagl'; did you mean 'legal'?");
  EXPECT_EQ(parse_decode(name(Decode::viterbi)), Decode::viterbi);
}

}  // namespace
}  // namespace sheaf::train
