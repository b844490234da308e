// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/cost_file.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sheaf/base/error.h"
#include "sheaf/memory_plan/lower.h"
#include "tests/message_of.h"

namespace sheaf::engine {
namespace {

const CostKey kKey{"some processor", "avx2", "1.2"};
constexpr const char* kA = "00000000000000aa";
constexpr const char* kB = "00000000000000bb";

CostFile some_file() {
  batching::CostTable costs;
  costs.types = {{{{1, 2, 4}, {10.5, 12, 20}}, 3.25}, {{{1}, {7}}, 0}};
  return {kKey, {{{"leaf", "node"}, {kA, kB}, costs}}};
}

class CostFileText : public testing::Test {
 protected:
  CostFileText() : json_(nlohmann::json::parse(to_json(some_file()))) {}

  [[nodiscard]] std::string refusal() const { return refusal_of(json_.dump()); }
  [[nodiscard]] static std::string refusal_of(const std::string& text) {
    return test::message_of<base::ConfigError>(
        [&] { static_cast<void>(parse_cost_file(text, "f", kKey)); });
  }
  nlohmann::json& type() { return json_["networks"][0]["types"][0]; }

  nlohmann::json json_;
};

TEST_F(CostFileText, ComesBack) {
  const CostFile file = parse_cost_file(to_json(some_file()), "f", kKey);
  EXPECT_EQ(file.key, kKey);
  ASSERT_EQ(file.networks.size(), 1U);
  EXPECT_EQ(file.networks[0].names, (std::vector<std::string>{"leaf", "node"}));
  EXPECT_EQ(file.networks[0].cells, (std::vector<std::string>{kA, kB}));
  const auto& types = file.networks[0].costs.types;
  ASSERT_EQ(types.size(), 2U);
  EXPECT_EQ(types[0].batch.rows, (std::vector<std::uint32_t>{1, 2, 4}));
  EXPECT_EQ(types[0].batch.ns, (std::vector<double>{10.5, 12, 20}));
  EXPECT_EQ(types[0].switch_ns, 3.25);
  EXPECT_NO_THROW(file.networks[0].costs.verify());
}

TEST_F(CostFileText, RefusesWhatIsNoJson) {
  EXPECT_TRUE(refusal_of("{").starts_with("[f] not a cost file: got ")) << refusal_of("{");
  EXPECT_EQ(refusal_of("[]"), "[f] cost file: got array, expected an object");
}

TEST_F(CostFileText, NamesAMissingKey) {
  json_.erase("isa");
  EXPECT_EQ(refusal(), "[f] missing key: got none, expected 'isa'");
}

TEST_F(CostFileText, NamesAnUnknownKey) {
  type()["row"] = 1;
  EXPECT_EQ(refusal(), "[f: networks[0].types[0]] unknown key: got 'row'; did you mean 'rows'?");
}

TEST_F(CostFileText, NamesAnotherFormat) {
  json_["format"] = "sheaf-costs-9";
  EXPECT_EQ(refusal(), "[f] format: got \"sheaf-costs-9\", expected sheaf-costs-1");
}

TEST_F(CostFileText, NamesAnotherMachine) {
  json_["isa"] = "avx512";
  EXPECT_EQ(refusal(),
            "[f] measured on: got some processor, avx512, 1.2, expected some processor, avx2, 1.2; "
            "run sheaf calibrate here");
}

TEST_F(CostFileText, NamesAKeyOfAnotherKind) {
  json_["cpu"] = 7;
  EXPECT_TRUE(refusal().starts_with("[f] not a cost file: got ")) << refusal();
}

TEST_F(CostFileText, NamesListsThatAreNone) {
  type()["rows"] = 1;
  EXPECT_EQ(refusal(), "[f: networks[0].types[0]] rows: got number, expected a list");
  type()["rows"] = {1, 2, 4};
  type()["ns"] = "x";
  EXPECT_EQ(refusal(), "[f: networks[0].types[0]] ns: got string, expected a list");
  json_["networks"][0]["types"] = 1;
  EXPECT_EQ(refusal(), "[f: networks[0]] types: got number, expected a list");
  json_["networks"] = 1;
  EXPECT_EQ(refusal(), "[f] networks: got number, expected a list");
}

TEST_F(CostFileText, NamesRowsThatDoNotGrowFromOne) {
  const auto message = [](const std::string& got) {
    return "[f: networks[0].types[0]] rows: got " + got +
           ", expected numbers that grow from 1, at most 1048576";
  };
  type()["rows"] = {2, 3, 4};
  EXPECT_EQ(refusal(), message("2"));
  type()["rows"] = {1, 4, 4};
  EXPECT_EQ(refusal(), message("4"));
  type()["rows"] = {1, 2.5, 4};
  EXPECT_EQ(refusal(), message("2.5"));
  type()["rows"] = {1, 2, 1U << 21U};
  EXPECT_EQ(refusal(), message("2097152"));
}

TEST_F(CostFileText, NamesTimesThatAreNone) {
  type()["ns"] = {10, -1, 20};
  EXPECT_EQ(refusal(), "[f: networks[0].types[0]] ns: got -1, expected a time in ns");
  type()["ns"] = {10, "x", 20};
  EXPECT_EQ(refusal(), "[f: networks[0].types[0]] ns: got \"x\", expected a time in ns");
  type()["ns"] = {10, 12, 20};
  type()["switch_ns"] = -2;
  EXPECT_EQ(refusal(), "[f: networks[0].types[0]] switch_ns: got -2, expected a time in ns");
}

TEST_F(CostFileText, NamesTimesAndRowsOfDifferentNumber) {
  type()["ns"] = {10, 12};
  EXPECT_EQ(refusal(),
            "[f: networks[0].types[0]] times: got 2, expected one for each of 1 or more numbers of "
            "rows: 3");
}

TEST_F(CostFileText, NamesAHashThatIsNone) {
  type()["cell"] = "xyz";
  EXPECT_EQ(refusal(),
            "[f: networks[0].types[0]] cell: got \"xyz\", expected 16 hexadecimal digits");
}

TEST(CostFile, FindsTheNetworkWithTheSameCells) {
  const CostFile file = some_file();
  EXPECT_NE(file.find(std::vector<std::string>{kA, kB}), nullptr);
  EXPECT_EQ(file.find(std::vector<std::string>{kB, kA}), nullptr);
  EXPECT_EQ(file.find(std::vector<std::string>{kA}), nullptr);
}

TEST(CostFile, PutReplacesTheNetworkWithTheSameCells) {
  CostFile file = some_file();
  NetworkCosts again = file.networks[0];
  again.costs.types[0].switch_ns = 99;
  file.put(again);
  ASSERT_EQ(file.networks.size(), 1U);
  EXPECT_EQ(file.find(again.cells)->types[0].switch_ns, 99);
  again.cells = {kB, kA};
  file.put(again);
  EXPECT_EQ(file.networks.size(), 2U);
}

std::string hash_of(const std::string& name, std::uint32_t width, const char* op = "sigmoid") {
  graph::CellBuilder cell(name);
  const auto x = cell.input("x", width);
  cell.output(std::string_view(op) == "sigmoid" ? sigmoid(x) : tanh(x));
  return cell_hash(memory_plan::lower(cell.build()));
}

TEST(CellHash, DependsOnStructureAndWidthsOnly) {
  EXPECT_EQ(hash_of("one", 8), hash_of("other", 8));
  EXPECT_NE(hash_of("one", 8), hash_of("one", 16));
  EXPECT_NE(hash_of("one", 8), hash_of("one", 8, "tanh"));
  EXPECT_EQ(hash_of("one", 8).size(), 16U);
}

TEST(CostKey, NamesTheKernelsThatRun) {
  EXPECT_EQ(cost_key("reference", "3").isa, "reference");
  EXPECT_EQ(cost_key("reference", "3").version, "3");
  EXPECT_NE(cost_key("auto", "3").isa, "auto");
  EXPECT_NE(cost_key("auto", "3").cpu, "");
}

}  // namespace
}  // namespace sheaf::engine
