// SPDX-License-Identifier: Apache-2.0
//
// Sums of outer products over many calls, of any width, by every instruction set, against the sums
// in double precision.
#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/autodiff/backward.h"
#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/base/thread_pool.h"
#include "sheaf/engine/gradients.h"
#include "tests/backend/isas.h"
#include "tests/message_of.h"

namespace sheaf {
namespace {

using graph::CellBuilder;
using graph::Operand;
using graph::TypeId;

constexpr std::uint32_t kRows = 7;  // of the table
constexpr std::uint32_t kInstances = 6;

std::shared_ptr<const graph::Cell> shared(graph::Cell cell) {
  return std::make_shared<const graph::Cell>(std::move(cell));
}

// Half the square of W x + b, x being a row of a table that is data.
struct Network {
  Network(std::uint32_t in, std::uint32_t out) {
    CellBuilder cell("layer");
    cell.output(cell.affine(out, {{"W", cell.data_lookup("x", in)}}, "b"));
    CellBuilder square("square");
    const auto y = square.input("y", out);
    square.output(scale(row_sum(y * y), 0.5F));
    network.parameters().declare("x", {kRows, in});
    layer = network.add_type("layer", shared(cell.build()), {{"x", "x"}});
    loss = network.add_type("loss", shared(square.build()));
    base::Rng rng(in, "sums");
    auto& parameters = network.parameters();
    for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
      tensor::Tensor value(parameters[id].shape);
      for (float& v : value.values()) v = rng.uniform(-1, 1);
      parameters.assign(id, std::move(value));
    }
  }

  graph::Network network;
  TypeId layer = 0;
  TypeId loss = 0;
};

class GradientSums : public testing::TestWithParam<std::string> {
 protected:
  // Of `calls` calls; the largest error of W's gradient, relative to the largest sum of magnitudes.
  static double error_of(std::uint32_t in, std::uint32_t out, std::uint32_t calls,
                         base::ThreadPool* pool) {
    Network net(in, out);
    autodiff::Differentiation differentiation(net.network, std::span(&net.loss, 1));
    engine::Options options;
    options.isa = GetParam();
    options.pool = pool;
    const auto session = engine::compile(net.network, options);
    graph::Graph graph(net.network);
    for (std::uint32_t c = 0; c < calls; ++c) {
      graph.begin_instance(c * kInstances / calls);
      const Operand y{
          graph.add(net.layer, std::initializer_list<Operand>{}, (c * c + c / 3) % kRows)};
      graph.add(net.loss, {y});
    }
    differentiation.append(graph);
    session->begin();
    session->step(graph);
    engine::GradientSums sums(net.network, differentiation, *session);
    graph::Gradients gradients;
    sums.sum(graph, {kInstances}, 1, gradients);

    const auto& parameters = net.network.parameters();
    const auto& weights = parameters[parameters.find("layer.W")].value;
    const auto& bias = parameters[parameters.find("layer.b")].value;
    const auto& table = parameters[parameters.find("x")].value;
    EXPECT_TRUE(gradients[parameters.find("x")].rows.empty()) << "data have a gradient";
    std::vector<double> dw(std::size_t{in} * out, 0.0);
    std::vector<double> db(out, 0.0);
    double magnitude = 0;
    for (std::uint32_t c = 0; c < calls; ++c) {
      const auto x = table.row((c * c + c / 3) % kRows);
      for (std::uint32_t i = 0; i < out; ++i) {
        double y = static_cast<double>(bias.values()[i]);
        for (std::uint32_t j = 0; j < in; ++j) {
          y += static_cast<double>(weights.row(i)[j]) * static_cast<double>(x[j]);
        }
        db[i] += y;
        magnitude += std::abs(y);
        for (std::uint32_t j = 0; j < in; ++j) dw[i * in + j] += y * static_cast<double>(x[j]);
      }
    }
    double worst = 0;
    const auto got = gradients[parameters.find("layer.W")].dense.values();
    const auto got_bias = gradients[parameters.find("layer.b")].dense.values();
    EXPECT_EQ(got.size(), dw.size());
    for (std::size_t i = 0; i < dw.size(); ++i) {
      worst = std::max(worst, std::abs(static_cast<double>(got[i]) - dw[i]));
    }
    for (std::size_t i = 0; i < db.size(); ++i) {
      worst = std::max(worst, std::abs(static_cast<double>(got_bias[i]) - db[i]));
    }
    return worst / magnitude;
  }
};

TEST_P(GradientSums, AreThoseOfEveryCallWhateverTheWidths) {
  for (const std::uint32_t in : {1U, 15U, 17U, 33U, 65U}) {
    for (const std::uint32_t out : {1U, 14U, 15U, 31U}) {
      EXPECT_LT(error_of(in, out, 40, nullptr), 1e-6) << in << " to " << out;
    }
  }
}

// More rows than are multiplied at a time, more chunks than columns.
TEST_P(GradientSums, AreThoseOfManyCallsAndThreads) {
  base::ThreadPool pool(3);
  EXPECT_LT(error_of(33, 17, 1500, nullptr), 1e-6);
  EXPECT_LT(error_of(33, 17, 1500, &pool), 1e-6);
  EXPECT_LT(error_of(1, 1, 900, &pool), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Isas, GradientSums, testing::ValuesIn(test::isas()), test::isa_name);

TEST(GradientSumsErrors, UsesThatOverlapInPart) {
  graph::Network network;
  CellBuilder joined("joined");
  joined.output(
      row_sum(joined.affine(2, {{"W", concat(joined.lookup("t", 3), joined.lookup("u", 2))}})));
  CellBuilder whole("whole");
  whole.output(row_sum(whole.affine(2, {{"W", whole.lookup("v", 5)}})));
  for (const auto& [name, width] : {std::pair("t", 3U), std::pair("u", 2U), std::pair("v", 5U)}) {
    network.parameters().declare(name, {kRows, width});
  }
  const TypeId types[] = {
      network.add_type("a", shared(joined.build()), {{"W", "W"}, {"t", "t"}, {"u", "u"}}),
      network.add_type("b", shared(whole.build()), {{"W", "W"}, {"v", "v"}})};
  auto& parameters = network.parameters();
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    parameters.assign(id, tensor::Tensor(parameters[id].shape));
  }
  const autodiff::Differentiation differentiation(network, types);
  const auto session = engine::compile(network);
  EXPECT_EQ(test::message_of<base::UnsupportedError>(
                [&] { engine::GradientSums(network, differentiation, *session); }),
            "[parameter W] gradient: got uses of different columns that overlap, expected uses of "
            "the same columns");
}

// A state that is a constant, and data that are looked up by a cell of their own.
TEST(Differentiation, WhatDependsOnNothingNeedsNoGradient) {
  graph::Network network;
  CellBuilder zero("zero_state");
  zero.output(zero.constant(0, 3));
  CellBuilder data("data");
  data.output(data.data_lookup("x", 3));
  CellBuilder layer("layer");
  const auto h = layer.input("h", 3);
  const auto x = layer.input("x", 3);
  layer.output(row_sum(layer.affine(2, {{"W", x}, {"U", h}})));
  network.parameters().declare("x", {kRows, 3});
  const TypeId zeros = network.add_type("zeros", shared(zero.build()));
  const TypeId rows = network.add_type("rows", shared(data.build()), {{"x", "x"}});
  const TypeId loss = network.add_type("layer", shared(layer.build()));
  autodiff::Differentiation differentiation(network, std::span(&loss, 1));
  graph::Graph graph(network);
  const Operand state{graph.add(zeros, std::initializer_list<Operand>{})};
  const Operand row{graph.add(rows, std::initializer_list<Operand>{}, 2)};
  graph.add(loss, {state, row});
  differentiation.append(graph);
  const auto gradient = differentiation.gradient_nodes();
  EXPECT_EQ(gradient[0], autodiff::Differentiation::kNone);
  EXPECT_EQ(gradient[1], autodiff::Differentiation::kNone);
  EXPECT_NE(gradient[2], autodiff::Differentiation::kNone);
}

}  // namespace
}  // namespace sheaf
