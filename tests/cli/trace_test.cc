// SPDX-License-Identifier: Apache-2.0
//
// What --trace writes: read back as a viewer reads it.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "tests/cli/tool.h"

namespace sheaf::test {
namespace {

using nlohmann::json;

struct Span {
  double begin;
  double end;
};

class Trace : public Cli {
 protected:
  [[nodiscard]] json trace_of(const Arguments& arguments) const {
    const std::string path = folder_.path("trace.json");
    static_cast<void>(sheaf_output(arguments + Arguments{"--trace", path}));
    return json_of(path);
  }

  // The slices of a process, by name.
  [[nodiscard]] static std::map<std::string, std::vector<Span>> slices(const json& trace,
                                                                       const std::string& category,
                                                                       int process = 1) {
    std::map<std::string, std::vector<Span>> found;
    for (const json& event : trace.at("traceEvents")) {
      if (event.at("ph") != "X" || event.at("cat") != category || event.at("pid") != process) {
        continue;
      }
      const double begin = event.at("ts");
      const double duration = event.at("dur");
      found[event.at("name")].push_back({begin, begin + duration});
    }
    return found;
  }

  // Every one of `inner` lies within one of `outer`, but for the rounding of the file.
  static void expect_within(const std::vector<Span>& inner, const std::vector<Span>& outer) {
    constexpr double kRounding = 0.0015;
    for (const Span& span : inner) {
      bool found = false;
      for (const Span& holder : outer) {
        found =
            found || (holder.begin <= span.begin + kRounding && span.end <= holder.end + kRounding);
      }
      EXPECT_TRUE(found) << span.begin << " to " << span.end;
    }
  }

  const Arguments run_ = {
      "run",      "--model", "tree_lstm", "--data", "random:trees,n=20,leaves=4",
      "--hidden", "16",      "--batch",   "8"};
};

TEST_F(Trace, OfARunHasEveryStageOnceAMinibatchAndBatchesWithinExecute) {
  const json trace = trace_of(run_);
  const auto stages = slices(trace, "stage");
  for (const char* stage : {"minibatch", "construct", "schedule", "plan", "execute", "read"}) {
    ASSERT_TRUE(stages.contains(stage)) << stage;
    EXPECT_EQ(stages.at(stage).size(), 3U) << stage;
    expect_within(stages.at(stage), stages.at("minibatch"));
  }
  const auto batches = slices(trace, "batch");
  std::set<std::string> names;
  for (const auto& [name, spans] : batches) {
    names.insert(name);
    expect_within(spans, stages.at("execute"));
  }
  EXPECT_EQ(names, (std::set<std::string>{"leaf", "node", "head"}));
}

TEST_F(Trace, RowsAndFlopsAddUpToThoseOfTheGraphs) {
  const json figures = bench({"--model", "tree_lstm", "--data", "random:trees,n=20,leaves=4",
                              "--hidden", "16", "--batch", "8"});
  double rows = 0;
  double flops = 0;
  double gathered = 0;
  const json trace = trace_of(run_);
  for (const json& event : trace.at("traceEvents")) {
    if (event.at("ph") != "X" || event.at("cat") != "batch") continue;
    rows += event.at("args").at("rows").get<double>();
    flops += event.at("args").at("flops").get<double>();
    gathered += event.at("args").at("gathered_bytes").get<double>();
  }
  EXPECT_EQ(rows, figures.at("nodes"));
  EXPECT_DOUBLE_EQ(flops / 20, figures.at("flops"));
  EXPECT_EQ(gathered, figures.at("copied_bytes"));
}

TEST_F(Trace, WithTwoThreadsGraphsAreBuiltAheadAndOutputsStay) {
  const json trace = trace_of(run_ + Arguments{"--threads", "2"});
  EXPECT_EQ(slices(trace, "stage").at("construct").size(), 3U);
  int ahead = 0;
  for (const json& event : trace.at("traceEvents")) {
    ahead += event.at("ph") == "X" && event.at("tid") == 2;
  }
  EXPECT_EQ(ahead, 2);  // the first has nothing to be built beside
  EXPECT_EQ(sheaf_output(run_ + Arguments{"--threads", "2"}), sheaf_output(run_));
}

TEST_F(Trace, OfTheTaggerIsWrittenToo) {
  if (!has_jieba()) GTEST_SKIP() << kNoJieba;
  const json trace = trace_of({"tag", folder_.write("text", "我爱北京\n")});
  EXPECT_EQ(slices(trace, "stage").at("execute").size(), 1U);
}

TEST_F(Trace, IntoAMissingFolderIsRefusedBeforeAnythingRuns) {
  expect_refusal(run_ + Arguments{"--trace", folder_.path("missing/t")}, 74,
                 "IoError: [D/missing/t] cannot write: got no folder 'D/missing'; make it first");
}

}  // namespace
}  // namespace sheaf::test
