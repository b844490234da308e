// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/model_gradients.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "sheaf/base/error.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/train/updater.h"
#include "tests/engine/instances.h"
#include "tests/message_of.h"

namespace sheaf {
namespace {

std::vector<std::uint32_t> first(std::uint32_t count) {
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0U);
  return indices;
}

// Random sentences and dependency trees have no labels.
void add_labels(std::vector<nn::Instance>& instances) {
  const auto label = [](const std::vector<std::uint32_t>& words,
                        std::vector<std::uint32_t>& labels) {
    labels.clear();
    for (const std::uint32_t word : words) labels.push_back(word % test::kClasses);
  };
  for (nn::Instance& instance : instances) {
    if (auto* sentence = std::get_if<nn::Sentence>(&instance))
      label(sentence->ids, sentence->labels);
    if (auto* tree = std::get_if<nn::DependencyTree>(&instance)) label(tree->words, tree->labels);
  }
}

class TrainedModels : public testing::TestWithParam<std::string> {};

TEST_P(TrainedModels, LearnTheirTrainingData) {
  const auto model = test::seeded_model(GetParam(), 16);
  auto instances = test::random_instances(GetParam(), 12, 6);
  add_labels(instances);
  train::ModelGradients source(*model, instances, {}, {});
  train::UpdateOptions options;
  options.optimiser.name = "adam";
  options.rate.base = 0.02;
  train::Updater updater(options, model->network().parameters());
  graph::Gradients gradients;
  const auto minibatch = first(12);
  double before = 0;
  double after = 0;
  for (std::uint64_t step = 0; step < 60; ++step) {
    const train::StepLoss loss = source.run(minibatch, step, gradients);
    ASSERT_GT(loss.terms, 0U);
    after = loss.loss / static_cast<double>(loss.terms);
    if (step == 0) before = after;
    updater.apply(gradients, step);
  }
  EXPECT_LT(after, 0.7 * before);
}

INSTANTIATE_TEST_SUITE_P(Models, TrainedModels,
                         testing::Values("tree_lstm", "tree_gru", "child_sum_tree_lstm",
                                         "bilstm_tagger", "bilstm_tagger_char", "lstm_nmt"),
                         test::model_name);

// Gradients of a model that is trained with dropout, in update `step`.
graph::Gradients dropped_gradients(std::uint64_t step, train::StepLoss& loss) {
  const auto model = test::seeded_model("tree_lstm", 16);
  const auto instances = test::random_instances("tree_lstm", 8, 6);
  train::LossOptions options;
  options.dropout_lookups = 0.3F;
  options.dropout_heads = 0.5F;
  train::ModelGradients source(*model, instances, options, {});
  graph::Gradients gradients;
  loss = source.run(first(8), step, gradients);
  return gradients;
}

TEST(ModelGradients, DropoutIsAFunctionOfTheStep) {
  train::StepLoss once;
  train::StepLoss again;
  train::StepLoss other;
  const auto a = dropped_gradients(5, once);
  const auto b = dropped_gradients(5, again);
  dropped_gradients(6, other);
  EXPECT_EQ(once.loss, again.loss);
  EXPECT_NE(once.loss, other.loss);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = a[i].dense.values();
    const auto y = b[i].dense.values();
    EXPECT_TRUE(std::equal(x.begin(), x.end(), y.begin(), y.end()));
  }
}

TEST(ModelGradients, NameTheFirstValueThatIsNotFinite) {
  const auto model = test::seeded_model("tree_lstm", 16);
  const auto instances = test::random_instances("tree_lstm", 4, 6);
  train::ModelGradients source(*model, instances, {}, {});
  auto& parameters = model->network().parameters();
  parameters.change(parameters.find("node.b_u"))[3] = std::numeric_limits<float>::quiet_NaN();
  graph::Gradients gradients;
  const std::vector<std::uint32_t> minibatch = {2, 1, 3};
  EXPECT_TRUE(std::isnan(source.run(minibatch, 0, gradients).loss));
  EXPECT_NE(source.explain_non_finite().find("a value of a call of node (node"), std::string::npos)
      << source.explain_non_finite();
}

TEST(ModelGradients, WeightsOfClassesScaleTheirTerms) {
  const auto instances = test::random_instances("tree_lstm", 6, 6);
  const auto loss_with = [&](std::vector<float> weights) {
    const auto model = test::seeded_model("tree_lstm", 16);
    train::LossOptions options;
    options.class_weights = std::move(weights);
    train::ModelGradients source(*model, instances, options, {});
    graph::Gradients gradients;
    return source.run(first(6), 0, gradients).loss;
  };
  const double plain = loss_with({});
  EXPECT_DOUBLE_EQ(loss_with({1, 1, 1, 1, 1}), plain);
  EXPECT_NEAR(loss_with({2, 2, 2, 2, 2}), plain, 1e-5 * plain);
  EXPECT_EQ(loss_with({0, 0, 0, 0, 0}), 0);
}

// sum of w l over sum of w, as torch.nn.CrossEntropyLoss(weight=w) means it.
TEST(ModelGradients, WeightedLossesAndGradientsAreMeansByWeight) {
  const auto instances = test::random_instances("tree_lstm", 6, 6);
  // Losses and gradients of the classes alone add up to those of all.
  const auto run = [&](std::vector<float> weights, train::Normaliser normaliser,
                       graph::Gradients& gradients) {
    const auto model = test::seeded_model("tree_lstm", 16);
    train::LossOptions options;
    options.normaliser = normaliser;
    options.class_weights = std::move(weights);
    train::ModelGradients source(*model, instances, options, {});
    const train::StepLoss loss = source.run(first(6), 0, gradients);
    const auto& of = gradients[model->network().parameters().find("head.V")].dense.values();
    return std::pair(loss, std::vector<float>(of.begin(), of.end()));
  };
  graph::Gradients gradients;
  const std::vector<float> weights = {0.5F, 3, 1, 0, 2};
  const auto [loss, gradient] = run(weights, train::Normaliser::terms, gradients);
  double sum = 0;
  double weight = 0;
  std::vector<double> wanted(gradient.size());
  for (std::uint32_t c = 0; c < 5; ++c) {
    std::vector<float> one(5, 0.0F);
    one[c] = 1;
    const auto [of_class, part] = run(one, train::Normaliser::one, gradients);
    const double count = of_class.weight;
    const double mean = of_class.loss / static_cast<double>(of_class.terms);
    sum += double{weights[c]} * mean * count;
    weight += double{weights[c]} * count;
    for (std::size_t j = 0; j < part.size(); ++j) wanted[j] += double{weights[c]} * double{part[j]};
  }
  EXPECT_NEAR(loss.weight, weight, 1e-9);
  EXPECT_NEAR(loss.loss / static_cast<double>(loss.terms), sum / weight, 1e-5);
  for (std::size_t j = 0; j < wanted.size(); ++j) {
    EXPECT_NEAR(double{gradient[j]}, wanted[j] / weight, 1e-6);
  }
}

TEST(ModelGradients, HingeIsTheMeanMarginThatIsMissing) {
  const auto instances = test::random_instances("tree_lstm", 6, 6);
  const auto model = test::seeded_model("tree_lstm", 16);
  const auto outputs = engine::run_all(*model, instances, engine::make_order(6, 6, {}),
                                       *engine::compile(model->network(), {}));
  double wanted = 0;
  std::vector<std::uint32_t> labels;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    labels.clear();
    model->targets(instances[i], labels);
    for (std::size_t o = 0; o < labels.size(); ++o) {
      const std::vector<float>& row = outputs[i].rows[o];
      for (std::uint32_t c = 0; c < row.size(); ++c) {
        if (c == labels[o]) continue;
        wanted += std::max(0.0, 1 + double{row[c]} - double{row[labels[o]]}) /
                  static_cast<double>(row.size());
      }
    }
  }
  train::LossOptions options;
  options.loss = train::Loss::hinge;
  train::ModelGradients source(*model, instances, options, {});
  graph::Gradients gradients;
  EXPECT_NEAR(source.run(first(6), 0, gradients).loss, wanted, 1e-5 * wanted);
}

class CrfGradients : public testing::TestWithParam<std::string> {
 protected:
  static constexpr std::uint32_t kTags = 3;

  CrfGradients() : instances_(test::random_instances(GetParam(), 7, 5)) {
    for (nn::Instance& instance : instances_) {
      if (auto* sentence = std::get_if<nn::Sentence>(&instance)) {
        for (const std::uint32_t id : sentence->ids) sentence->labels.push_back(id % kTags);
      }
      if (auto* lattice = std::get_if<nn::Lattice>(&instance)) {
        lattice->labels = {nn::kNoLabel};
        for (std::uint32_t p = 1; p < lattice->positions(); ++p) {
          lattice->labels.push_back(lattice->arcs[lattice->arc_begin[p]].id % kTags);
        }
      }
    }
  }
  [[nodiscard]] static std::unique_ptr<nn::Model> make() {
    auto model = nn::make_model(GetParam(), {.hidden = 8,
                                             .vocabulary = test::kVocabulary,
                                             .characters = test::kCharacters,
                                             .classes = kTags,
                                             .crf = true});
    nn::initialise(model->network().parameters(), 2, nn::Vocabulary{});
    graph::ParameterStore& parameters = model->network().parameters();
    for (float& value : parameters.change(parameters.find("crf.transitions"))) value *= 10;
    return model;
  }
  // By the definition: log of the sum over all sequences of tags.
  [[nodiscard]] double brute_force(const nn::Model& model, std::uint64_t& terms) const {
    const auto outputs =
        engine::run_all(model, instances_, engine::make_order(instances_.size(), 8, {}),
                        *engine::compile(model.network(), {}));
    const graph::ParameterStore& parameters = model.network().parameters();
    const auto at = [&](const char* name, std::size_t index) {
      return double{parameters[parameters.find(name)].value.values()[index]};
    };
    double loss = 0;
    for (std::size_t i = 0; i < instances_.size(); ++i) {
      std::vector<std::uint32_t> gold;
      model.targets(instances_[i], gold);
      const std::size_t skipped = std::holds_alternative<nn::Lattice>(instances_[i]) ? 1 : 0;
      const std::vector<std::uint32_t> tags(gold.begin() + static_cast<std::ptrdiff_t>(skipped),
                                            gold.end());
      if (tags.empty()) continue;
      terms += tags.size();
      const auto score = [&](const std::vector<std::uint32_t>& y) {
        double s = at("crf.start", y.front()) + at("crf.stop", y.back());
        for (std::size_t t = 0; t < y.size(); ++t) {
          s += double{outputs[i].rows[skipped + t][y[t]]};
          if (t > 0) s += at("crf.transitions", y[t] * kTags + y[t - 1]);
        }
        return s;
      };
      double z = 0;
      std::vector<std::uint32_t> y(tags.size(), 0);
      for (std::size_t t = 0; t < y.size();) {
        z += std::exp(score(y));
        for (t = 0; t < y.size() && ++y[t] == kTags; ++t) y[t] = 0;
      }
      loss += std::log(z) - score(tags);
    }
    return loss;
  }

  std::vector<nn::Instance> instances_;
};

TEST_P(CrfGradients, LossIsTheLikelihoodOverAllSequences) {
  std::uint64_t terms = 0;
  const double wanted = brute_force(*make(), terms);
  const auto model = make();
  train::LossOptions options;
  options.loss = train::Loss::crf;
  train::ModelGradients source(*model, instances_, options, {});
  graph::Gradients gradients;
  const train::StepLoss loss = source.run(first(7), 0, gradients);
  EXPECT_EQ(loss.terms, terms);
  EXPECT_NEAR(loss.loss, wanted, 1e-5 * wanted);
}

TEST_P(CrfGradients, AreTheDifferencesOfTheLoss) {
  const auto model = make();
  train::LossOptions options;
  options.loss = train::Loss::crf;
  options.normaliser = train::Normaliser::one;
  train::ModelGradients source(*model, instances_, options, {});
  graph::Gradients gradients;
  source.run(first(7), 0, gradients);
  for (const char* name : {"crf.start", "crf.transitions", "crf.stop"}) {
    const auto id = model->network().parameters().find(name);
    for (std::size_t i = 0; i < gradients[id].dense.values().size(); ++i) {
      const auto loss_at = [&](float step) {
        const auto other = make();
        other->network().parameters().change(other->network().parameters().find(name))[i] += step;
        std::uint64_t terms = 0;
        return brute_force(*other, terms);
      };
      EXPECT_NEAR(double{gradients[id].dense.values()[i]},
                  (loss_at(0.01F) - loss_at(-0.01F)) / 0.02, 2e-3)
          << name << " " << i;
    }
  }
}

TEST_P(CrfGradients, ChangeNoBitWithThePolicy) {
  const auto gradients_with = [&](const std::string& policy) {
    const auto model = make();
    train::LossOptions options;
    options.loss = train::Loss::crf;
    options.dropout_lookups = 0.2F;
    options.dropout_heads = 0.2F;
    engine::Options session;
    session.policy = policy;
    train::ModelGradients source(*model, instances_, options, session);
    graph::Gradients gradients;
    source.run(first(7), 3, gradients);
    return gradients;
  };
  const auto one = gradients_with("critical");
  const auto two = gradients_with("single");
  ASSERT_EQ(one.size(), two.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    const auto a = one[i].dense.values();
    const auto b = two[i].dense.values();
    ASSERT_EQ(a.size(), b.size());
    EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  }
}

INSTANTIATE_TEST_SUITE_P(Models, CrfGradients,
                         testing::Values("bilstm_tagger", "bilstm_tagger_char", "lattice_lstm",
                                         "lattice_lstm_bi", "lac"),
                         test::model_name);

TEST(ModelGradients, MessagesOfLossesThatDoNotFit) {
  const auto instances = test::random_instances("bilstm_tagger", 3, 4);
  const auto refusal = [&](train::LossOptions options, bool crf) {
    const auto model = nn::make_model(
        "bilstm_tagger", {.hidden = 8, .vocabulary = test::kVocabulary, .classes = 3, .crf = crf});
    nn::initialise(model->network().parameters(), 2, nn::Vocabulary{});
    return test::message_of<base::UsageError>(
        [&] { train::ModelGradients(*model, instances, std::move(options), {}); });
  };
  train::LossOptions crf;
  crf.loss = train::Loss::crf;
  EXPECT_EQ(
      refusal(crf, false),
      "[model bilstm_tagger] loss: got crf, expected a model with a conditional random field");
  EXPECT_EQ(refusal({}, true),
            "[model bilstm_tagger] loss: got a loss that does not train the model's CRF, expected "
            "crf");
  crf.class_weights = {1, 1, 1};
  EXPECT_EQ(refusal(crf, true),
            "[model bilstm_tagger] loss: got weights of classes and another loss, expected "
            "cross_entropy");
  EXPECT_EQ(test::message_of<base::UsageError>([] {
              static_cast<void>(nn::make_model("tree_lstm", {.classes = 3, .crf = true}));
            }),
            "[model tree_lstm] conditional random field: got outputs that are no sequence of tags, "
            "expected a tagger, a lattice model or lac");
}

TEST(ModelGradients, WeightsOfClassesAreNotTrained) {
  const auto model = test::seeded_model("tree_lstm", 16);
  const auto instances = test::random_instances("tree_lstm", 6, 6);
  train::LossOptions options;
  options.class_weights = {1, 2, 3, 4, 5};
  train::ModelGradients source(*model, instances, options, {});
  graph::Gradients gradients;
  source.run(first(6), 0, gradients);
  const auto& of = gradients[model->network().parameters().find("loss.weights")];
  EXPECT_TRUE(of.rows.empty());
  EXPECT_EQ(of.dense.values().size(), 0U);
}

TEST(ModelGradients, AreTheSameForAnyNumberOfMinibatchesBefore) {
  const auto instances = test::random_instances("lattice_lstm", 8, 6);
  const auto gradients_after = [&](int runs) {
    const auto model = test::seeded_model("lattice_lstm", 16);
    train::ModelGradients source(*model, instances, {}, {});
    graph::Gradients gradients;
    for (int i = 0; i <= runs; ++i) source.run(first(8), 0, gradients);
    return gradients;
  };
  const auto once = gradients_after(0);
  const auto often = gradients_after(2);
  for (std::size_t i = 0; i < once.size(); ++i) {
    const auto a = once[i].dense.values();
    const auto b = often[i].dense.values();
    ASSERT_EQ(a.size(), b.size());
    EXPECT_TRUE(a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
  }
}

}  // namespace
}  // namespace sheaf
