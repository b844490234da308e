// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/compare.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::study {
namespace {

using runtime::Cost;

LedgerFile file(const std::string& target, std::vector<runtime::LedgerRow> rows) {
  return {.recipe = {{"policy", "fsm"}},
          .ledger = {.target = target, .rows = std::move(rows), .batches = {}}};
}

runtime::LedgerRow row(const std::string& name, const std::string& component, const Cost& cost) {
  return {.name = name, .component = component, .batches = 1, .nodes = 2, .cost = cost};
}

std::string refusal(const std::string& text) {
  return test::message_of<base::DataError>([&] { (void)parse_ledger(text, "l.json"); });
}

TEST(LedgerFile, RefusesANumberOfAMinibatchThatIsTooLarge) {
  LedgerFile written = file("isaac", {});
  written.ledger.batches = {{.minibatch = 4, .name = "conv1", .nodes = 2, .cost = {}}};
  std::string text = to_json(written);
  const std::string number = "\"minibatch\":4";
  text.replace(text.find(number), number.size(), "\"minibatch\":4294967296");
  const std::string message = refusal(text);
  EXPECT_NE(message.find("minibatch: got 4294967296, expected less than 2^32"), std::string::npos)
      << message;
}

TEST(LedgerFile, ReadsWhatItWrote) {
  LedgerFile written = file("isaac", {row("conv1", "adc", {.ns = 1.5, .pj = 2, .conversions = 7}),
                                      row("conv1", "cpu", {.bytes = 3, .pj = Cost::kUnknown})});
  written.ledger.batches = {
      {.minibatch = 4, .name = "conv1", .nodes = 2, .cost = {.flit_hops = 9}}};
  const LedgerFile read = parse_ledger(to_json(written), "l.json");
  EXPECT_EQ(to_json(read), to_json(written));
  EXPECT_EQ(read.ledger.rows[0].cost.conversions, 7);
  EXPECT_TRUE(std::isnan(read.ledger.rows[1].cost.pj));
  EXPECT_EQ(read.ledger.batches[0].minibatch, 4U);
}

TEST(LedgerFile, RefusesWhatIsNoLedger) {
  EXPECT_EQ(refusal("no"), "[l.json] ledger: got no JSON, expected what --ledger writes");
  EXPECT_EQ(refusal("[]"), "[l.json] ledger: got array, expected an object");
  EXPECT_EQ(refusal("{}"), "[l.json] ledger: got nothing, expected a value");
  EXPECT_EQ(refusal(R"({"ledger":2})"), "[l.json] ledger: got version 2, expected 1");
  const std::string head = R"({"ledger":1,"target":"t","recipe":{},"batches":[],"rows":[)";
  EXPECT_EQ(refusal(head + "3]}"), "[l.json] rows[0].: got number, expected an object");
  EXPECT_EQ(refusal(head + R"({"name":"a","component":"b","batches":-1}]})"),
            "[l.json] rows[0].batches: got -1, expected a count");
  EXPECT_EQ(refusal(head + R"({"name":"a","component":"b","batches":1,"nodes":1,"ns":-2}]})"),
            "[l.json] rows[0].ns: got -2, expected a number that is not negative, or null");
}

TEST(Compare, NamesFirstWhatDiffersMost) {
  const auto a = file("a", {row("leaf", "cpu", {.ns = 10}), row("inner", "cpu", {.ns = 90})});
  const auto b = file("b", {row("leaf", "cpu", {.ns = 20}), row("inner", "cpu", {.ns = 40})});
  const Comparison comparison = compare(a, b);
  ASSERT_EQ(comparison.differences.size(), 2U);
  EXPECT_EQ(comparison.differences[0].name, "inner");
  EXPECT_EQ(comparison.differences[0].column, "ns");
  EXPECT_EQ(comparison.differences[0].share, 0.5);
  EXPECT_NE(to_text(comparison, a, b, 5).find("differ most in ns of inner, cpu: 90 in A, 40 in B"),
            std::string::npos);
}

TEST(Compare, EqualRunsHaveNoDifference) {
  const auto a = file("a", {row("leaf", "cpu", {.ns = 10, .pj = Cost::kUnknown})});
  EXPECT_TRUE(compare(a, a).differences.empty());
  EXPECT_NE(to_text(compare(a, a), a, a, 5).find("No cost differs."), std::string::npos);
}

TEST(Compare, SumsOverComponentsWhereTheMachinesHaveNoneInCommon) {
  const auto a = file("cpu", {row("leaf", "cpu", {.ns = 10})});
  const auto b = file("isaac", {row("leaf", "adc", {.ns = 2}), row("leaf", "edram", {.ns = 3})});
  const Comparison comparison = compare(a, b);
  ASSERT_EQ(comparison.differences.size(), 1U);
  EXPECT_EQ(comparison.differences[0].component, "");
  EXPECT_EQ(comparison.differences[0].b, 5);
}

TEST(Compare, LeavesOutWhatOneOfThemDoesNotKnow) {
  const auto a = file("cpu", {row("leaf", "cpu", {.pj = Cost::kUnknown})});
  const auto b = file("isaac", {row("leaf", "cpu", {.pj = 5})});
  const Comparison comparison = compare(a, b);
  EXPECT_TRUE(comparison.differences.empty());
  EXPECT_TRUE(to_json(comparison, 5)["totals"]["pj"]["a"].is_null());
}

TEST(Compare, RefusesTwoNetworks) {
  auto a = file("a", {row("leaf", "cpu", {.ns = 10})});
  auto b = file("b", {row("conv1", "adc", {.ns = 10})});
  a.recipe["model"] = "tree_lstm";
  EXPECT_EQ(test::message_of<base::DataError>([&] { (void)compare(a, b); }),
            "[compare] ledgers of different networks, which have no row in common: got tree_lstm "
            "and conv1, ..., expected two runs of one network");
}

TEST(Compare, SaysWhichKeysOfTheRecipesDiffer) {
  auto a = file("a", {});
  auto b = file("b", {});
  b.recipe["policy"] = "depth";
  b.recipe["bits"] = 8;
  EXPECT_EQ(compare(a, b).recipe,
            (std::vector<std::string>{"bits: nothing, 8", "policy: \"fsm\", \"depth\""}));
}

TEST(Compare, ARowThatOneLacksCostsNothingThere) {
  const auto a = file("a", {row("leaf", "cpu", {.ns = 10}), row("head", "cpu", {.ns = 1})});
  const auto b = file("b", {row("leaf", "cpu", {.ns = 10})});
  const Comparison comparison = compare(a, b);
  ASSERT_EQ(comparison.differences.size(), 1U);
  EXPECT_EQ(comparison.differences[0].name, "head");
  EXPECT_EQ(comparison.differences[0].b, 0);
}

}  // namespace
}  // namespace sheaf::study
