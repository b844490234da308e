// SPDX-License-Identifier: Apache-2.0
#include "sheaf/compress/encode.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/compress/block_circulant/block_circulant.h"
#include "tests/message_of.h"

namespace sheaf::compress {
namespace {

// Types a and b of one cell, with a table and a head of 5 classes.
graph::Network network() {
  graph::Network network;
  network.parameters().declare("embedding", {7, 8});
  graph::CellBuilder cell("cell");
  const auto x = cell.lookup("embedding", 8);
  const auto h = cell.input("h", 16);
  const auto y = tanh(cell.affine(16, {{"U", x}, {"W", h}}, "b"));
  cell.output(y).output(cell.affine(5, {{"V", y}}));
  const auto built = std::make_shared<const graph::Cell>(cell.build());
  for (const char* name : {"a", "b"}) network.add_type(name, built, {{"embedding", "embedding"}});
  return network;
}

void encode_as(graph::Network& network, const std::vector<std::string>& texts) {
  std::vector<EncodeRule> rules;
  for (const std::string& text : texts) rules.push_back(parse_encode_rule(text));
  encode(rules, network);
}

tensor::Encoding encoding_of(const graph::Network& network, std::string_view name) {
  return network.parameters()[network.parameters().find(name)].encoding;
}

std::string refusal(const std::vector<std::string>& texts, graph::Network of = network()) {
  return test::message_of<base::UsageError>([&] { encode_as(of, texts); });
}

TEST(Encode, PatternWithoutADotNamesSlots) {
  EXPECT_TRUE(matches("W_*", "forward1.W_f"));
  EXPECT_TRUE(matches("*", "embedding"));
  EXPECT_TRUE(matches("?_f", "a.U_f"));
  EXPECT_TRUE(matches("a.*", "a.U_f"));
  EXPECT_TRUE(matches("*.U_*", "a.b.U_f"));
  EXPECT_TRUE(matches("*a*b*", "xxaxxbxx"));
  EXPECT_TRUE(matches("a*ab", "aaaab"));
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("W_*", "W_f.b"));
  EXPECT_FALSE(matches("a.*", "b.U_f"));
  EXPECT_FALSE(matches("W", "W_f"));
  EXPECT_FALSE(matches("?", ""));
  EXPECT_FALSE(matches("w_*", "a.W_f"));
}

TEST(Encode, ChangesTheWeightsThatMatch) {
  graph::Network of = network();
  encode_as(of, {"W=block_circulant:k=8", "b.U=block_circulant:k=4"});
  EXPECT_EQ(encoding_of(of, "a.W"), tensor::block_circulant(8));
  EXPECT_EQ(encoding_of(of, "b.W"), tensor::block_circulant(8));
  EXPECT_EQ(encoding_of(of, "b.U"), tensor::block_circulant(4));
  EXPECT_EQ(encoding_of(of, "a.U"), tensor::kDense);
}

TEST(Encode, LastMatchCounts) {
  graph::Network of = network();
  encode_as(of, {"*=block_circulant:k=8", "V=dense", "a.U=block_circulant:k=2"});
  EXPECT_EQ(encoding_of(of, "a.V"), tensor::kDense);
  EXPECT_EQ(encoding_of(of, "a.U"), tensor::block_circulant(2));
  EXPECT_EQ(encoding_of(of, "b.U"), tensor::block_circulant(8));
}

TEST(Encode, LeavesTablesAndBiasesAlone) {
  graph::Network of = network();
  encode_as(of, {"*=block_circulant:k=8", "V=dense"});
  EXPECT_EQ(encoding_of(of, "embedding"), tensor::kDense);
  EXPECT_EQ(encoding_of(of, "a.b"), tensor::kDense);
}

TEST(Encode, ProjectsWhatHasAValue) {
  graph::Network of = network();
  const graph::ParameterId id = of.parameters().find("a.W");
  tensor::Tensor value({16, 16});
  base::Rng rng(1);
  for (float& v : value.values()) v = rng.uniform(-1, 1);
  const tensor::Tensor wanted = project(value, 8);
  const double error = projection_error(value, 8);
  of.parameters().assign(id, std::move(value));
  const EncodeRule rule = parse_encode_rule("a.W=block_circulant:k=8");
  const auto encoded = encode({&rule, 1}, of);
  ASSERT_EQ(encoded.size(), 1U);
  EXPECT_EQ(encoded[0].parameter, id);
  EXPECT_EQ(encoded[0].error, error);
  EXPECT_GT(error, 0.1);
  const auto values = of.parameters()[id].value.values();
  EXPECT_TRUE(
      std::equal(values.begin(), values.end(), wanted.values().begin(), wanted.values().end()));
  EXPECT_EQ(encode({&rule, 1}, of)[0].error, 0) << "what is encoded so already stays as it is";
}

TEST(Encode, RefusesAPatternThatMatchesNothingWithTheNames) {
  EXPECT_EQ(refusal({"w*=block_circulant:k=8"}),
            "[--encode] pattern that no weight of a product matches: got 'w*', expected one of "
            "their names; there are a.U, a.W, a.V, b.U, b.W, b.V");
  EXPECT_EQ(refusal({"b=block_circulant:k=8"}).substr(0, 56),
            "[--encode] pattern that no weight of a product matches: ");
}

TEST(Encode, RefusesAShapeThatDoesNotFitBeforeItChangesAnything) {
  graph::Network of = network();
  EXPECT_EQ(test::message_of<base::UsageError>([&] { encode_as(of, {"*=block_circulant:k=8"}); }),
            "[--encode] shape of a.V: got 5 x 16, expected rows and columns that 8 divides; use "
            "another pattern or a smaller k");
  EXPECT_EQ(encoding_of(of, "a.U"), tensor::kDense);
}

TEST(Encode, RefusesAnotherEncodingThanTheWeightsHave) {
  graph::Network of = network();
  encode_as(of, {"W=block_circulant:k=8"});
  EXPECT_EQ(test::message_of<base::UsageError>([&] { encode_as(of, {"W=block_circulant:k=4"}); }),
            "[--encode] encoding of a.W: got block_circulant:k=4, expected block_circulant:k=8, "
            "which the weights have");
}

TEST(Encode, RefusesWhatIsNoRule) {
  for (const char* text : {"W", "=dense", ""}) {
    EXPECT_EQ(refusal({text}),
              "[--encode] rule: got '" + std::string(text) +
                  "', expected PATTERN=ENCODING; for example 'W_*=block_circulant:k=8'");
  }
  EXPECT_EQ(refusal({"W=sparse"}).substr(0, 42), "[--encode] unknown encoding: got 'sparse';");
}

TEST(Encode, RefusesAFileThatEncodesATable) {
  graph::Network of = network();
  graph::Network other;
  require_product_weights(of, "w");
  of.parameters().encode(of.parameters().find("a.b"), tensor::kDense);
  require_product_weights(of, "w");
  other.parameters().declare("embedding", {8, 8});
  other.parameters().encode(0, tensor::block_circulant(4));
  EXPECT_EQ(test::message_of<base::DataError>([&] { require_product_weights(other, "w"); }),
            "[w: embedding] encoding of what is no weight of a product: got block_circulant:k=4, "
            "expected dense");
}

}  // namespace
}  // namespace sheaf::compress
