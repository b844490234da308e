// SPDX-License-Identifier: Apache-2.0
//
// The cells against the equations of docs/models.md, written out here in double precision.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "sheaf/base/rng.h"
#include "sheaf/nn/model.h"
#include "tests/memory_plan/cell_evaluator.h"

namespace sheaf::nn {
namespace {

using test::Row;

Row operator+(Row a, const Row& b) {
  for (std::size_t j = 0; j < a.size(); ++j) a[j] += b[j];
  return a;
}
Row operator*(Row a, const Row& b) {
  for (std::size_t j = 0; j < a.size(); ++j) a[j] *= b[j];
  return a;
}
template <typename F>
Row each(Row a, F f) {
  for (double& value : a) value = f(value);
  return a;
}
Row s(const Row& a) {
  return each(a, [](double x) { return 1 / (1 + std::exp(-x)); });
}
Row th(const Row& a) {
  return each(a, [](double x) { return std::tanh(x); });
}
Row one_less(const Row& a) {
  return each(a, [](double x) { return 1 - x; });
}
Row beside(Row a, const Row& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
Row log_softmax_of(const Row& a) {
  double sum = 0;
  for (const double x : a) sum += std::exp(x);
  return each(a, [&](double x) { return x - std::log(sum); });
}

class Equations : public ::testing::Test {
 protected:
  void make(const std::string& name) {
    model_ = make_model(name, {.hidden = 4, .vocabulary = 3});
    initialise(model_->network().parameters(), 8, {"a", "b", "c"});
  }
  [[nodiscard]] std::span<const float> row_of(const std::string& parameter,
                                              std::uint32_t row = 0) const {
    const graph::ParameterStore& parameters = model_->network().parameters();
    return parameters[parameters.find(parameter)].value.row(row);
  }
  [[nodiscard]] Row vector(const std::string& parameter, std::uint32_t row = 0) const {
    const auto values = row_of(parameter, row);
    return {values.begin(), values.end()};
  }
  // W x.
  [[nodiscard]] Row times(const std::string& matrix, const Row& x) const {
    const graph::ParameterStore& parameters = model_->network().parameters();
    Row result(parameters[parameters.find(matrix)].shape.rows, 0);
    for (std::uint32_t i = 0; i < result.size(); ++i) {
      for (std::size_t k = 0; k < x.size(); ++k) result[i] += double{row_of(matrix, i)[k]} * x[k];
    }
    return result;
  }
  Row random_row(std::size_t width) {
    Row row(width);
    for (double& value : row) value = double{rng_.uniform(-1, 1)};
    return row;
  }
  [[nodiscard]] std::vector<Row> call(const std::string& type, const std::vector<Row>& inputs,
                                      std::uint32_t payload = 0) const {
    const graph::Network& network = model_->network();
    for (graph::TypeId id = 0; id < network.type_count(); ++id) {
      const graph::BatchType& it = network.type(id);
      if (it.name != type) continue;
      return test::evaluate(*it.cell, it.binding, network.parameters(), inputs, payload).ports;
    }
    return {};
  }
  static void expect_near(const Row& got, const Row& expected) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t j = 0; j < got.size(); ++j) EXPECT_NEAR(got[j], expected[j], 1e-12) << j;
  }
  // One GRU step of LAC on x.
  [[nodiscard]] Row gru(const std::string& type, const Row& x, const Row& h) const {
    const auto gate = [&](const std::string& g, const Row& state) {
      return times(type + ".W_" + g, x) + times(type + ".U_" + g, state) + vector(type + ".b_" + g);
    };
    const Row u = s(gate("u", h));
    const Row r = s(gate("r", h));
    const Row c = th(gate("c", r * h));
    return one_less(u) * h + u * c;
  }

  std::unique_ptr<Model> model_;
  base::Rng rng_{12};
};

TEST_F(Equations, TreeLstmLeaf) {
  make("tree_lstm");
  const Row x = vector(kEmbedding, 2);
  const auto gate = [&](const std::string& g) {
    return times("leaf.W_" + g, x) + vector("leaf.b_" + g);
  };
  const Row c = s(gate("i")) * th(gate("u"));
  const auto ports = call("leaf", {}, 2);
  ASSERT_EQ(ports.size(), 2U);
  expect_near(ports[0], s(gate("o")) * th(c));
  expect_near(ports[1], c);
}

TEST_F(Equations, TreeLstmNodeWhoseForgetGatesSeeTheirOwnChildOnly) {
  make("tree_lstm");
  const Row h1 = random_row(4);
  const Row c1 = random_row(4);
  const Row h2 = random_row(4);
  const Row c2 = random_row(4);
  const auto gate = [&](const std::string& g) {
    return times("node.U_" + g, beside(h1, h2)) + vector("node.b_" + g);
  };
  const Row f1 = s(times("node.F_1", h1) + vector("node.b_f"));
  const Row f2 = s(times("node.F_2", h2) + vector("node.b_f"));
  const Row c = s(gate("i")) * th(gate("u")) + f1 * c1 + f2 * c2;
  const auto ports = call("node", {h1, c1, h2, c2});
  ASSERT_EQ(ports.size(), 2U);
  expect_near(ports[0], s(gate("o")) * th(c));
  expect_near(ports[1], c);
}

TEST_F(Equations, HeadsAreLogSoftmax) {
  for (const char* model : {"tree_lstm", "lattice_lstm"}) {
    make(model);
    const Row h = random_row(4);
    const auto ports = call("head", {h});
    ASSERT_EQ(ports.size(), 1U);
    expect_near(ports[0], log_softmax_of(times("head.V", h)));
  }
}

TEST_F(Equations, LatticeLstmArcs) {
  make("lattice_lstm");
  const Row x = vector(kEmbedding, 1);
  const Row h = random_row(4);
  const Row c = random_row(4);
  for (const std::string type : {"character", "word"}) {
    const auto gate = [&](const std::string& g) {
      return times(type + ".U_" + g, x) + times(type + ".W_" + g, h) + vector(type + ".b_" + g);
    };
    const Row next = s(gate("i")) * th(gate("g")) + s(gate("f")) * c;
    const auto ports = call(type, {h, c}, 1);
    ASSERT_EQ(ports.size(), 2U);
    expect_near(ports[0], s(gate("o")) * th(next));
    expect_near(ports[1], next);
  }
}

TEST_F(Equations, LatticeLstmStartIsLearned) {
  make("lattice_lstm");
  const auto ports = call("start", {});
  ASSERT_EQ(ports.size(), 2U);
  expect_near(ports[0], vector("start.h"));
  expect_near(ports[1], vector("start.c"));
}

TEST_F(Equations, LacGruKeepsTheUpdateGateOnTheCandidate) {
  make("lac");
  const Row h = random_row(128);
  const Row forward = random_row(128);
  const Row backward = random_row(128);
  for (const std::string direction : {"forward", "backward"}) {
    expect_near(call(direction + "1", {h}, 2).at(0),
                gru(direction + "1", vector(kEmbedding, 2), h));
    expect_near(call(direction + "2", {forward, backward, h}).at(0),
                gru(direction + "2", beside(forward, backward), h));
  }
}

TEST_F(Equations, LacEmissionsAndTheBeginningOfItsCrf) {
  make("lac");
  const Row forward = random_row(128);
  const Row backward = random_row(128);
  expect_near(call("emission", {forward, backward}).at(0),
              times("emission.W", beside(forward, backward)) + vector("emission.b"));
  const Row emissions = random_row(57);
  expect_near(call("crf_first", {emissions}).at(0),
              beside(emissions + vector("crf.start"), Row(57, 0)));
}

TEST_F(Equations, LacCrfStepIsTheBestWayToEveryTag) {
  make("lac");
  const Row previous = random_row(114);
  const Row emissions = random_row(57);
  Row expected(114);
  for (std::uint32_t to = 0; to < 57; ++to) {
    const auto score = [&](std::uint32_t from) {
      return previous[from] + double{row_of("crf.transitions", from)[to]};
    };
    std::uint32_t best = 0;
    for (std::uint32_t from = 1; from < 57; ++from) {
      if (score(from) > score(best)) best = from;
    }
    expected[to] = score(best) + emissions[to];
    expected[57 + to] = best;
  }
  expect_near(call("crf_step", {previous, emissions}).at(0), expected);
}

}  // namespace
}  // namespace sheaf::nn
