// SPDX-License-Identifier: Apache-2.0
//
// One table: a small cell per op, its gradient against finite differences in double precision.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>

#include "sheaf/autodiff/cell_gradient.h"
#include "sheaf/autodiff/gradient_rules.h"
#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "tests/memory_plan/cell_evaluator.h"
#include "tests/message_of.h"

namespace sheaf {
namespace {

using graph::CellBuilder;
using graph::Value;
using ops::OpKind;
using test::Row;

constexpr std::uint32_t kWidth = 5;
constexpr std::uint32_t kPayload = 2;

// [a, a] as five rows of two columns, and an op on it.
Value picture(Value a) {
  return CellBuilder::apply(OpKind::reshape, {concat(a, a)}, {.width = 2, .rows = kWidth});
}
Value picture_op(OpKind kind, Value a, const ops::Window& window) {
  return CellBuilder::apply(kind, {a}, {.window = window});
}

// What is computed of inputs a and b, [width].
struct Case {
  OpKind kind;
  std::function<Value(Value a, Value b)> make;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {OpKind::concat, [](Value a, Value b) { return concat(concat(a, b), a); }},
      {OpKind::copy, [](Value a, Value) { return CellBuilder::apply(OpKind::copy, {a}); }},
      {OpKind::add, [](Value a, Value b) { return a + b; }},
      {OpKind::sub, [](Value a, Value b) { return a - b; }},
      {OpKind::mul, [](Value a, Value b) { return a * b; }},
      {OpKind::mul, [](Value a, Value) { return a * a; }},
      {OpKind::one_minus, [](Value a, Value) { return one_minus(a); }},
      {OpKind::sigmoid, [](Value a, Value) { return sigmoid(a); }},
      {OpKind::tanh, [](Value a, Value b) { return tanh(a) * b; }},
      {OpKind::log_softmax, [](Value a, Value) { return log_softmax(a); }},
      {OpKind::matvec, [](Value a, Value b) { return matvec(picture(a), a * b); }},
      {OpKind::slice, [](Value a, Value b) { return slice(a, 1, 3) * slice(b, 2, 3); }},
      {OpKind::scale, [](Value a, Value b) { return scale(a, 0.7F) * b; }},
      {OpKind::row_sum, [](Value a, Value b) { return row_sum(a * b); }},
      {OpKind::broadcast, [](Value a, Value b) { return broadcast(slice(a, 3, 1), kWidth) * b; }},
      {OpKind::pick, [](Value a, Value b) { return pick(a * b); }},
      {OpKind::one_hot, [](Value a, Value b) { return one_hot(slice(a, 1, 1), kWidth) * b; }},
      {OpKind::relu, [](Value a, Value b) { return relu(a) * b; }},
      {OpKind::reciprocal_sqrt, [](Value a, Value b) { return reciprocal_sqrt(sigmoid(a)) * b; }},
      {OpKind::max_pool,
       [](Value a, Value b) {
         return picture_op(OpKind::max_pool, tanh(picture(a)) * picture(b), {5, 1, 3, 1, 1, 0});
       }},
      {OpKind::average_pool,
       [](Value a, Value b) {
         return picture_op(OpKind::average_pool, picture(a) * picture(b), {1, 5, 1, 3, 2, 0});
       }},
      {OpKind::reshape, [](Value a, Value b) { return picture(a) * picture(b); }},
      {OpKind::sum_rows, [](Value a, Value b) { return sum_rows(picture(a) * picture(b)); }},
      {OpKind::repeat_row,
       [](Value a, Value b) {
         return CellBuilder::apply(OpKind::repeat_row, {a * b}, {.rows = 3}) *
                CellBuilder::apply(OpKind::repeat_row, {a}, {.rows = 3});
       }},
      {OpKind::add_row,
       [](Value a, Value b) { return tanh(add_row(picture(a), slice(b, 2, 2))) * picture(b); }},
      {OpKind::mul_row,
       [](Value a, Value b) { return mul_row(picture(a), slice(b, 2, 2)) * picture(b); }},
  };
  return kCases;
}

TEST(GradientRules, EveryRuleHasACase) {
  std::set<OpKind> tested;
  for (const Case& c : cases()) tested.insert(c.kind);
  for (const autodiff::GradientRule& rule : autodiff::gradient_rules()) {
    EXPECT_TRUE(tested.contains(rule.kind)) << ops::schema(rule.kind).name;
  }
}

TEST(GradientRules, AreTheFiniteDifferences) {
  const graph::ParameterStore parameters{};
  for (const Case& c : cases()) {
    SCOPED_TRACE(ops::schema(c.kind).name);
    CellBuilder builder("cell");
    const Value a = builder.input("a", kWidth);
    const Value b = builder.input("b", kWidth);
    builder.output(c.make(a, b));
    const graph::Cell cell = builder.build();
    const auto gradient = autodiff::differentiate(cell);
    ASSERT_TRUE(gradient.has_value());

    base::Rng rng(5, ops::schema(c.kind).name);
    const auto random_row = [&rng](std::size_t width) {
      Row row(width);
      for (double& value : row) value = static_cast<double>(rng.uniform(-1, 1));
      return row;
    };
    std::vector<Row> inputs = {random_row(kWidth), random_row(kWidth)};
    const Row dy = random_row(std::size_t{cell.output_width(0)} * cell.output_rows(0));
    const auto value = [&](const std::vector<Row>& at) {
      const auto y = test::evaluate(cell, {}, parameters, at, kPayload).ports[0];
      double sum = 0;
      for (std::size_t j = 0; j < y.size(); ++j) sum += y[j] * dy[j];
      return sum;
    };
    const auto forward = test::evaluate(gradient->forward, {}, parameters, inputs, kPayload).ports;
    std::vector<Row> reads;
    for (const autodiff::ForwardValue& read : gradient->reads) {
      const bool operand = read.kind == autodiff::ForwardValue::Kind::operand;
      reads.push_back(operand ? inputs[read.index] : forward[read.index]);
    }
    reads.push_back(dy);
    const auto got = test::evaluate(gradient->backward, {}, parameters, reads, kPayload).ports;
    for (std::size_t input = 0; input < inputs.size(); ++input) {
      const std::uint32_t port = gradient->input_ports[input];
      for (std::size_t j = 0; j < kWidth; ++j) {
        auto up = inputs;
        auto down = inputs;
        up[input][j] += 1e-6;
        down[input][j] -= 1e-6;
        const double wanted = (value(up) - value(down)) / 2e-6;
        const double is = port == autodiff::CellGradient::kNone ? 0 : got[port][j];
        EXPECT_NEAR(is, wanted, 1e-7) << "input " << input << " column " << j;
      }
    }
  }
}

TEST(CellGradient, OfAConstantIsNone) {
  CellBuilder builder("cell");
  builder.output(builder.constant(1, 3));
  EXPECT_FALSE(autodiff::differentiate(builder.build()).has_value());
}

TEST(CellGradient, OpWithoutOneIsNamed) {
  CellBuilder builder("decoder");
  const Value previous = builder.input("previous", 6);
  builder.output(builder.viterbi_step(previous, builder.input("emissions", 3), "transitions"));
  const graph::Cell cell = builder.build();
  EXPECT_EQ(test::message_of<base::UnsupportedError>([&] { (void)autodiff::differentiate(cell); }),
            "[cell decoder] gradient of op viterbi_step: got it has no gradient, expected an op "
            "with a gradient rule");
}

}  // namespace
}  // namespace sheaf
