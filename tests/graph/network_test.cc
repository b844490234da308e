// SPDX-License-Identifier: Apache-2.0
#include "sheaf/graph/network.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::graph {
namespace {

// A table, a matrix and a bias.
std::shared_ptr<const Cell> embedding_cell() {
  CellBuilder cell("embed");
  const auto x = cell.lookup("table", 4);
  return std::make_shared<Cell>(cell.output(cell.affine(2, {{"W", x}}, "b")).build());
}

TEST(Network, SlotsAreBoundToParametersNamedAfterTheType) {
  Network network;
  network.parameters().declare("words", {10, 4});
  const TypeId id = network.add_type("leaf", embedding_cell(), {{"table", "words"}});
  const BatchType& type = network.type(id);
  EXPECT_EQ(type.name, "leaf");
  ASSERT_EQ(type.binding.size(), 3U);
  const ParameterStore& parameters = network.parameters();
  EXPECT_EQ(parameters[type.binding[0]].name, "words");
  EXPECT_EQ(parameters[type.binding[1]].name, "leaf.W");
  EXPECT_EQ(parameters[type.binding[1]].shape, (tensor::Shape{2, 4}));
  EXPECT_EQ(parameters[type.binding[2]].name, "leaf.b");
}

TEST(Network, TwoTypesMayShareOneCellWithParametersOfTheirOwn) {
  Network network;
  network.parameters().declare("words", {10, 4});
  const auto cell = embedding_cell();
  const TypeId a = network.add_type("character", cell, {{"table", "words"}});
  const TypeId b = network.add_type("word", cell, {{"table", "words"}});
  EXPECT_EQ(network.type_count(), 2U);
  EXPECT_EQ(network.type(a).cell, network.type(b).cell);
  EXPECT_EQ(network.type(a).binding[0], network.type(b).binding[0]);
  EXPECT_NE(network.type(a).binding[1], network.type(b).binding[1]);
  EXPECT_EQ(network.parameters().size(), 5U);
  EXPECT_EQ(network.type_names(), (std::vector<std::string>{"character", "word"}));
}

TEST(Network, SharedSlotsAreOneParameter) {
  Network network;
  network.parameters().declare("words", {10, 4});
  const auto cell = embedding_cell();
  const TypeId a = network.add_type("a", cell, {{"table", "words"}, {"W", "both.W"}});
  const TypeId b = network.add_type("b", cell, {{"table", "words"}, {"W", "both.W"}});
  EXPECT_EQ(network.type(a).binding[1], network.type(b).binding[1]);
  EXPECT_EQ(network.parameters().find("both.W"), network.type(a).binding[1]);
  EXPECT_NE(network.type(a).binding[2], network.type(b).binding[2]);
}

TEST(Network, MessageNamesATypeThatThereIsAlready) {
  Network network;
  network.parameters().declare("words", {10, 4});
  network.add_type("leaf", embedding_cell(), {{"table", "words"}});
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              network.add_type("leaf", embedding_cell(), {{"table", "words"}});
            }),
            "[type leaf] there is a type of this name");
}

TEST(Network, MessageNamesASharedKeyThatIsNoSlot) {
  Network network;
  network.parameters().declare("words", {10, 4});
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              network.add_type("leaf", embedding_cell(), {{"tabel", "words"}});
            }),
            "[cell embed] no slot to bind to words: got 'tabel'; did you mean 'table'?");
}

TEST(Network, MessageNamesATableThatWasNotDeclared) {
  Network network;
  network.parameters().declare("words", {10, 4});
  EXPECT_EQ(test::message_of<base::NotFoundError>([&] {
              network.add_type("leaf", embedding_cell(), {{"table", "word"}});
            }),
            "[parameters] no such parameter: got 'word'; did you mean 'words'?");
  EXPECT_EQ(
      test::message_of<base::NotFoundError>([&] { network.add_type("leaf", embedding_cell()); }),
      "[parameters] no such parameter: got 'leaf.table'; known are 'words'");
  EXPECT_EQ(network.type_count(), 0U);
}

TEST(Network, MessageNamesATableOfOtherColumns) {
  Network network;
  network.parameters().declare("words", {10, 5});
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              network.add_type("leaf", embedding_cell(), {{"table", "words"}});
            }),
            "[parameter words] columns of a table: got 5, expected 4");
  EXPECT_EQ(network.type_count(), 0U);
}

TEST(Network, MessageNamesASharedParameterOfAnotherShape) {
  Network network;
  network.parameters().declare("words", {10, 4});
  network.parameters().declare("both.W", {3, 4});
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              network.add_type("leaf", embedding_cell(), {{"table", "words"}, {"W", "both.W"}});
            }),
            "[parameter both.W] shape: got 2 x 4, expected 3 x 4");
  EXPECT_EQ(network.type_count(), 0U);
}

TEST(Network, CountsFlopsAsWeightsAreEncoded) {
  CellBuilder cell("cell");
  const auto x = cell.input("x", 16);
  const auto h = cell.input("h", 8);
  const auto built =
      std::make_shared<const Cell>(cell.output(cell.affine(8, {{"U", x}, {"W", h}}, "b")).build());
  Network network;
  network.add_type("a", built);
  network.add_type("b", built);
  EXPECT_EQ(network.encoded_flops(0), built->flops());
  ParameterStore& parameters = network.parameters();
  parameters.encode(parameters.find("a.U"), tensor::block_circulant(8));
  EXPECT_EQ(network.encoded_flops(0), 2U * 2 * 14 + 2U * 8 * 8);  // 2 blocks of 14 multiply-adds
  EXPECT_EQ(network.encoded_flops(1), built->flops());
  EXPECT_EQ(network.encodings(0)[0], tensor::block_circulant(8));
  EXPECT_EQ(network.encodings(1)[0], tensor::kDense);
}

}  // namespace
}  // namespace sheaf::graph
