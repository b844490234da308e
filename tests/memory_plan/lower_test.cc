// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "sheaf/memory_plan/lower.h"

namespace sheaf::memory_plan {
namespace {

using graph::CellBuilder;
using ops::OpKind;

std::vector<Step::Kind> kinds_of(const CompiledCell& cell) {
  std::vector<Step::Kind> kinds;
  for (const Step& step : cell.steps) kinds.push_back(step.kind);
  return kinds;
}

std::vector<OpKind> ops_of(const Region& region) {
  std::vector<OpKind> kinds;
  for (const RegionOp& op : region.ops) kinds.push_back(op.kind);
  return kinds;
}

std::size_t count(const Region& region, OpKind kind) {
  const auto kinds = ops_of(region);
  return static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), kind));
}

constexpr auto kProduct = Step::Kind::product;
constexpr auto kRegion = Step::Kind::region;
constexpr auto kLookup = Step::Kind::lookup;

graph::Cell lstm_cell(std::uint32_t input, std::uint32_t hidden) {
  CellBuilder cell("lstm");
  const auto x = cell.input("x", input);
  const auto h = cell.input("h", hidden);
  const auto c = cell.input("c", hidden);
  const auto f = sigmoid(cell.affine(hidden, {{"U_f", x}, {"W_f", h}}, "b_f"));
  const auto i = sigmoid(cell.affine(hidden, {{"U_i", x}, {"W_i", h}}, "b_i"));
  const auto o = sigmoid(cell.affine(hidden, {{"U_o", x}, {"W_o", h}}, "b_o"));
  const auto g = tanh(cell.affine(hidden, {{"U_g", x}, {"W_g", h}}, "b_g"));
  const auto c_new = i * g + f * c;
  return cell.output(o * tanh(c_new)).output(c_new).build();
}

TEST(Lower, LstmIsOneProductAndOneRegion) {
  const CompiledCell cell = lower(lstm_cell(12, 20));
  EXPECT_EQ(kinds_of(cell), (std::vector{kProduct, kRegion}));
  const Product& product = cell.products.at(0);
  ASSERT_EQ(product.ranges.size(), 2U);
  EXPECT_EQ(product.ranges[0].from, (Place{Place::Kind::input, 0}));
  EXPECT_EQ(product.ranges[0].width, 12U);
  EXPECT_EQ(product.ranges[1].from, (Place{Place::Kind::input, 1}));
  EXPECT_EQ(product.ranges[1].width, 20U);
  EXPECT_EQ(product.k, 32U);
  EXPECT_EQ(cell.block_floats, 0U);
}

TEST(Lower, PartsOfAProductArePadded) {
  const CompiledCell cell = lower(lstm_cell(12, 20));
  const Product& product = cell.products.at(0);
  ASSERT_EQ(product.parts.size(), 4U);
  EXPECT_EQ(product.n, 128U);
  for (std::uint32_t p = 0; p < 4; ++p) {
    const ProductPart& part = product.parts[p];
    EXPECT_EQ(part.column, 32 * p);
    EXPECT_EQ(part.width, 20U);
    ASSERT_EQ(part.terms.size(), 2U);
    EXPECT_EQ(part.terms[0].slot, 3 * p);  // slots are numbered as they are met: U, W, b
    EXPECT_EQ(part.terms[0].first_k, 0U);
    EXPECT_EQ(part.terms[0].width, 12U);
    EXPECT_EQ(part.terms[1].slot, 3 * p + 1);
    EXPECT_EQ(part.terms[1].first_k, 12U);
    EXPECT_EQ(part.terms[1].width, 20U);
    EXPECT_EQ(part.bias, 3 * p + 2);
  }
}

TEST(Lower, ColumnsOfAProductArePaddedToWholePanels) {
  CellBuilder cell("three");
  const auto x = cell.input("x", 8);
  const auto a = tanh(cell.affine(3, {{"A", x}}));
  const auto b = tanh(cell.affine(3, {{"B", x}}));
  const auto c = tanh(cell.affine(3, {{"C", x}}));
  const CompiledCell compiled = lower(cell.output(a * b * c).build());
  ASSERT_EQ(compiled.products.size(), 1U);
  EXPECT_EQ(compiled.products[0].parts[2].column, 32U);
  EXPECT_EQ(compiled.products[0].n, 64U);  // three parts of 16, and 16 to fill a panel
}

TEST(Lower, AnAffineWithoutBiasHasNone) {
  CellBuilder cell("plain");
  const auto x = cell.input("x", 8);
  const CompiledCell compiled = lower(cell.output(cell.affine(3, {{"A", x}})).build());
  EXPECT_EQ(compiled.products.at(0).parts.at(0).bias, ProductPart::kNoBias);
}

TEST(Lower, GruIsTwoProductsAndTheResetStateOutlivesItsRegion) {
  constexpr std::uint32_t kHidden = 20;
  CellBuilder cell("gru");
  const auto x = cell.input("x", 12);
  const auto h = cell.input("h", kHidden);
  const auto u = sigmoid(cell.affine(kHidden, {{"W_u", x}, {"U_u", h}}, "b_u"));
  const auto r = sigmoid(cell.affine(kHidden, {{"W_r", x}, {"U_r", h}}, "b_r"));
  const auto c = tanh(cell.affine(kHidden, {{"W_c", x}, {"U_c", r * h}}, "b_c"));
  const CompiledCell compiled = lower(cell.output(one_minus(u) * h + u * c).build());

  EXPECT_EQ(kinds_of(compiled), (std::vector{kProduct, kRegion, kProduct, kRegion}));
  ASSERT_EQ(compiled.products.size(), 2U);
  EXPECT_EQ(compiled.products[0].parts.size(), 2U);
  EXPECT_EQ(compiled.products[1].parts.size(), 1U);
  ASSERT_EQ(compiled.products[1].ranges.size(), 2U);
  EXPECT_EQ(compiled.products[1].ranges[0].from, (Place{Place::Kind::input, 0}));
  EXPECT_EQ(compiled.products[1].ranges[1].from.kind, Place::Kind::block);
  // r * h and (1 - u) * h are read after the second product; u, too, but it lies over the sum that
  // the sigmoid was taken of, beside r.
  EXPECT_EQ(compiled.block_floats, 2 * 32U);
  EXPECT_EQ(compiled.regions[0].tile_floats, 32U);
}

TEST(Lower, TreeNodeIsThreeProducts) {
  constexpr std::uint32_t kHidden = 32;
  CellBuilder cell("node");
  const auto h1 = cell.input("h1", kHidden);
  const auto h2 = cell.input("h2", kHidden);
  const auto e = concat(h1, h2);
  const auto i = sigmoid(cell.affine(kHidden, {{"U_i", e}}, "b_i"));
  const auto u = tanh(cell.affine(kHidden, {{"U_u", e}}, "b_u"));
  const auto f1 = sigmoid(cell.affine(kHidden, {{"F_1", h1}}, "b_f"));
  const auto f2 = sigmoid(cell.affine(kHidden, {{"F_2", h2}}, "b_f"));
  const CompiledCell compiled = lower(cell.output(i * u + f1 * f2).build());
  EXPECT_EQ(kinds_of(compiled), (std::vector{kProduct, kProduct, kProduct, kRegion}));
  EXPECT_EQ(compiled.products.at(0).k, 64U);
  EXPECT_EQ(compiled.products.at(1).k, 32U);
  EXPECT_EQ(compiled.products.at(2).k, 32U);
  EXPECT_EQ(compiled.products.at(1).parts.at(0).bias, compiled.products.at(2).parts.at(0).bias);
}

TEST(Lower, AConcatThatOnlyProductsReadIsNotMade) {
  CellBuilder cell("concat");
  const auto a = cell.input("a", 5);
  const auto b = cell.input("b", 7);
  const auto c = cell.input("c", 3);
  const auto product = cell.affine(8, {{"W", concat(concat(a, b), c)}});
  const CompiledCell compiled = lower(cell.output(tanh(product)).build());
  ASSERT_EQ(compiled.products.at(0).ranges.size(), 3U);
  EXPECT_EQ(compiled.products[0].ranges[2].from, (Place{Place::Kind::input, 2}));
  EXPECT_EQ(compiled.products[0].k, 15U);
  EXPECT_EQ(compiled.products[0].parts.at(0).terms.at(0).width, 15U);
  ASSERT_EQ(compiled.regions.size(), 1U);
  EXPECT_EQ(ops_of(compiled.regions[0]), (std::vector{OpKind::tanh}));
}

TEST(Lower, AConcatThatAnotherOpReadsIsCopied) {
  CellBuilder cell("concat");
  const auto a = cell.input("a", 5);
  const auto b = cell.input("b", 7);
  const CompiledCell compiled = lower(cell.output(tanh(concat(a, b))).build());
  ASSERT_EQ(compiled.regions.size(), 1U);
  const auto& ops = compiled.regions[0].ops;
  ASSERT_EQ(ops_of(compiled.regions[0]), (std::vector{OpKind::copy, OpKind::copy, OpKind::tanh}));
  EXPECT_EQ(ops[0].width, 5U);
  EXPECT_EQ(ops[0].to.column, 0U);
  EXPECT_EQ(ops[1].width, 7U);
  EXPECT_EQ(ops[1].to.column, 5U);
  EXPECT_EQ(ops[0].to.index, ops[1].to.index);
}

TEST(Lower, AConcatThatAProductAndAnotherOpReadIsMadeOnce) {
  CellBuilder cell("concat");
  const auto e = concat(cell.input("a", 5), cell.input("b", 7));
  const auto product = cell.affine(12, {{"W", e}});
  const CompiledCell compiled = lower(cell.output(product * e).build());
  ASSERT_EQ(compiled.products.at(0).ranges.size(), 1U);
  EXPECT_EQ(compiled.products[0].ranges[0].from.kind, Place::Kind::block);
  EXPECT_EQ(count(compiled.regions.at(0), OpKind::copy), 2U);
  EXPECT_EQ(kinds_of(compiled), (std::vector{kRegion, kProduct, kRegion}));
}

TEST(Lower, AffinesOverTheSameRangesAreOneProductHoweverTheyAreWritten) {
  CellBuilder cell("joined");
  const auto a = cell.input("a", 5);
  const auto b = cell.input("b", 7);
  const auto whole = cell.affine(8, {{"W", concat(a, b)}});
  const auto split = cell.affine(8, {{"A", a}, {"B", b}});
  const CompiledCell compiled = lower(cell.output(whole * split).build());
  ASSERT_EQ(compiled.products.size(), 1U);
  EXPECT_EQ(compiled.products[0].parts.at(0).terms.size(), 1U);
  EXPECT_EQ(compiled.products[0].parts.at(1).terms.size(), 2U);
}

TEST(Lower, AffinesOverTheSameValuesInAnotherOrderStayApart) {
  CellBuilder cell("apart");
  const auto a = cell.input("a", 5);
  const auto b = cell.input("b", 7);
  const auto ab = cell.affine(8, {{"A", a}, {"B", b}});
  const auto ba = cell.affine(8, {{"C", b}, {"D", a}});
  EXPECT_EQ(lower(cell.output(ab * ba).build()).products.size(), 2U);
}

// The one op that a cell which returns `value` beside tanh(x) has besides it.
void expect_copied(const CompiledCell& compiled, Place from, std::uint32_t port) {
  const Region& region = compiled.regions.at(compiled.regions.size() - 1);
  const auto& ops = region.ops;
  const auto it = std::find_if(ops.begin(), ops.end(), [&](const RegionOp& op) {
    return op.kind == OpKind::copy && op.to == Place{Place::Kind::output, port};
  });
  ASSERT_NE(it, ops.end()) << compiled.to_string();
  EXPECT_EQ(it->a.kind, from.kind);
  EXPECT_EQ(it->a.index, from.index);
}

TEST(Lower, AnOutputThatIsAnInputIsCopied) {
  CellBuilder cell("input");
  const auto x = cell.input("x", 8);
  expect_copied(lower(cell.output(x).build()), {Place::Kind::input, 0}, 0);
}

TEST(Lower, AnOutputThatIsAParameterIsCopied) {
  CellBuilder cell("parameter");
  expect_copied(lower(cell.output(cell.parameter("p", 8)).build()), {Place::Kind::parameter, 0}, 0);
}

TEST(Lower, AnOutputThatIsALookupIsWrittenInPlace) {
  CellBuilder cell("lookup");
  const CompiledCell compiled = lower(cell.output(cell.lookup("table", 8)).build());
  EXPECT_EQ(kinds_of(compiled), (std::vector{kLookup}));
  EXPECT_EQ(compiled.lookups.at(0).to, (Place{Place::Kind::output, 0}));
}

TEST(Lower, AnOutputThatIsAProductIsCopied) {
  CellBuilder cell("product");
  const auto x = cell.input("x", 8);
  const auto first = cell.affine(8, {{"A", x}});
  const auto second = cell.affine(8, {{"B", x}});
  const CompiledCell compiled = lower(cell.output(first).output(second).build());
  expect_copied(compiled, {Place::Kind::product, 0}, 0);
  expect_copied(compiled, {Place::Kind::product, 0}, 1);
  EXPECT_EQ(compiled.regions.at(0).ops.at(1).a.column, 16U);
}

TEST(Lower, AnOutputThatIsReturnedTwiceIsCopied) {
  CellBuilder cell("twice");
  const auto y = tanh(cell.input("x", 8));
  const CompiledCell compiled = lower(cell.output(y).output(y).build());
  EXPECT_EQ(ops_of(compiled.regions.at(0)), (std::vector{OpKind::tanh, OpKind::copy}));
  expect_copied(compiled, {Place::Kind::output, 0}, 1);
}

TEST(Lower, AnOutputThatAnOpMakesIsWrittenInPlace) {
  CellBuilder cell("made");
  const CompiledCell compiled = lower(cell.output(tanh(cell.input("x", 8))).build());
  ASSERT_EQ(compiled.regions.at(0).ops.size(), 1U);
  EXPECT_EQ(compiled.regions[0].ops[0].to, (Place{Place::Kind::output, 0}));
}

TEST(Lower, DeadOpsAreDropped) {
  CellBuilder cell("dead");
  const auto x = cell.input("x", 8);
  const auto table = cell.lookup("table", 8);
  static_cast<void>(tanh(cell.affine(8, {{"W", table}})));
  static_cast<void>(cell.constant(1, 8) + cell.parameter("p", 8));
  const CompiledCell compiled = lower(cell.output(tanh(x)).build());
  EXPECT_TRUE(compiled.products.empty());
  EXPECT_TRUE(compiled.lookups.empty());
  EXPECT_EQ(kinds_of(compiled), (std::vector{kRegion}));
  EXPECT_EQ(ops_of(compiled.regions.at(0)), (std::vector{OpKind::tanh}));
}

TEST(Lower, TileBuffersAreUsedAgain) {
  CellBuilder cell("chain");
  auto x = tanh(cell.input("x", 20));
  for (int i = 0; i < 9; ++i) x = tanh(x);
  const CompiledCell compiled = lower(cell.output(x).build());
  EXPECT_EQ(compiled.regions.at(0).ops.size(), 10U);
  EXPECT_EQ(compiled.regions[0].tile_floats, 2 * 32U);
}

TEST(Lower, ATileBufferIsNotUsedAgainWhileItsValueIsStillRead) {
  CellBuilder cell("late");
  const auto x = cell.input("x", 16);
  const auto early = tanh(x);
  auto y = sigmoid(x);
  for (int i = 0; i < 4; ++i) y = sigmoid(y);
  const CompiledCell compiled = lower(cell.output(y * early).build());
  const auto& ops = compiled.regions.at(0).ops;
  EXPECT_EQ(ops.back().b, ops.front().to);
  for (std::size_t i = 1; i < ops.size(); ++i) EXPECT_NE(ops[i].to, ops.front().to);
  EXPECT_EQ(compiled.regions[0].tile_floats, 3 * 16U);
}

TEST(Lower, AConstantIsFilledIn) {
  CellBuilder cell("constant");
  const CompiledCell compiled = lower(cell.output(cell.constant(2.5F, 8)).build());
  const RegionOp& op = compiled.regions.at(0).ops.at(0);
  EXPECT_EQ(op.kind, OpKind::constant);
  EXPECT_EQ(op.scalar, 2.5F);
}

TEST(Lower, AViterbiStepNamesItsTransitions) {
  CellBuilder cell("viterbi");
  const auto p = cell.parameter("p", 5);
  const auto step = cell.viterbi_step(cell.input("previous", 10), p, "transitions");
  const CompiledCell compiled = lower(cell.output(step).build());
  const RegionOp& op = compiled.regions.at(0).ops.at(0);
  EXPECT_EQ(op.kind, OpKind::viterbi_step);
  EXPECT_EQ(op.slot, 1U);
  EXPECT_EQ(op.width, 10U);
}

}  // namespace
}  // namespace sheaf::memory_plan
