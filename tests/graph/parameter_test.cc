// SPDX-License-Identifier: Apache-2.0
#include "sheaf/graph/parameter.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::graph {
namespace {

TEST(ParameterStore, KeepsTheOrderOfDeclaration) {
  ParameterStore store;
  EXPECT_EQ(store.declare("z", {2, 3}), 0U);
  EXPECT_EQ(store.declare("a", {1, 3}), 1U);
  ASSERT_EQ(store.size(), 2U);
  EXPECT_EQ(store[0].name, "z");
  EXPECT_EQ(store[1].name, "a");
  EXPECT_EQ(store.begin()->shape, (tensor::Shape{2, 3}));
  EXPECT_EQ(store.end() - store.begin(), 2);
}

TEST(ParameterStore, DeclaringTwiceGivesTheSameParameter) {
  ParameterStore store;
  const ParameterId id = store.declare("W", {2, 3});
  store.declare("b", {1, 3});
  EXPECT_EQ(store.declare("W", {2, 3}), id);
  EXPECT_EQ(store.size(), 2U);
}

TEST(ParameterStore, MessageNamesAParameterDeclaredWithTwoShapes) {
  ParameterStore store;
  store.declare("leaf.W", {2, 3});
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              store.declare("leaf.W", {3, 2});
            }),
            "[parameter leaf.W] shape: got 3 x 2, expected 2 x 3");
  EXPECT_EQ(store[0].shape, (tensor::Shape{2, 3}));
}

TEST(ParameterStore, FindsByName) {
  ParameterStore store;
  store.declare("a", {1, 1});
  store.declare("b", {1, 1});
  EXPECT_EQ(store.find("b"), 1U);
}

TEST(ParameterStore, MessageSuggestsTheNearestName) {
  ParameterStore store;
  store.declare("leaf.W_i", {1, 1});
  store.declare("embedding", {1, 1});
  EXPECT_EQ(test::message_of<base::NotFoundError>([&] { (void)store.find("embeding"); }),
            "[parameters] no such parameter: got 'embeding'; did you mean 'embedding'?");
}

TEST(ParameterStore, MessageListsAllNamesWhenNoneIsNear) {
  ParameterStore store;
  store.declare("leaf.W_i", {1, 1});
  store.declare("embedding", {1, 1});
  EXPECT_EQ(test::message_of<base::NotFoundError>([&] { (void)store.find("q"); }),
            "[parameters] no such parameter: got 'q'; known are 'leaf.W_i' 'embedding'");
}

TEST(ParameterStore, AssignReplacesTheValueAndRaisesTheVersion) {
  ParameterStore store;
  const ParameterId id = store.declare("W", {1, 2});
  const ParameterId other = store.declare("U", {1, 2});
  EXPECT_EQ(store[id].version, 0U);
  EXPECT_TRUE(store[id].value.values().empty());
  for (std::uint64_t version = 1; version <= 3; ++version) {
    tensor::Tensor value({1, 2});
    std::fill_n(value.values().data(), 2, static_cast<float>(version));
    store.assign(id, std::move(value));
    EXPECT_EQ(store[id].version, version);
    EXPECT_EQ(store[id].value.values()[1], static_cast<float>(version));
  }
  EXPECT_EQ(store[other].version, 0U);
}

TEST(ParameterStore, MessageNamesAValueOfAnotherShape) {
  ParameterStore store;
  const ParameterId id = store.declare("W", {1, 2});
  store.assign(id, tensor::Tensor({1, 2}));
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              store.assign(id, tensor::Tensor({2, 1}));
            }),
            "[parameter W] shape: got 2 x 1, expected 1 x 2");
  EXPECT_EQ(store[id].version, 1U);
  EXPECT_EQ(store[id].value.shape(), (tensor::Shape{1, 2}));
}

TEST(ParameterStore, ParametersAreDenseUntilEncoded) {
  ParameterStore store;
  EXPECT_EQ(store[store.declare("W", {1, 2})].encoding, tensor::kDense);
}

TEST(ParameterStore, EncodedParameterTakesWhatItsEncodingStores) {
  ParameterStore store;
  const ParameterId id = store.declare("W", {8, 16});
  store.assign(id, tensor::Tensor({8, 16}));
  store.encode(id, tensor::block_circulant(4));
  EXPECT_EQ(store[id].version, 2U);
  EXPECT_EQ(store.changes(), 2U);
  EXPECT_EQ(store[id].value.shape().size(), 0U) << "a dense value is none of an encoded one";
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              store.assign(id, tensor::Tensor({8, 16}));
            }),
            "[parameter W] shape: got 8 x 16, expected 2 x 16");
  store.assign(id, tensor::Tensor({2, 16}));
  EXPECT_EQ(store[id].shape, (tensor::Shape{8, 16}));
  EXPECT_EQ(store.declare("W", {8, 16}), id) << "declared by the shape of the matrix";
}

TEST(ParameterStore, RefusesAnEncodingThatDoesNotFit) {
  ParameterStore store;
  const ParameterId id = store.declare("W", {8, 12});
  EXPECT_EQ(
      test::message_of<base::UsageError>([&] { store.encode(id, tensor::block_circulant(8)); }),
      "[parameter W] shape: got 8 x 12, expected rows and columns that block_circulant:k=8 "
      "divides; leave it out of the pattern");
  EXPECT_EQ(store[id].version, 0U);
}

TEST(ParameterStore, ChangeGivesTheStoredValuesAndRaisesVersionAndCount) {
  ParameterStore store;
  const ParameterId a = store.declare("a", {1, 2});
  const ParameterId b = store.declare("b", {1, 1});
  for (const ParameterId id : {a, b}) store.assign(id, tensor::Tensor(store[id].shape));
  const std::uint64_t version = store[a].version;
  const std::uint64_t other = store[b].version;
  const std::uint64_t changes = store.changes();
  const std::span<float> values = store.change(a);
  ASSERT_EQ(values.size(), 2U);
  values[1] = 7;
  EXPECT_EQ(store[a].value.values()[1], 7);
  EXPECT_EQ(store[a].version, version + 1);
  EXPECT_EQ(store[b].version, other);
  EXPECT_EQ(store.changes(), changes + 1);
}

TEST(ParameterStore, MessageOfAChangeNamesAParameterThatHasNoValue) {
  ParameterStore store;
  store.declare("W", {2, 3});
  EXPECT_EQ(test::message_of<base::UsageError>([&] { (void)store.change(0); }),
            "[parameter W] shape: got 0 x 0, expected 2 x 3");
  EXPECT_EQ(store[0].version, 0U);
}

}  // namespace
}  // namespace sheaf::graph
