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

FsmTable parse(const std::string& text) { return parse_fsm_table(text, "p.json"); }

std::string refusal(const std::string& text) {
  return test::message_of<base::ConfigError>([&] { (void)parse(text); });
}

// A policy file with these states.
std::string with_states(const std::string& states) {
  return R"({"format": "sheaf-fsm-2", "model": "tree", "encoding": "sort",
             "types": ["leaf", "node", "head"], "history": [], "states": )" +
         states + "}";
}

// A policy file with this history.
std::string with_history(const std::string& history) {
  return R"({"format": "sheaf-fsm-2", "model": "tree", "encoding": "sort",
             "types": ["leaf", "node", "head"], "states": [], "history": )" +
         history + "}";
}

// A policy file of these values for the keys `encoding` and `types`.
std::string with(const std::string& encoding, const std::string& types) {
  return R"({"format": "sheaf-fsm-2", "model": "tree", "encoding": )" + encoding +
         R"(, "types": )" + types + R"(, "history": [], "states": []})";
}

FsmTable small_table() {
  FsmTable table{.encoding = StateEncoding::max, .type_names = kTypes, .states = {}};
  table.states[StateKey{1, 2, 2}] = {1, -2.5F, {{1, -2.5F}, {2, -3}}};
  table.states[StateKey{0, 0}] = {0, -0.1F};
  return table;
}

TEST(FsmJson, TextIsPinnedAndItsStatesAreSorted) {
  EXPECT_EQ(to_json(FsmTable{.encoding = StateEncoding::base,
                             .model = "tree",
                             .type_names = {"a", "b"},
                             .states = {{StateKey{1}, {1, -2}},
                                        {StateKey{0, 1}, {1, -2.5F, {{0, -3}, {1, -2.5F}}}}},
                             .history = {{.data = "d", .instances = 2, .teacher = "critical"}}}),
            R"({
 "format": "sheaf-fsm-2",
 "model": "tree",
 "encoding": "base",
 "types": [
  "a",
  "b"
 ],
 "history": [
  {
   "data": "d",
   "instances": 2,
   "nodes": 0,
   "trials": 0,
   "batches": 0,
   "lower_bound": 0,
   "teacher": "critical"
  }
 ],
 "states": [
  {
   "ready": [
    "a",
    "b"
   ],
   "run": "b",
   "value": -2.5,
   "q": {
    "a": -3.0,
    "b": -2.5
   }
  },
  {
   "ready": [
    "b"
   ],
   "run": "b",
   "value": -2.0,
   "q": {}
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
    EXPECT_EQ(read.states.at(key).tried, state.tried);
  }
}

TEST(FsmJson, ModelAndHistoryAreReadAsTheyWereWritten) {
  FsmTable table = small_table();
  table.model = "tree_lstm";
  table.history = {{"trees.txt", 32, 1200, 50, 70, 69, ""}, {"more", 8, 300, 1000, 40, 39, "beam"}};
  const FsmTable read = parse(to_json(table));
  EXPECT_EQ(read.model, "tree_lstm");
  EXPECT_EQ(read.history, table.history);
}

TEST(FsmJson, APhaseIsReadAsItWasWritten) {
  FsmTable table{.encoding = StateEncoding::phase, .type_names = kTypes, .states = {}};
  table.states[StateKey{2, 1, kPhaseSymbol + 7}] = {1, -4};
  const FsmTable read = parse(to_json(table));
  ASSERT_TRUE(read.states.contains(StateKey{2, 1, kPhaseSymbol + 7}));
  EXPECT_EQ(read.states.begin()->second.action, 1U);
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
  std::string text = R"({"format": "sheaf-fsm-2")";
  for (const std::string key : {"model", "encoding", "types", "history", "states"}) {
    EXPECT_EQ(refusal(text + "}"), "[p.json] missing key: got none, expected '" + key + "'");
    text += ", \"" + key + "\": 1";
  }
}

TEST(FsmJson, MessageNamesEveryMissingKeyOfAState) {
  EXPECT_EQ(
      refusal(with_states(R"([{"ready": ["leaf"], "run": "leaf", "value": 0, "q": {}}, {}])")),
      "[p.json: states[1]] missing key: got none, expected 'ready'");
  EXPECT_EQ(refusal(with_states(R"([{"ready": ["leaf"]}])")),
            "[p.json: states[0]] missing key: got none, expected 'run'");
  EXPECT_EQ(refusal(with_states(R"([{"ready": ["leaf"], "run": "leaf"}])")),
            "[p.json: states[0]] missing key: got none, expected 'value'");
  EXPECT_EQ(refusal(with_states(R"([{"ready": ["leaf"], "run": "leaf", "value": 0}])")),
            "[p.json: states[0]] missing key: got none, expected 'q'");
}

TEST(FsmJson, MessageSuggestsTheNearestKey) {
  EXPECT_EQ(
      refusal(R"({"format": "sheaf-fsm-2", "model": "", "encoding": 1, "types": 1, "history": [],
                        "states": 1, "stats": 1})"),
      "[p.json] unknown key: got 'stats'; did you mean 'states'?");
  EXPECT_EQ(
      refusal(with_states(R"([{"ready": [], "run": "leaf", "value": 0, "q": {}, "vaule": 0}])")),
      "[p.json: states[0]] unknown key: got 'vaule'; did you mean 'value'?");
}

TEST(FsmJson, MessageNamesAnotherVersion) {
  EXPECT_EQ(refusal(R"({"format": "sheaf-fsm-1", "encoding": "sort", "types": [], "states": []})"),
            R"([p.json] format: got "sheaf-fsm-1", expected sheaf-fsm-2; learn the policy again)");
}

std::string misfit(const FsmTable& table) {
  return test::message_of<base::ConfigError>(
      [&] { require_model(table, "p.json", "tree_lstm", kTypes); });
}

TEST(RequireModel, AcceptsATableOfThisModel) {
  FsmTable table = small_table();
  EXPECT_NO_THROW(
      require_model(table, "p.json", "tree_lstm", kTypes));  // of no model in particular
  table.model = "tree_lstm";
  EXPECT_NO_THROW(require_model(table, "p.json", "tree_lstm", kTypes));
}

TEST(RequireModel, MessageNamesAnotherModel) {
  FsmTable table = small_table();
  table.model = "tree_gru";
  EXPECT_EQ(misfit(table),
            "[p.json] a policy of model: got 'tree_gru', expected 'tree_lstm'; learn "
            "one for this model");
}

TEST(RequireModel, MessageNamesTheTypesOfAnotherModel) {
  EXPECT_EQ(misfit(FsmTable{.type_names = {"leaf", "head"}, .states = {}}),
            R"([p.json] batch types: got ["leaf","head"], expected ["leaf","node","head"]; )"
            "the policy was learned for another model");
}

TEST(FsmJson, MessageSuggestsTheNearestBatchType) {
  EXPECT_EQ(refusal(with_states(R"([{"ready": ["haed"], "run": "head", "value": 0, "q": {}}])")),
            "[p.json: states[0]] unknown batch type: got 'haed'; did you mean 'head'?");
  EXPECT_EQ(refusal(with_states(R"([{"ready": ["head"], "run": "nod", "value": 0, "q": {}}])")),
            "[p.json: states[0]] unknown batch type: got 'nod'; did you mean 'node'?");
}

TEST(FsmJson, MessageNamesATypeToRunThatIsNotReady) {
  EXPECT_EQ(
      refusal(with_states(R"([{"ready": ["leaf", "node"], "run": "head", "value": 0, "q": {}}])")),
      "[p.json: states[0]] type to run: got 'head', expected one of the ready types");
}

// The middle of these messages is what the JSON library says.
void expect_no_policy_file(const std::string& text) {
  const std::string message = refusal(text);
  const std::string head = "[p.json] not a policy file: got ";
  const std::string tail = ", expected JSON written by sheaf learn";
  EXPECT_TRUE(message.starts_with(head)) << text << "\n" << message;
  EXPECT_TRUE(message.ends_with(tail)) << text << "\n" << message;
  EXPECT_EQ(message.find("json.exception"), std::string::npos) << message;
}

TEST(FsmJson, MessageNamesTextThatIsNoJson) {
  expect_no_policy_file("");
  expect_no_policy_file("{");
  expect_no_policy_file(with_states("[]") + "}");
}

TEST(FsmJson, MessageNamesAFileThatIsTruncatedAnywhere) {
  const std::string text =
      to_json(FsmTable{.model = "tree",
                       .type_names = kTypes,
                       .states = {{StateKey{0, 1}, {1, -2.5F, {{0, -3}, {1, -2.5F}}}}},
                       .history = {{.data = "d", .instances = 2, .teacher = "critical"}}});
  static_cast<void>(parse(text));
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    expect_no_policy_file(text.substr(0, size));
  }
}

TEST(FsmJson, MessageNamesNotANumber) {
  for (const std::string number : {"NaN", "nan", "Infinity", "-Infinity"}) {
    expect_no_policy_file(
        with_states(R"([{"ready": ["leaf"], "run": "leaf", "q": {}, "value": )" + number + "}]"));
  }
}

TEST(FsmJson, MessageNamesValuesOfTheWrongKind) {
  expect_no_policy_file(with("3", "[]"));
  expect_no_policy_file(with("\"sort\"", "[3]"));
  expect_no_policy_file(with_states(R"([{"ready": [1], "run": "leaf", "value": 0, "q": {}}])"));
  expect_no_policy_file(with_states(R"([{"ready": ["leaf"], "run": 1, "value": 0, "q": {}}])"));
}

TEST(FsmJson, MessageNamesJsonThatIsNestedTooDeeply) {
  EXPECT_EQ(refusal(std::string(100'000, '[')),
            "[p.json] not a policy file: got JSON nested deeper than 64 levels, expected JSON "
            "written by sheaf learn");
}

TEST(FsmJson, MessageSuggestsTheNearestEncoding) {
  EXPECT_EQ(refusal(with("\"srt\"", "[]")),
            "[p.json] unknown state encoding: got 'srt'; did you mean 'sort'?");
}

TEST(FsmJson, MessageNamesStatesThatAreNoList) {
  EXPECT_EQ(refusal(with_states("{}")), "[p.json] states: got object, expected a list");
  EXPECT_EQ(refusal(with_states("null")), "[p.json] states: got null, expected a list");
  EXPECT_EQ(refusal(with_states("7")), "[p.json] states: got number, expected a list");
}

TEST(FsmJson, MessageNamesAValueThatIsNoFiniteNumber) {
  for (const auto& [text, shown] :
       {std::pair{"1e300", "1e+300"}, {"null", "null"}, {"true", "true"}, {"\"low\"", "\"low\""}}) {
    const std::string end = std::string(", expected a finite float32");
    EXPECT_EQ(refusal(with_states(R"([{"ready": ["leaf"], "run": "leaf", "q": {}, "value": )" +
                                  std::string(text) + "}]")),
              std::string("[p.json: states[0]] value: got ") + shown + end);
    EXPECT_EQ(
        refusal(with_states(R"([{"ready": ["leaf"], "run": "leaf", "value": 0, "q": {"leaf": )" +
                            std::string(text) + "}}]")),
        std::string("[p.json: states[0]] q of leaf: got ") + shown + end);
  }
}

TEST(FsmJson, MessageNamesAQValueOfATypeThatIsNotReady) {
  EXPECT_EQ(
      refusal(with_states(R"([{"ready": ["leaf"], "run": "leaf", "value": 0, "q": {"head": 1}}])")),
      "[p.json: states[0]] type to run: got 'head', expected one of the ready types");
  EXPECT_EQ(refusal(with_states(R"([{"ready": ["leaf"], "run": "leaf", "value": 0, "q": []}])")),
            "[p.json: states[0]] q: got array, expected an object");
}

TEST(FsmJson, MessageNamesAPhaseBeyondTheLast) {
  for (const char* phase : {"8", "-1", "\"x\"", "1.5"}) {
    EXPECT_EQ(refusal(R"({"format": "sheaf-fsm-2", "model": "", "encoding": "phase",
                          "types": ["leaf"], "history": [], "states": [
                          {"ready": ["leaf"], "run": "leaf", "value": 0, "q": {}, "phase": )" +
                      std::string(phase) + "}]}"),
              std::string("[p.json: states[0]] phase: got ") + phase + ", expected 0 to 7");
  }
}

TEST(FsmJson, MessageNamesAHistoryThatIsBroken) {
  EXPECT_EQ(refusal(with_history("3")), "[p.json] history: got number, expected a list");
  EXPECT_EQ(refusal(with_history("[{}]")),
            "[p.json: history[0]] missing key: got none, expected 'data'");
  EXPECT_EQ(refusal(with_history(R"([{"data": "", "instances": -1, "nodes": 1, "trials": 1,
                                      "batches": 1, "lower_bound": 1, "teacher": ""}])")),
            "[p.json: history[0]] instances: got -1, expected a count");
}

TEST(FsmJson, MessageNamesReadyTypesThatAreNoList) {
  EXPECT_EQ(refusal(with_states(R"([{"ready": "leaf", "run": "leaf", "value": 0, "q": {}}])")),
            "[p.json: states[0]] ready: got string, expected a list");
}

}  // namespace
}  // namespace sheaf::batching
