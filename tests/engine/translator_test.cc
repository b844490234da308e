// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/translator.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/base/error.h"
#include "sheaf/engine/minibatches.h"
#include "tests/engine/instances.h"
#include "tests/message_of.h"

namespace sheaf::engine {
namespace {

using Words = std::vector<std::uint32_t>;

bool same(const std::vector<Decoded>& a, const std::vector<Decoded>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Decoded& x, const Decoded& y) {
    return x.words == y.words && x.log_probability == y.log_probability && x.ended == y.ended;
  });
}

class Translating : public testing::Test {
 protected:
  Translating()
      : model_(test::seeded_model("lstm_nmt")),
        nmt_(dynamic_cast<const nn::LstmNmt&>(*model_)),
        pairs_(test::random_instances("lstm_nmt", 30, 9)) {
    graph::ParameterStore& parameters = model_->network().parameters();
    // Large weights: translations differ.
    for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
      for (float& value : parameters.change(id)) value *= 12;
    }
    pairs_.emplace_back(nn::SentencePair{.source = {}, .target = {}});
  }

  [[nodiscard]] std::vector<Decoded> translate(TranslateOptions options,
                                               TranslateReport* report = nullptr) const {
    Translator translator(nmt_, options);
    std::vector<Decoded> translations(pairs_.size());
    const TranslateReport done =
        translator.translate(pairs_, [&](std::uint32_t index, Decoded translation) {
          translations[index] = std::move(translation);
        });
    if (report != nullptr) *report = done;
    return translations;
  }

  [[nodiscard]] const Words& source(std::size_t i) const {
    return std::get<nn::SentencePair>(pairs_[i]).source;
  }

  std::unique_ptr<nn::Model> model_;
  const nn::LstmNmt& nmt_;
  std::vector<nn::Instance> pairs_;
};

TEST_F(Translating, OneSentenceAtATimeGivesTheBitsOfAllTogether) {
  for (const std::uint32_t beam : {1U, 2U, 5U}) {
    const auto alone = translate({.beam = beam, .growing = {.most_alive = 1}});
    EXPECT_TRUE(same(translate({.beam = beam}), alone)) << beam;
    EXPECT_TRUE(same(translate({.beam = beam, .growing = {.most_alive = 5}}), alone)) << beam;
  }
}

TEST_F(Translating, GreedyTakesTheLikeliestWordGivenThoseBefore) {
  const auto translations = translate({});
  std::size_t ended = 0;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    // With teacher forcing the model is given its own words; each must be its first choice.
    Words words = translations[i].words;
    if (translations[i].ended) words.push_back(1);
    ended += translations[i].ended ? 1 : 0;
    const std::vector<nn::Instance> forced = {
        nn::SentencePair{.source = source(i), .target = words}};
    const auto session = compile(model_->network());
    const auto outputs = run_all(*model_, forced, make_order(1, 1, {}), *session);
    double sum = 0;
    for (std::size_t w = 0; w < words.size(); ++w) {
      const auto& row = outputs[0].rows[w];
      EXPECT_EQ(std::max_element(row.begin(), row.end()) - row.begin(), words[w]);
      sum += static_cast<double>(row[words[w]]);
    }
    EXPECT_EQ(sum, translations[i].log_probability);
    const std::size_t limit = 2 * source(i).size() + 10;
    EXPECT_LE(translations[i].words.size(), limit);
    if (!translations[i].ended) {
      EXPECT_EQ(translations[i].words.size(), limit);
    }
  }
  EXPECT_GT(ended, 0U);
  EXPECT_LT(ended, pairs_.size());
}

TEST_F(Translating, CellsAreCalledOncePerTokenThatIsDecoded) {
  TranslateReport report;
  const auto translations = translate({}, &report);
  std::size_t words = 0;
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    words += source(i).size();
    tokens += translations[i].words.size() + (translations[i].ended ? 1 : 0);
  }
  EXPECT_EQ(report.source_words, words);
  EXPECT_EQ(report.tokens, tokens);
  EXPECT_EQ(report.growing.calls[nmt_.encoder()], words);
  EXPECT_EQ(report.growing.calls[nmt_.decoder()], tokens);
  EXPECT_EQ(report.growing.calls[nmt_.head()], tokens);
  EXPECT_LT(report.growing.batches, tokens);
}

TEST_F(Translating, AWiderBeamSeldomFindsWorse) {
  const auto greedy = translate({});
  const auto wide = translate({.beam = 6});
  int better = 0;
  int worse = 0;
  for (std::size_t i = 0; i < greedy.size(); ++i) {
    if (wide[i].score() > greedy[i].score()) ++better;
    if (wide[i].score() < greedy[i].score()) ++worse;
  }
  EXPECT_GT(better, worse);
}

TEST_F(Translating, EndsAtTheLimit) {
  for (const Decoded& translation : translate({.most_words = 3})) {
    EXPECT_TRUE(translation.ended || translation.words.size() == 3U);
  }
}

TEST_F(Translating, RefusesOptionsThatDoNotFitTheModel) {
  EXPECT_EQ(test::message_of<base::UsageError>([&] { static_cast<void>(translate({.beam = 0})); }),
            "[translation] width of the beam: got 0, expected 1 or more");
  EXPECT_EQ(test::message_of<base::UsageError>([&] { static_cast<void>(translate({.end = 999})); }),
            "[translation] row of the end of a sentence: got 999, expected below " +
                std::to_string(test::kClasses));
  EXPECT_EQ(end_row({"<unk>", "a", "</s>"}), 2U);
  EXPECT_EQ(test::message_of<base::UnsupportedError>([&] { static_cast<void>(end_row({"0"})); }),
            "[vocabulary of the target] end of a sentence: got none, expected '</s>'; train "
            "without --target-rows");
}

}  // namespace
}  // namespace sheaf::engine
