// SPDX-License-Identifier: Apache-2.0
//
// Ops on pictures: what a session makes of them on every instruction set is what they mean, with
// the same bits whatever shares a batch; and their gradients are the adjoints of what they belong
// to.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <numeric>

#include "sheaf/base/rng.h"
#include "sheaf/engine/compile.h"
#include "tests/backend/isas.h"
#include "tests/memory_plan/spatial_evaluator.h"

namespace sheaf::memory_plan {
namespace {

using graph::CellBuilder;
using graph::Value;
using ops::OpKind;
using ops::Window;
using tensor::Shape;
using test::Row;

constexpr std::uint32_t kNodes = 3;

struct Case {
  Window window;
  std::uint32_t channels;
  std::uint32_t outputs;
};

// Borders on all sides, strides that leave pixels out, windows that are not square, widths on both
// sides of a vector and of a panel.
const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {{5, 7, 3, 3, 1, 1}, 3, 5},   {{6, 6, 3, 3, 1, 1}, 16, 32}, {{9, 8, 5, 5, 1, 2}, 1, 6},
      {{8, 8, 3, 3, 2, 1}, 4, 33},  {{7, 3, 1, 1, 1, 0}, 20, 17}, {{5, 6, 2, 3, 1, 1}, 2, 16},
      {{9, 10, 2, 2, 3, 0}, 32, 3}, {{4, 17, 3, 2, 2, 0}, 5, 48}, {{1, 1, 1, 1, 1, 0}, 7, 9},
      {{6, 5, 4, 1, 1, 0}, 16, 64}, {{16, 16, 2, 2, 2, 0}, 6, 6},
  };
  return kCases;
}

std::string text_of(const Case& c) {
  std::string text;
  for (const std::uint32_t n :
       {c.window.height, c.window.width, c.window.kernel_height, c.window.kernel_width,
        c.window.stride, c.window.padding, c.channels, c.outputs}) {
    text += std::to_string(n) + " ";
  }
  return text;
}

// An op on values of some shapes.
struct Op {
  const char* name;
  std::function<std::vector<Shape>(const Case&)> inputs;
  std::function<Value(CellBuilder&, const Case&, const std::vector<Value>&)> apply;
};

Shape picture(const Case& c) { return {c.window.pixels(), c.channels}; }
Shape outputs(const Case& c) { return {c.window.out_pixels(), c.outputs}; }
Shape places(const Case& c) { return {c.window.out_pixels(), c.channels}; }
Shape row(const Case& c) { return {1, c.channels}; }

const std::vector<Op>& all_ops() {
  using Values = const std::vector<Value>&;
  using Shapes = std::vector<Shape>;
  static const std::vector<Op> kOps = {
      {"conv2d", [](const Case& c) { return Shapes{picture(c)}; },
       [](CellBuilder& cell, const Case& c, Values v) {
         return cell.conv2d(v[0], c.outputs, c.window, "W", "b");
       }},
      {"conv2d of one row",
       [](const Case& c) {
         return Shapes{{1, c.window.pixels() * c.channels}};
       },
       [](CellBuilder& cell, const Case& c, Values v) {
         return cell.conv2d(v[0], c.outputs, c.window, "W");
       }},
      {"conv2d_grad_input", [](const Case& c) { return Shapes{outputs(c)}; },
       [](CellBuilder& cell, const Case& c, Values v) {
         return cell.conv2d_grad_input(v[0], c.channels, c.window, "W");
       }},
      {"depthwise_conv2d", [](const Case& c) { return Shapes{picture(c)}; },
       [](CellBuilder& cell, const Case& c, Values v) {
         return cell.depthwise_conv2d(v[0], c.window, "W", "b");
       }},
      {"depthwise_conv2d_grad_input", [](const Case& c) { return Shapes{places(c)}; },
       [](CellBuilder& cell, const Case& c, Values v) {
         return cell.depthwise_conv2d_grad_input(v[0], c.window, "W");
       }},
      {"max_pool", [](const Case& c) { return Shapes{picture(c)}; },
       [](CellBuilder& cell, const Case& c, Values v) { return cell.max_pool(v[0], c.window); }},
      {"max_pool_grad",
       [](const Case& c) {
         return Shapes{picture(c), places(c)};
       },
       [](CellBuilder& cell, const Case& c, Values v) {
         return cell.max_pool_grad(v[0], v[1], c.window);
       }},
      {"average_pool", [](const Case& c) { return Shapes{picture(c)}; },
       [](CellBuilder& cell, const Case& c, Values v) {
         return cell.average_pool(v[0], c.window);
       }},
      {"average_pool_grad", [](const Case& c) { return Shapes{places(c)}; },
       [](CellBuilder& cell, const Case& c, Values v) {
         return cell.average_pool_grad(v[0], c.window);
       }},
      {"flatten", [](const Case& c) { return Shapes{picture(c)}; },
       [](CellBuilder& cell, const Case& c, Values v) {
         return cell.reshape(v[0], 1, c.window.pixels() * c.channels);
       }},
      {"unflatten",
       [](const Case& c) {
         return Shapes{{1, c.window.pixels() * c.channels}};
       },
       [](CellBuilder& cell, const Case& c, Values v) {
         return cell.reshape(v[0], c.window.pixels(), c.channels);
       }},
      {"sum_rows", [](const Case& c) { return Shapes{picture(c)}; },
       [](CellBuilder& /*cell*/, const Case& /*c*/, Values v) { return sum_rows(v[0]); }},
      {"repeat_row", [](const Case& c) { return Shapes{row(c)}; },
       [](CellBuilder& cell, const Case& c, Values v) {
         return cell.repeat_row(v[0], c.window.pixels());
       }},
      {"add_row and mul_row",
       [](const Case& c) {
         return Shapes{picture(c), row(c)};
       },
       [](CellBuilder& cell, const Case& c, Values v) {
         return mul_row(add_row(v[0], v[1]), cell.parameter("p", c.channels));
       }},
      {"relu between steps",
       [](const Case& c) {
         return Shapes{picture(c), outputs(c)};
       },
       [](CellBuilder& cell, const Case& c, Values v) {
         const Value y = relu(cell.conv2d(relu(v[0]), c.outputs, c.window, "W", "b"));
         return cell.conv2d_grad_input(relu_grad(y, v[1]), c.channels, c.window, "W");
       }},
  };
  return kOps;
}

// kNodes calls of one op; every input comes from a table of its own.
class Calls {
 public:
  Calls(const Op& op, const Case& c) {
    const std::vector<Shape> shapes = op.inputs(c);
    std::vector<graph::TypeId> sources;
    CellBuilder cell("op");
    std::vector<Value> values;
    for (const Shape& shape : shapes) {
      const std::string name = "source" + std::to_string(sources.size());
      network_.parameters().declare(name + ".table", {kNodes, shape.rows * shape.cols});
      CellBuilder source(name);
      // Written, so that it does not stay in its table.
      source.output(source.constant(0.0F, 1))
          .output(source.matrix_lookup("table", shape.cols, shape.rows));
      sources.push_back(network_.add_type(name, std::make_shared<graph::Cell>(source.build())));
      values.push_back(cell.matrix_input(name, shape.cols, shape.rows));
    }
    const Value result = op.apply(cell, c, values);
    width_ = result.width();
    const graph::TypeId type =
        network_.add_type("op", std::make_shared<graph::Cell>(cell.output(result).build()));
    base::Rng rng(1, op.name);
    for (graph::ParameterId id = 0; id < network_.parameters().size(); ++id) {
      tensor::Tensor value(network_.parameters()[id].shape);
      for (float& x : value.values()) x = rng.uniform(-1, 1);
      network_.parameters().assign(id, std::move(value));
    }
    for (std::uint32_t i = 0; i < kNodes; ++i) {
      graph_.begin_instance(i);
      std::vector<graph::Operand> operands;
      for (const graph::TypeId source : sources) operands.push_back({graph_.add(source, {}, i), 1});
      nodes_.push_back(graph_.add(type, operands));
    }
    meant_ = test::evaluate(graph_);
  }

  // The results, without padding.
  std::vector<std::vector<float>> run(const std::string& isa, LayoutMode layout,
                                      const std::string& policy) {
    const auto session = engine::compile(network_, {.policy = policy,
                                                    .layout = layout,
                                                    .isa = isa,
                                                    .dump_after = {},
                                                    .dump = {},
                                                    .verify = true});
    graph::Graph graph = graph_;
    session->step(graph);
    std::vector<std::vector<float>> results;
    for (const graph::NodeId node : nodes_) {
      results.push_back(test::without_padding(session->read({node, 0}), width_));
    }
    return results;
  }

  [[nodiscard]] const Row& meant(std::size_t i) const { return meant_[nodes_[i]].ports[0]; }

 private:
  graph::Network network_;
  graph::Graph graph_{network_};
  std::vector<graph::NodeId> nodes_;
  std::vector<test::CallValues> meant_;
  std::uint32_t width_ = 0;
};

using Pictures = testing::TestWithParam<std::string>;

TEST_P(Pictures, ValuesAreThoseOfTheOps) {
  for (const Op& op : all_ops()) {
    for (const Case& c : cases()) {
      SCOPED_TRACE(op.name + std::string(": ") + text_of(c));
      Calls calls(op, c);
      const auto got = calls.run(GetParam(), LayoutMode::planned, "agenda");
      for (std::uint32_t i = 0; i < kNodes; ++i) {
        const Row& meant = calls.meant(i);
        ASSERT_EQ(got[i].size(), meant.size());
        for (std::size_t j = 0; j < meant.size(); ++j) {
          ASSERT_NEAR(got[i][j], meant[j], 1e-5 * std::max(1.0, std::abs(meant[j])))
              << i << "," << j;
        }
      }
    }
  }
}

TEST_P(Pictures, BitsDoNotDependOnTheBatchOrTheLayout) {
  for (const Op& op : all_ops()) {
    for (const Case& c : {cases()[0], cases()[3]}) {
      Calls calls(op, c);
      const auto batched = calls.run(GetParam(), LayoutMode::planned, "agenda");
      EXPECT_EQ(calls.run(GetParam(), LayoutMode::planned, "single"), batched) << op.name;
      EXPECT_EQ(calls.run(GetParam(), LayoutMode::unplanned, "agenda"), batched) << op.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, Pictures, testing::ValuesIn(test::isas()), test::isa_name);

// ---- gradients: <f(x), d> == <x, f'(d)> of what is linear

Row random_row(std::size_t size, base::Rng& rng) {
  Row values(size);
  for (double& x : values) x = rng.uniform(-1, 1);
  return values;
}

double dot(const Row& a, const Row& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

graph::CellOp op_of(OpKind kind, const Window& window, Shape shape) {
  return {.kind = kind,
          .width = shape.cols,
          .operands = {},
          .slots = {},
          .rows = shape.rows,
          .window = window};
}

TEST(PictureGradients, OfConvolutionsAreTheirAdjoints) {
  base::Rng rng(1);
  for (const Case& c : cases()) {
    const std::size_t terms = std::size_t{c.window.taps()} * c.channels;
    const Row weights = random_row(c.outputs * terms, rng);
    const Row x = random_row(picture(c).size(), rng);
    const Row delta = random_row(outputs(c).size(), rng);
    const Shape shapes[] = {picture(c), outputs(c)};
    const Row y = test::spatial_value(op_of(OpKind::conv2d, c.window, shapes[1]), {shapes, 1},
                                      {&x, 1}, weights, {});
    const Row dx = test::spatial_value(op_of(OpKind::conv2d_grad_input, c.window, shapes[0]),
                                       {shapes + 1, 1}, {&delta, 1}, weights, {});
    const Row dw = test::conv2d_weight_gradient(c.window, c.channels, c.outputs, x, delta);
    EXPECT_NEAR(dot(y, delta), dot(x, dx), 1e-9) << text_of(c);
    EXPECT_NEAR(dot(y, delta), dot(weights, dw), 1e-9) << text_of(c);
  }
}

TEST(PictureGradients, OfDepthwiseConvolutionsAndMeansAreTheirAdjoints) {
  base::Rng rng(2);
  for (const Case& c : cases()) {
    const Row weights = random_row(std::size_t{c.channels} * c.window.taps(), rng);
    const Row x = random_row(picture(c).size(), rng);
    const Row delta = random_row(places(c).size(), rng);
    const Shape shapes[] = {picture(c), places(c)};
    using Pair = std::pair<OpKind, OpKind>;
    for (const auto& [op, gradient] :
         {Pair{OpKind::depthwise_conv2d, OpKind::depthwise_conv2d_grad_input},
          Pair{OpKind::average_pool, OpKind::average_pool_grad}}) {
      const Row y =
          test::spatial_value(op_of(op, c.window, shapes[1]), {shapes, 1}, {&x, 1}, weights, {});
      const Row dx = test::spatial_value(op_of(gradient, c.window, shapes[0]), {shapes + 1, 1},
                                         {&delta, 1}, weights, {});
      EXPECT_NEAR(dot(y, delta), dot(x, dx), 1e-9) << text_of(c);
      if (op != OpKind::depthwise_conv2d) continue;
      const Row dw = test::depthwise_weight_gradient(c.window, c.channels, x, delta);
      EXPECT_NEAR(dot(y, delta), dot(weights, dw), 1e-9) << text_of(c);
    }
  }
}

TEST(PictureGradients, OfTheLargestAreItsDifferences) {
  base::Rng rng(3);
  for (const Case& c : cases()) {
    Row x = random_row(picture(c).size(), rng);
    const Row delta = random_row(places(c).size(), rng);
    const Shape shapes[] = {picture(c), places(c)};
    const Row operands[] = {x, delta};
    const Row dx = test::spatial_value(op_of(OpKind::max_pool_grad, c.window, shapes[0]), shapes,
                                       operands, {}, {});
    const auto value = [&] {
      return dot(test::spatial_value(op_of(OpKind::max_pool, c.window, shapes[1]), {shapes, 1},
                                     {&x, 1}, {}, {}),
                 delta);
    };
    constexpr double kStep = 1e-7;  // far below the distance of two values
    for (std::size_t i = 0; i < x.size(); i += 1 + x.size() / 40) {
      const double before = x[i];
      x[i] = before + kStep;
      const double more = value();
      x[i] = before - kStep;
      const double less = value();
      x[i] = before;
      ASSERT_NEAR((more - less) / (2 * kStep), dx[i], 1e-6) << text_of(c) << " at " << i;
    }
  }
}

}  // namespace
}  // namespace sheaf::memory_plan
