// SPDX-License-Identifier: Apache-2.0
//
// Losses: their values by definition, their gradients against finite differences.
#include "sheaf/nn/losses.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "sheaf/autodiff/backward.h"
#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/engine/gradients.h"
#include "sheaf/nn/crf.h"
#include "tests/memory_plan/cell_evaluator.h"
#include "tests/message_of.h"

namespace sheaf {
namespace {

using test::Row;

double value_of(const graph::Cell& cell, std::vector<Row> inputs, std::uint32_t payload) {
  const graph::ParameterStore parameters{};
  return test::evaluate(cell, {}, parameters, inputs, payload).ports[0][0];
}

TEST(Losses, CrossEntropyIsMinusTheLogProbabilityOfTheLabel) {
  EXPECT_NEAR(value_of(*nn::cross_entropy(3), {{-1.5, -0.5, -1.2}}, 1), 0.5, 1e-12);
}

TEST(Losses, HingeIsPyTorchsMultiMarginLoss) {
  // torch.nn.functional.multi_margin_loss(tensor([[.1, .2, .4, .8]]), tensor([3])) is 0.325.
  EXPECT_NEAR(value_of(*nn::hinge(4), {{0.1, 0.2, 0.4, 0.8}}, 3), 0.325, 1e-7);
}

TEST(Losses, SquareErrorIsHalfTheSquaredDistance) {
  EXPECT_NEAR(value_of(*nn::square_error(2), {{1, 2}, {3, -1}}, 0), 6.5, 1e-12);
}

// One sequence of look-ups as emissions.
class Crf : public testing::Test {
 protected:
  static constexpr std::uint32_t kTags = 4;
  static constexpr std::uint32_t kWords = 3;

  Crf() {
    graph::CellBuilder cell("emission");
    cell.output(cell.lookup("table", kTags));
    network_.parameters().declare("table", {kWords, kTags});
    emission_ = network_.add_type("emission", std::make_shared<const graph::Cell>(cell.build()),
                                  {{"table", "table"}});
    crf_.emplace(network_, "crf", kTags);
    base::Rng rng(3, "crf");
    graph::ParameterStore& parameters = network_.parameters();
    for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
      tensor::Tensor value(parameters[id].shape);
      for (float& v : value.values()) v = rng.uniform(-1, 1);
      parameters.assign(id, std::move(value));
    }
  }

  void append(graph::Graph& graph, std::uint32_t instance, const std::vector<std::uint32_t>& words,
              const std::vector<std::uint32_t>& tags) {
    graph.begin_instance(instance);
    std::vector<graph::Operand> emissions;
    for (const std::uint32_t word : words) {
      emissions.push_back({graph.add(emission_, std::initializer_list<graph::Operand>{}, word)});
    }
    crf_->append(graph, emissions, tags);
  }
  graph::Graph sequences() {
    graph::Graph graph(network_);
    append(graph, 0, {0, 2, 1, 1}, {1, 0, 3, 2});
    append(graph, 1, {2}, {3});
    append(graph, 2, {1, 0}, {2, 2});
    return graph;
  }
  double loss() {
    const graph::Graph graph = sequences();
    const auto values = test::evaluate(graph);
    double sum = 0;
    for (graph::NodeId node = 0; node < graph.size(); ++node) {
      for (const graph::TypeId type : crf_->losses()) {
        if (graph.type(node) == type) sum += values[node].ports[0][0];
      }
    }
    return sum;
  }
  [[nodiscard]] double at(const char* name, std::size_t index) const {
    const auto& parameters = network_.parameters();
    return static_cast<double>(parameters[parameters.find(name)].value.values()[index]);
  }

  // By the definition: every sequence of tags, one after the other.
  [[nodiscard]] double brute_force(const std::vector<std::uint32_t>& words,
                                   const std::vector<std::uint32_t>& gold) const {
    const auto score = [&](const std::vector<std::uint32_t>& y) {
      double s = at("crf.start", y.front()) + at("crf.stop", y.back());
      for (std::size_t t = 0; t < y.size(); ++t) {
        s += at("table", words[t] * kTags + y[t]);
        if (t > 0) s += at("crf.transitions", y[t] * kTags + y[t - 1]);
      }
      return s;
    };
    double z = 0;
    std::vector<std::uint32_t> y(words.size(), 0);
    for (std::size_t i = 0;
         i < static_cast<std::size_t>(std::pow(kTags, static_cast<double>(words.size()))); ++i) {
      std::size_t rest = i;
      for (std::uint32_t& tag : y) {
        tag = static_cast<std::uint32_t>(rest % kTags);
        rest /= kTags;
      }
      z += std::exp(score(y));
    }
    return std::log(z) - score(gold);
  }

  graph::Network network_;
  graph::TypeId emission_ = 0;
  std::optional<nn::CrfLoss> crf_;
};

TEST_F(Crf, IsTheNegativeLogLikelihoodOverAllSequences) {
  const double wanted =
      brute_force({0, 2, 1, 1}, {1, 0, 3, 2}) + brute_force({2}, {3}) + brute_force({1, 0}, {2, 2});
  EXPECT_NEAR(loss(), wanted, 1e-6);
}

TEST_F(Crf, GradientIsTheFiniteDifference) {
  const auto losses = crf_->losses();
  autodiff::Differentiation differentiation(network_, losses);
  const auto session = engine::compile(network_, {.verify = true});
  graph::Graph graph = sequences();
  differentiation.append(graph);
  session->begin();
  session->step(graph);
  engine::GradientSums sums(network_, differentiation, *session);
  graph::Gradients gradients;
  sums.sum(graph, {3}, 1, gradients);
  graph::ParameterStore& parameters = network_.parameters();
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    SCOPED_TRACE(parameters[id].name);
    for (std::size_t i = 0; i < parameters[id].shape.size(); ++i) {
      const float value = parameters[id].value.values()[i];
      parameters.change(id)[i] = value + 1e-3F;
      const double up = loss();
      const double high = at(parameters[id].name.c_str(), i);
      parameters.change(id)[i] = value - 1e-3F;
      const double down = loss();
      const double low = at(parameters[id].name.c_str(), i);
      parameters.change(id)[i] = value;
      const auto& gradient = gradients[id];
      const float got =
          gradient.is_sparse() ? gradient.row_values.values()[i] : gradient.dense.values()[i];
      EXPECT_NEAR(static_cast<double>(got), (up - down) / (high - low), 1e-5) << i;
    }
  }
}

TEST_F(Crf, OtherNumbersOfTagsAreRefused) {
  graph::Graph graph(network_);
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              append(graph, 0, {1, 2}, {0});
            }),
            "[crf] gold tags: got 1, expected 2, one per position, and at least one");
}

}  // namespace
}  // namespace sheaf
