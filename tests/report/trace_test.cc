// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/trace.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/graph/small_network.h"

namespace sheaf::report {
namespace {

using nlohmann::json;
using runtime::Profile;
using runtime::Stage;

class TraceTest : public testing::Test {
 protected:
  [[nodiscard]] static json trace(std::span<const TraceLane> lanes) {
    std::string text;
    write_trace(lanes, [&](std::string_view piece) { text += piece; });
    return json::parse(text);
  }
  // The events of a lane that are slices.
  [[nodiscard]] static json slices(const json& trace) {
    json found = json::array();
    for (const json& event : trace.at("traceEvents")) {
      if (event.at("ph") == "X") found.push_back(event);
    }
    return found;
  }

  const graph::SmallNetwork small_{};
  const base::WallClock clock_{};
  Profile profile_{small_.network, clock_};
};

TEST_F(TraceTest, OfNothingIsAnObjectWithTheNamesOnly) {
  const TraceLane lane{"a \"name\" \xff", &profile_};
  const json of = trace({&lane, 1});
  EXPECT_EQ(of.at("otherData").at("dropped_slices"), 0);
  ASSERT_EQ(of.at("traceEvents").size(), 3U);
  EXPECT_EQ(of.at("traceEvents")[0].at("args").at("name"), "a \"name\" \uFFFD");
  EXPECT_EQ(trace({}).at("traceEvents").size(), 0U);
}

TEST_F(TraceTest, TimesAreMicrosecondsSinceTheFirstSlice) {
  profile_.add_stage(Stage::schedule, 5'000'001'500, 5'000'004'000);
  profile_.add_stage(Stage::plan, 5'000'004'000, 5'000'004'007);
  const TraceLane lane{"lane", &profile_};
  const json found = slices(trace({&lane, 1}));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].at("name"), "schedule");
  EXPECT_DOUBLE_EQ(found[0].at("ts"), 0);
  EXPECT_DOUBLE_EQ(found[0].at("dur"), 2.5);
  EXPECT_DOUBLE_EQ(found[1].at("ts"), 2.5);
  EXPECT_DOUBLE_EQ(found[1].at("dur"), 0.007);
}

TEST_F(TraceTest, WhatHoldsOthersComesBeforeThem) {
  profile_.begin_minibatch(3);
  profile_.add_stage(Stage::schedule, 10, 20);
  profile_.add_stage(Stage::plan, 20, 30);
  profile_.add_stage(Stage::minibatch, 10, 30);
  const TraceLane lane{"lane", &profile_};
  const json found = slices(trace({&lane, 1}));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].at("name"), "minibatch");
  EXPECT_EQ(found[0].at("args").at("minibatch"), 3);
  EXPECT_EQ(found[1].at("name"), "schedule");
  EXPECT_EQ(found[2].at("name"), "plan");
}

TEST_F(TraceTest, WhatWasBuiltAheadLiesInAThreadOfItsOwn) {
  profile_.add_stage(Stage::construct, 10, 20, true);
  profile_.add_stage(Stage::construct, 20, 30, false);
  const TraceLane lane{"lane", &profile_};
  const json found = slices(trace({&lane, 1}));
  EXPECT_EQ(found[0].at("tid"), 2);
  EXPECT_EQ(found[1].at("tid"), 1);
}

TEST_F(TraceTest, ABatchIsNamedAfterItsTypeAndSaysWhatItDid) {
  memory_plan::MemoryPlan plan;
  plan.batches = {{graph::SmallNetwork::kPair, 4, 0, 0, 0}};
  using Kind = memory_plan::InputPlan::Kind;
  plan.inputs = {{Kind::gathered, 0}, {Kind::in_place, 0}};
  profile_.add_batch(plan, 0, 100, 160);
  const TraceLane lane{"lane", &profile_};
  const json found = slices(trace({&lane, 1}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].at("name"), "pair");
  const json& arguments = found[0].at("args");
  EXPECT_EQ(arguments.at("cell"), "pair");
  EXPECT_EQ(arguments.at("rows"), 4);
  EXPECT_EQ(arguments.at("gathered_bytes"), 4 * 3 * 4);  // four rows of three floats
  EXPECT_EQ(arguments.at("flops"), 4 * 2 * 3 * 5);
  EXPECT_DOUBLE_EQ(arguments.at("gflops_per_s"), 2.0);
}

TEST_F(TraceTest, LanesAreProcessesAndDroppedSlicesAreCounted) {
  Profile small(small_.network, clock_, 0);
  small.add_stage(Stage::read, 0, 1);
  small.add_stage(Stage::read, 1, 2);
  const TraceLane lanes[] = {{"one", &profile_}, {"two", &small}};
  const json of = trace(lanes);
  EXPECT_EQ(of.at("otherData").at("dropped_slices"), 2);
  EXPECT_EQ(of.at("traceEvents")[3].at("pid"), 2);
  EXPECT_EQ(of.at("traceEvents")[3].at("args").at("name"), "two");
}

// Longer than what is handed on at once.
TEST_F(TraceTest, IsHandedOnInPiecesThatMakeOneText) {
  for (std::uint64_t i = 0; i < 5'000; ++i) profile_.add_stage(Stage::read, i, i + 1);
  const TraceLane lane{"lane", &profile_};
  std::size_t pieces = 0;
  std::string text;
  write_trace({&lane, 1}, [&](std::string_view piece) {
    ++pieces;
    text += piece;
  });
  EXPECT_GT(pieces, 3U);
  EXPECT_EQ(slices(json::parse(text)).size(), 5'000U);
}

}  // namespace
}  // namespace sheaf::report
