// SPDX-License-Identifier: Apache-2.0
#include "sheaf/passes/quantise.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/passes/copy_network.h"
#include "tests/message_of.h"

namespace sheaf::passes {
namespace {

using graph::CellBuilder;
using graph::Network;
using Names = std::vector<std::string>;

void draw(graph::ParameterStore& parameters) {
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    base::Rng rng(7, parameters[id].name);
    tensor::Tensor value(parameters[id].stored_shape());
    for (float& x : value.values()) x = rng.uniform(-1, 1);
    parameters.assign(id, std::move(value));
  }
}

std::shared_ptr<const graph::Cell> step_cell() {
  CellBuilder cell("step");
  const auto x = cell.input("x", 4);
  const auto h = cell.input("h", 3);
  const auto gate = sigmoid(cell.affine(3, {{"W_i", x}, {"U_i", h}}, "b_i"));
  const auto next = tanh(cell.affine(3, {{"W_u", x}, {"U_u", gate * h}}, "b_u"));
  cell.output(next).output(cell.affine(2, {{"V", next}}));
  return std::make_shared<const graph::Cell>(cell.build());
}

// Two types of one cell; `second` has weights of its own but for W_i.
Network two_types() {
  Network network;
  const auto cell = step_cell();
  network.add_type("first", cell);
  network.add_type("second", cell, {{"W_i", "first.W_i"}});
  draw(network.parameters());
  return network;
}

const Names kAll = {"first.W_i",  "first.U_i",  "first.W_u",  "first.U_u", "first.V",
                    "second.U_i", "second.W_u", "second.U_u", "second.V"};

Network in_integers(const Network& network, tensor::Bits bits, const Names& weights) {
  std::vector<float> bounds;
  for (const ProductInput& input : product_inputs(network, weights)) {
    bounds.push_back(static_cast<float>(input.type + 1));
  }
  return quantise(copy_network(network), bits, weights, bounds);
}

const tensor::Tensor& value_of(const Network& network, const std::string& name) {
  return network.parameters()[network.parameters().find(name)].value;
}

TEST(CopyNetwork, HasTheSameTypesParametersAndValues) {
  const Network network = two_types();
  const Network copy = copy_network(network);
  EXPECT_EQ(copy.type_names(), network.type_names());
  ASSERT_EQ(copy.parameters().size(), network.parameters().size());
  for (graph::TypeId t = 0; t < 2; ++t) {
    EXPECT_EQ(copy.type(t).cell, network.type(t).cell);
    EXPECT_EQ(copy.type(t).binding, network.type(t).binding);
  }
  for (graph::ParameterId id = 0; id < copy.parameters().size(); ++id) {
    EXPECT_EQ(copy.parameters()[id].name, network.parameters()[id].name);
    const auto a = copy.parameters()[id].value.values();
    const auto b = network.parameters()[id].value.values();
    EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  }
}

TEST(Quantise, KnowsTheWeightsOfProducts) { EXPECT_EQ(quantisable_weights(two_types()), kAll); }

TEST(Quantise, LeavesWeightsThatAreSomethingElseToo) {
  Network network;
  CellBuilder cell("cell");
  const auto x = cell.input("x", 4);
  cell.output(cell.affine(4, {{"W", x}})).output(cell.viterbi_step(concat(x, x), x, "W"));
  cell.output(cell.affine(4, {{"U", x}}));
  network.add_type("t", std::make_shared<const graph::Cell>(cell.build()));
  EXPECT_EQ(quantisable_weights(network), (Names{"t.U"}));
}

TEST(Quantise, TransposedWeightsStay) {
  Network network;
  CellBuilder cell("cell");
  const auto x = cell.input("x", 4);
  cell.output(cell.transposed_affine(3, {{.slot = "W", .shape = {4, 3}, .value = x}}));
  cell.output(cell.affine(4, {{"U", x}}));
  network.add_type("t", std::make_shared<const graph::Cell>(cell.build()));
  EXPECT_EQ(quantisable_weights(network), (Names{"t.U"}));
}

TEST(Quantise, ObservesWhatProductsReadOnce) {
  const Network network = two_types();
  const ObservedNetwork observed = observe_product_inputs(network, kAll);
  ASSERT_EQ(observed.inputs.size(), 8U);  // x, h, gate * h, next of two types
  EXPECT_EQ(observed.inputs[0].weights, (Names{"first.W_i", "first.W_u"}));
  EXPECT_EQ(observed.inputs[1].weights, (Names{"first.U_i"}));
  EXPECT_EQ(observed.inputs[4].weights, (Names{"first.W_i", "second.W_u"}));
  EXPECT_EQ(observed.inputs[0].port, 2U);
  EXPECT_EQ(observed.inputs[3].port, 5U);
  for (graph::TypeId t = 0; t < 2; ++t) {
    const graph::Cell& cell = *observed.network.type(t).cell;
    ASSERT_EQ(cell.outputs().size(), 6U);
    EXPECT_EQ(cell.output_width(2), 4U);
    EXPECT_EQ(cell.output_width(3), 3U);
  }
}

TEST(Quantise, ProductsBecomeProductsOfIntegers) {
  const Network network = in_integers(two_types(), {8, 6}, kAll);
  EXPECT_EQ(network.type(0).cell->to_string(),
            "cell step\n"
            "  %0 = input x : 4\n"
            "  %1 = input h : 3\n"
            "  %2 = quantise %0 @W_i.input_scale : 4\n"
            "  %3 = quantise %1 @U_i.input_scale : 3\n"
            "  %4 = quantised_affine %2 %3 @W_i @U_i @W_i.scale @U_i.scale @W_i.input_scale "
            "@U_i.input_scale @b_i : 3\n"
            "  %5 = sigmoid %4 : 3\n"
            "  %6 = mul %5 %1 : 3\n"
            "  %7 = quantise %6 @U_u.input_scale : 3\n"
            "  %8 = quantised_affine %2 %7 @W_u @U_u @W_u.scale @U_u.scale @W_i.input_scale "
            "@U_u.input_scale @b_u : 3\n"
            "  %9 = tanh %8 : 3\n"
            "  %10 = quantise %9 @V.input_scale : 3\n"
            "  %11 = quantised_affine %10 @V @V.scale @V.input_scale : 2\n"
            "  return %9 %11\n");
  EXPECT_EQ(network.type(0).cell->ops()[4].bits, (tensor::Bits{8, 6}));
  EXPECT_EQ(network.type(1).cell, network.type(0).cell);
}

TEST(Quantise, WeightsKeepTheirNamesAndHoldIntegers) {
  const Network before = two_types();
  const Network network = in_integers(before, {8, 8}, kAll);
  for (graph::ParameterId id = 0; id < before.parameters().size(); ++id) {
    EXPECT_EQ(network.parameters()[id].name, before.parameters()[id].name);
  }
  const auto rows = tensor::quantise_rows(value_of(before, "second.U_i"), tensor::kDense, 8);
  const auto integers = value_of(network, "second.U_i").values();
  const auto scales = value_of(network, "second.U_i.scale").values();
  EXPECT_TRUE(std::equal(integers.begin(), integers.end(), rows.integers.values().begin()));
  EXPECT_TRUE(std::equal(scales.begin(), scales.end(), rows.scales.values().begin()));
}

TEST(Quantise, SharedWeightsShareTheirScalesAndEveryTypeHasThoseOfItsInputs) {
  const Network network = in_integers(two_types(), {8, 8}, kAll);
  const auto bound = [&](graph::TypeId type, const std::string& slot) {
    const graph::BatchType& of = network.type(type);
    for (std::size_t s = 0; s < of.binding.size(); ++s) {
      if (of.cell->slots()[s].name == slot) return network.parameters()[of.binding[s]].name;
    }
    return std::string();
  };
  EXPECT_EQ(bound(0, "W_i.scale"), "first.W_i.scale");
  EXPECT_EQ(bound(1, "W_i.scale"), "first.W_i.scale");
  EXPECT_EQ(bound(1, "U_i.scale"), "second.U_i.scale");
  EXPECT_EQ(bound(1, "W_i.input_scale"), "second.W_i.input_scale");
  EXPECT_EQ(value_of(network, "first.W_i.input_scale").values()[0], 1 / 127.0F);
  EXPECT_EQ(value_of(network, "second.W_i.input_scale").values()[0], 2 / 127.0F);
}

TEST(Quantise, WhatIsNotNamedStays) {
  const Network network = in_integers(two_types(), {8, 8}, {"first.V"});
  EXPECT_EQ(network.type(0).cell->ops()[2].kind, ops::OpKind::affine);
  EXPECT_EQ(network.type(0).cell->ops().back().kind, ops::OpKind::quantised_affine);
  EXPECT_EQ(network.type(1).cell->ops().back().kind, ops::OpKind::affine);
  EXPECT_NE(network.type(1).cell, network.type(0).cell);
}

TEST(Quantise, ValuesOfOneWeightAreNumbered) {
  Network network;
  CellBuilder cell("cell");
  const auto a = cell.input("a", 4);
  const auto b = cell.input("b", 4);
  cell.output(cell.affine(3, {{"W", a}})).output(cell.affine(3, {{"W", b}}));
  network.add_type("t", std::make_shared<const graph::Cell>(cell.build()));
  draw(network.parameters());
  const Network quantised = in_integers(network, {8, 8}, {"t.W"});
  EXPECT_EQ(quantised.parameters().find("t.W.input_scale2"), quantised.parameters().size() - 1);
}

TEST(Quantise, WholeProductsLeavesOutWhatHasOtherWeights) {
  // W_i is shared: without second.U_i first.U_i has to stay, too.
  Names named = kAll;
  std::erase(named, "second.U_i");
  EXPECT_EQ(whole_products(two_types(), named),
            (Names{"first.W_u", "first.U_u", "first.V", "second.W_u", "second.U_u", "second.V"}));
}

TEST(Quantise, EncodedWeightsStayEncoded) {
  Network network;
  CellBuilder cell("cell");
  cell.output(cell.affine(8, {{"W", cell.input("x", 16)}}, "b"));
  network.add_type("t", std::make_shared<const graph::Cell>(cell.build()));
  network.parameters().encode(network.parameters().find("t.W"), tensor::block_circulant(4));
  draw(network.parameters());
  const Network quantised = in_integers(network, {8, 8}, {"t.W"});
  const graph::Parameter& weight = quantised.parameters()[quantised.parameters().find("t.W")];
  EXPECT_EQ(weight.encoding, tensor::block_circulant(4));
  EXPECT_EQ(weight.value.shape(), (tensor::Shape{2, 16}));
  EXPECT_EQ(value_of(quantised, "t.W.scale").shape(), (tensor::Shape{1, 8}));
}

TEST(QuantisedForm, IsTheSameNetworkWithoutValues) {
  const Network network = two_types();
  const Network quantised = in_integers(network, {8, 8}, kAll);
  const Network form = quantised_form(copy_network(network), {8, 8}, kAll);
  ASSERT_EQ(form.parameters().size(), quantised.parameters().size());
  for (graph::ParameterId id = 0; id < form.parameters().size(); ++id) {
    EXPECT_EQ(form.parameters()[id].name, quantised.parameters()[id].name);
    EXPECT_EQ(form.parameters()[id].shape, quantised.parameters()[id].shape);
  }
  EXPECT_EQ(form.type(1).cell->to_string(), quantised.type(1).cell->to_string());
}

TEST(Quantise, MessageNamesHalfAProduct) {
  EXPECT_EQ(test::message_of<base::UsageError>([] {
              static_cast<void>(in_integers(two_types(), {8, 8}, {"second.U_i"}));
            }),
            "[quantise] weights of one product of type second: got second.U_i and first.W_i, one "
            "of them named, expected all or none");
}

TEST(Quantise, MessageNamesAWeightWithoutAValue) {
  Network network;
  network.add_type("t", step_cell());
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              static_cast<void>(in_integers(network, {8, 8}, {"t.V"}));
            }),
            "[quantise] parameter t.V: got no value");
}

TEST(Quantise, MessageNamesSumsThatDoNotFit) {
  Network network;
  CellBuilder cell("cell");
  cell.output(cell.affine(1, {{"W", cell.input("x", 3)}}));
  network.add_type("t", std::make_shared<const graph::Cell>(cell.build()));
  tensor::Tensor ones({1, 3});
  for (float& w : ones.values()) w = 1;
  network.parameters().assign(0, std::move(ones));
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              static_cast<void>(in_integers(network, {16, 16}, {"t.W"}));
            }),
            "[quantise] sums of products of t.W in 16x16 bits: got up to 3221028867, expected at "
            "most 2147483647; use fewer bits, or keep it in floats");
}

}  // namespace
}  // namespace sheaf::passes
