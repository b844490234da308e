// SPDX-License-Identifier: Apache-2.0
#include "sheaf/passes/fold_batch_norm.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/engine/compile.h"
#include "sheaf/nn/vgg8.h"
#include "tests/message_of.h"

namespace sheaf::passes {
namespace {

constexpr std::uint32_t kPictures = 5;

void draw(graph::ParameterStore& parameters) {
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    const graph::Parameter& parameter = parameters[id];
    base::Rng rng(7, parameter.name);
    tensor::Tensor value(parameter.shape);
    const bool positive = parameter.name.ends_with(".variance");
    const float range = 1.0F / static_cast<float>(std::min(parameter.shape.cols, 8U));
    for (float& x : value.values())
      x = positive ? rng.uniform(0.1F, 2) : rng.uniform(-range, range);
    parameters.assign(id, std::move(value));
  }
}

std::vector<std::vector<float>> outputs(const nn::PictureNet& model) {
  graph::Graph graph(model.network());
  for (std::uint32_t i = 0; i < kPictures; ++i) model.append(nn::Picture{i, 0}, i, graph);
  const auto session = engine::compile(model.network());
  session->step(graph);
  std::vector<std::vector<float>> rows;
  for (const graph::Operand& output : graph.outputs()) {
    const auto row = session->read(output);
    rows.emplace_back(row.begin(), row.end());
  }
  return rows;
}

TEST(FoldBatchNorm, AFoldedNetGivesTheSameValues) {
  nn::Vgg8 model({.height = 8, .width = 8, .channels = 3, .classes = 5, .pictures = kPictures},
                 {.channels = {4, 6, 8}, .hidden = 12});
  draw(model.network().parameters());
  const auto before = outputs(model);
  std::vector<graph::TypeId> folded;
  for (const graph::TypeId type : model.convolution_types()) {
    folded.push_back(fold_batch_norm(model.network(), type));
  }
  for (const graph::TypeId type : folded) {
    for (const graph::CellOp& op : model.network().type(type).cell->ops()) {
      EXPECT_NE(op.kind, ops::OpKind::add_row);
    }
  }
  model.use_folded(folded);
  const auto after = outputs(model);
  for (std::size_t i = 0; i < kPictures; ++i) {
    for (std::size_t j = 0; j < before[i].size(); ++j) EXPECT_NEAR(after[i][j], before[i][j], 1e-5);
  }
}

TEST(FoldBatchNorm, ADepthwiseConvolutionWithABiasIsFoldedToo) {
  graph::CellBuilder cell("cell");
  const auto x = cell.lookup("table", 4 * 3);
  const auto y = cell.depthwise_conv2d(cell.reshape(x, 4, 3), {2, 2, 2, 2, 1, 1}, "W", "b");
  const auto scaled = mul_row(y, cell.parameter("scale", 3));
  cell.output(add_row(scaled, cell.parameter("shift", 3)));
  graph::Network network;
  network.parameters().declare("table", {2, 12});
  const graph::TypeId type =
      network.add_type("one", std::make_shared<graph::Cell>(cell.build()), {{"table", "table"}});
  draw(network.parameters());
  const graph::TypeId folded = fold_batch_norm(network, type);
  graph::Graph graph(network);
  graph.add(type, {}, 1);
  graph.add(folded, {}, 1);
  const auto session = engine::compile(network);
  session->step(graph);
  const auto a = session->read({0, 0});
  const auto b = session->read({1, 0});
  for (std::size_t row = 0; row < 9; ++row) {
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(a[row * 16 + c], b[row * 16 + c], 1e-5);
  }
}

TEST(FoldBatchNorm, OneSlotMayBeFoldedIntoSeveral) {
  graph::CellBuilder cell("cell");
  const auto x = cell.reshape(cell.lookup("table", 4 * 3), 4, 3);
  const auto y = cell.depthwise_conv2d(x, {2, 2, 2, 2, 1, 1}, "W", "b");
  const auto norm = [&](const auto& of, const std::string& name) {
    return add_row(mul_row(of, cell.parameter(name + ".scale", 3)),
                   cell.parameter(name + ".shift", 3));
  };
  cell.output(norm(y, "one"));
  cell.output(norm(y, "two"));
  cell.output(norm(cell.depthwise_conv2d(x, {2, 2, 2, 2, 1, 1}, "W", "b"), "three"));
  graph::Network network;
  network.parameters().declare("table", {2, 12});
  const graph::TypeId type =
      network.add_type("one", std::make_shared<graph::Cell>(cell.build()), {{"table", "table"}});
  draw(network.parameters());
  const graph::TypeId folded = fold_batch_norm(network, type);
  EXPECT_NE(network.parameters().find("one.folded.W.folded.3.bias"),
            network.parameters().find("one.folded.W.folded.2.bias"));
  graph::Graph graph(network);
  graph.add(type, {}, 1);
  graph.add(folded, {}, 1);
  const auto session = engine::compile(network);
  session->step(graph);
  for (std::uint32_t port = 0; port < 3; ++port) {
    const auto a = session->read({0, port});
    const auto b = session->read({1, port});
    for (std::size_t row = 0; row < 9; ++row) {
      for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(a[row * 16 + c], b[row * 16 + c], 1e-5);
    }
  }
}

TEST(FoldBatchNorm, WhereThereIsNothingToFoldItSaysSo) {
  graph::CellBuilder cell("cell");
  cell.output(relu(cell.input("x", 3)));
  graph::Network network;
  const graph::TypeId type = network.add_type("one", std::make_shared<graph::Cell>(cell.build()));
  EXPECT_EQ(test::message_of<base::UsageError>([&] { fold_batch_norm(network, type); }),
            "[type one] folding: got no convolution that parameters scale and shift, expected one "
            "or more");
}

TEST(FoldBatchNorm, ParametersWithoutValuesAreNamed) {
  nn::Vgg8 model({.height = 8, .width = 8}, {.channels = {4, 4, 4}});
  EXPECT_EQ(test::message_of<base::UsageError>(
                [&] { fold_batch_norm(model.network(), model.convolution_types()[0]); }),
            "[parameter conv1.gamma] folding: got no value, or one that is not dense, expected "
            "values");
}

}  // namespace
}  // namespace sheaf::passes
