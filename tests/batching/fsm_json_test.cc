// SPDX-License-Identifier: Apache-2.0
//
// The file of a learned policy, and everything that is refused in one.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/batching/fsm_table.h"
#include "tests/message_of.h"

namespace sheaf::batching {
namespace {

const std::vector<std::string> kTypes = {"leaf", "node", "head"};

FsmTable parse(const std::string& text) { return parse_fsm_table(text, "p.json", kTypes); }

std::string refusal(const std::string& text) {
  return test::message_of<base::ConfigError>([&] { (void)parse(text); });
}

// A policy file with these states.
std::string with_states(const std::string& states) {
  return R"({"format": "sheaf-fsm-1", "encoding": "sort", "types": ["leaf", "node", "head"],
             "states": )" +
         states + "}";
}

FsmTable small_table() {
  FsmTable table{.encoding = StateEncoding::max, .type_names = kTypes, .states = {}};
  table.states[StateKey{1, 2, 2}] = {1, -2.5F};
  table.states[StateKey{0, 0}] = {0, -0.1F};
  return table;
}

TEST(FsmJson, TextIsPinnedAndItsStatesAreSorted) {
  EXPECT_EQ(to_json(FsmTable{.encoding = StateEncoding::base,
                             .type_names = {"a", "b"},
                             .states = {{StateKey{1}, {1, -2}}, {StateKey{0, 1}, {1, -2.5F}}}}),
            R"({
 "format": "sheaf-fsm-1",
 "encoding": "base",
 "types": [
  "a",
  "b"
 ],
 "states": [
  {
   "ready": [
    "a",
    "b"
   ],
   "run": "b",
   "value": -2.5
  },
  {
   "ready": [
    "b"
   ],
   "run": "b",
   "value": -2.0
  }
 ]
}
)");
}

TEST(FsmJson, ATableIsReadAsItWasWritten) {
  const FsmTable table = small_table();
  const FsmTable read = parse(to_json(table));
  EXPECT_EQ(read.encoding, StateEncoding::max);
  EXPECT_EQ(read.type_names, kTypes);
  ASSERT_EQ(read.states.size(), 2U);
  for (const auto& [key, state] : table.states) {
    ASSERT_TRUE(read.states.contains(key));
    EXPECT_EQ(read.states.at(key).action, state.action);
    EXPECT_EQ(read.states.at(key).value, state.value);
  }
}

TEST(FsmJson, ATableWithoutStatesIsReadAsItWasWritten) {
  const FsmTable read = parse(to_json(FsmTable{.type_names = kTypes, .states = {}}));
  EXPECT_EQ(read.encoding, StateEncoding::sort);
  EXPECT_TRUE(read.states.empty());
}

TEST(FsmTable, ActionOfAnUnknownStateIsNone) {
  EXPECT_EQ(small_table().action(StateKey{0, 0}), 0U);
  EXPECT_EQ(small_table().action(StateKey{0}), std::nullopt);
}

TEST(FsmJson, MessageNamesAFileThatIsNoObject) {
  EXPECT_EQ(refusal("[1]"), "[p.json] policy: got array, expected an object");
  EXPECT_EQ(refusal("null"), "[p.json] policy: got null, expected an object");
}

TEST(FsmJson, MessageNamesAStateThatIsNoObject) {
  EXPECT_EQ(refusal(with_states("[3]")),
            "[p.json: states[0]] policy: got number, expected an object");
}

TEST(FsmJson, MessageNamesEveryMissingKey) {
  EXPECT_EQ(refusal("{}"), "[p.json] missing key: got none, expected 'format'");
  EXPECT_EQ(refusal(R"({"format": 1})"), "[p.json] missing key: got none, expected 'encoding'");
  EXPECT_EQ(refusal(R"({"format": 1, "encoding": 1})"),
            "[p.json] missing key: got none, expected 'types'");
  EXPECT_EQ(refusal(R"({"format": 1, "encoding": 1, "types": 1})"),
            "[p.json] missing key: got none, expected 'states'");
}

TEST(FsmJson, MessageNamesEveryMissingKeyOfAState) {
  EXPECT_EQ(refusal(with_states(R"([{"ready": ["leaf"], "run": "leaf", "value": 0}, {}])")),
            "[p.json: states[1]] missing key: got none, expected 'ready'");
  EXPECT_EQ(refusal(with_states(R"([{"ready": ["leaf"]}])")),
            "[p.json: states[0]] missing key: got none, expected 'run'");
  EXPECT_EQ(refusal(with_states(R"([{"ready": ["leaf"], "run": "leaf"}])")),
            "[p.json: states[0]] missing key: got none, expected 'value'");
}

TEST(FsmJson, MessageSuggestsTheNearestKey) {
  EXPECT_EQ(refusal(R"({"format": 1, "encoding": 1, "types": 1, "states": 1, "stats": 1})"),
            "[p.json] unknown key: got 'stats'; did you mean 'states'?");
  EXPECT_EQ(refusal(with_states(R"([{"ready": [], "run": "leaf", "value": 0, "vaule": 0}])")),
            "[p.json: states[0]] unknown key: got 'vaule'; did you mean 'value'?");
}

TEST(FsmJson, MessageNamesAnotherFormat) {
  EXPECT_EQ(refusal(R"({"format": "sheaf-fsm-2", "encoding": "sort", "types": [], "states": []})"),
            R"([p.json] format: got "sheaf-fsm-2", expected sheaf-fsm-1)");
}

TEST(FsmJson, MessageNamesTheTypesOfAnotherModel) {
  EXPECT_EQ(refusal(R"({"format": "sheaf-fsm-1", "encoding": "sort", "types": ["leaf", "head"],
                        "states": []})"),
            R"([p.json] batch types: got ["leaf","head"], expected ["leaf","node","head"]; )"
            "the policy was learned for another model");
}

TEST(FsmJson, MessageSuggestsTheNearestBatchType) {
  EXPECT_EQ(refusal(with_states(R"([{"ready": ["haed"], "run": "head", "value": 0}])")),
            "[p.json: states[0]] unknown batch type: got 'haed'; did you mean 'head'?");
  EXPECT_EQ(refusal(with_states(R"([{"ready": ["head"], "run": "nod", "value": 0}])")),
            "[p.json: states[0]] unknown batch type: got 'nod'; did you mean 'node'?");
}

TEST(FsmJson, MessageNamesATypeToRunThatIsNotReady) {
  EXPECT_EQ(refusal(with_states(R"([{"ready": ["leaf", "node"], "run": "head", "value": 0}])")),
            "[p.json: states[0]] type to run: got 'head', expected one of the ready types");
}

// The middle of these messages is what the JSON library says.
void expect_no_policy_file(const std::string& text) {
  const std::string message = refusal(text);
  const std::string head = "[p.json] not a policy file: got [json.exception.";
  const std::string tail = ", expected JSON written by sheaf learn";
  EXPECT_TRUE(message.starts_with(head)) << text << "\n" << message;
  EXPECT_TRUE(message.ends_with(tail)) << text << "\n" << message;
}

TEST(FsmJson, MessageNamesTextThatIsNoJson) {
  expect_no_policy_file("");
  expect_no_policy_file("{");
  expect_no_policy_file(with_states("[]") + "}");
}

TEST(FsmJson, MessageNamesValuesOfTheWrongKind) {
  expect_no_policy_file(R"({"format": "sheaf-fsm-1", "encoding": 3, "types": [], "states": []})");
  expect_no_policy_file(
      R"({"format": "sheaf-fsm-1", "encoding": "sort", "types": [3], "states": []})");
  expect_no_policy_file(with_states(R"([{"ready": [1], "run": "leaf", "value": 0}])"));
  expect_no_policy_file(with_states(R"([{"ready": ["leaf"], "run": 1, "value": 0}])"));
  expect_no_policy_file(with_states(R"([{"ready": ["leaf"], "run": "leaf", "value": "low"}])"));
}

TEST(FsmJson, MessageNamesJsonThatIsNestedTooDeeply) {
  EXPECT_EQ(refusal(std::string(100'000, '[')),
            "[p.json] not a policy file: got JSON nested deeper than 64 levels, expected JSON "
            "written by sheaf learn");
}

TEST(FsmJson, MessageSuggestsTheNearestEncoding) {
  EXPECT_EQ(refusal(R"({"format": "sheaf-fsm-1", "encoding": "srt", "types": [], "states": []})"),
            "[p.json] unknown state encoding: got 'srt'; did you mean 'sort'?");
}

TEST(FsmJson, MessageNamesStatesThatAreNoList) {
  EXPECT_EQ(refusal(with_states("{}")), "[p.json] states: got object, expected a list");
  EXPECT_EQ(refusal(with_states("null")), "[p.json] states: got null, expected a list");
  EXPECT_EQ(refusal(with_states("7")), "[p.json] states: got number, expected a list");
}

TEST(FsmJson, MessageNamesAValueThatIsNotFinite) {
  EXPECT_EQ(refusal(with_states(R"([{"ready": ["leaf"], "run": "leaf", "value": 1e300}])")),
            "[p.json: states[0]] value: got 1e+300, expected a finite float32");
}

TEST(FsmJson, MessageNamesReadyTypesThatAreNoList) {
  EXPECT_EQ(refusal(with_states(R"([{"ready": "leaf", "run": "leaf", "value": 0}])")),
            "[p.json: states[0]] ready: got string, expected a list");
}

}  // namespace
}  // namespace sheaf::batching
