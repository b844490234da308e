// SPDX-License-Identifier: Apache-2.0
//
// With what the cells' equations are written out in double precision.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "sheaf/base/rng.h"
#include "sheaf/nn/model.h"
#include "tests/memory_plan/cell_evaluator.h"

namespace sheaf::nn {

using test::Row;

inline Row operator+(Row a, const Row& b) {
  for (std::size_t j = 0; j < a.size(); ++j) a[j] += b[j];
  return a;
}
inline Row operator*(Row a, const Row& b) {
  for (std::size_t j = 0; j < a.size(); ++j) a[j] *= b[j];
  return a;
}
template <typename F>
inline Row each(Row a, F f) {
  for (double& value : a) value = f(value);
  return a;
}
inline Row s(const Row& a) {
  return each(a, [](double x) { return 1 / (1 + std::exp(-x)); });
}
inline Row th(const Row& a) {
  return each(a, [](double x) { return std::tanh(x); });
}
inline Row one_less(const Row& a) {
  return each(a, [](double x) { return 1 - x; });
}
inline Row beside(Row a, const Row& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
inline Row log_softmax_of(const Row& a) {
  double sum = 0;
  for (const double x : a) sum += std::exp(x);
  return each(a, [&](double x) { return x - std::log(sum); });
}

// A model of hidden size 4, and its cells one call at a time.
class Equations : public ::testing::Test {
 protected:
  void make(const std::string& name) {
    model_ = make_model(name, {.hidden = 4, .vocabulary = 3, .characters = 2, .classes = 3});
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
  // The rows that append() marks as outputs.
  [[nodiscard]] std::vector<Row> outputs_of(const Instance& instance) const {
    graph::Graph graph(model_->network());
    model_->append(instance, 0, graph);
    graph.verify();
    const auto calls = test::evaluate(graph);
    std::vector<Row> rows;
    for (const graph::Operand& operand : graph.outputs()) {
      rows.push_back(calls[operand.node].ports[operand.port]);
    }
    return rows;
  }
  static void expect_near(const Row& got, const Row& expected) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t j = 0; j < got.size(); ++j) EXPECT_NEAR(got[j], expected[j], 1e-12) << j;
  }
  // One LSTM step with the parameters of `type`: h and c.
  [[nodiscard]] std::pair<Row, Row> lstm(const std::string& type, const Row& x, const Row& h,
                                         const Row& c) const {
    const auto gate = [&](const std::string& g) {
      return times(type + ".U_" + g, x) + times(type + ".W_" + g, h) + vector(type + ".b_" + g);
    };
    const Row next = s(gate("i")) * th(gate("g")) + s(gate("f")) * c;
    return {s(gate("o")) * th(next), next};
  }
  // One GRU step of lattice_gru and dag_gru.
  [[nodiscard]] Row gru(const std::string& type, const Row& x, const Row& h) const {
    const auto gate = [&](const std::string& g, const Row& state) {
      return times(type + ".U_" + g, state) + times(type + ".W_" + g, x) + vector(type + ".b_" + g);
    };
    const Row z = s(gate("z", h));
    return z * h + one_less(z) * th(gate("c", s(gate("r", h)) * h));
  }

  std::unique_ptr<Model> model_;
  base::Rng rng_{12};
};

}  // namespace sheaf::nn
